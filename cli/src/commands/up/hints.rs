//! Commands that a person may try, with a request that this mesh allows.

use std::fmt;
use std::path::PathBuf;

use mesh_ir::{Access, AccessRule, Mesh, RequestMatch, Scope, Who};

use super::topology::{Placed, Topology};

/// What a person may type. `Display` prints it.
pub(super) struct Hints<'a> {
    /// This program, as it was called.
    pub(super) program: String,
    /// The directory of intents.
    pub(super) path: PathBuf,
    /// The state directory.
    pub(super) state_dir: PathBuf,
    /// A request that is let in, if an entry names one outright.
    pub(super) call: Option<Call<'a>>,
}

/// A request that an `allow` entry names outright.
pub(super) struct Call<'a> {
    caller: &'a Placed,
    method: String,
    host: String,
    path: String,
}

impl fmt::Display for Hints<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            program,
            path,
            state_dir,
            call,
        } = self;
        writeln!(f, "\nTry it:")?;
        if let Some(Call {
            caller,
            method,
            host,
            path: target,
        }) = call
        {
            let flag = match method.as_str() {
                "GET" => String::new(),
                other => format!("-X {other} "),
            };
            let outbound = caller.outbound;
            writeln!(
                f,
                "  curl {flag}-H 'Host: {host}' http://{outbound}{target}"
            )?;
            let (path, from) = (path.display(), &caller.service);
            let question = format!("--from {from} {method} http://{host}{target}");
            writeln!(f, "  {program} simulate --path {path} {question}")?;
        }
        writeln!(f, "  {program} status --state-dir {}", state_dir.display())
    }
}

impl<'a> Call<'a> {
    /// A `GET` if there is one, else whatever is allowed.
    pub(super) fn of(mesh: &Mesh, topology: &'a Topology) -> Option<Self> {
        let enforced = mesh.access.values().filter(|access| !access.shadow);
        let rules = enforced.flat_map(|it| it.allow.iter().map(move |rule| (it, rule)));
        let mut calls: Vec<_> = rules
            .filter_map(|(access, rule)| call(topology, access, rule))
            .collect();
        let get = calls.iter().position(|call| call.method == "GET");
        (!calls.is_empty()).then(|| calls.swap_remove(get.unwrap_or(0)))
    }
}

fn call<'a>(topology: &'a Topology, access: &Access, rule: &AccessRule) -> Option<Call<'a>> {
    let workloads = || topology.workloads.iter();
    let Scope::Service(called) = &access.target.scope else {
        return None;
    };
    // One HTTP port: then the host alone says where to.
    let callee = workloads().find(|placed| placed.service == *called)?;
    let mut http = callee.inbound.iter().filter(|port| port.protocol.is_http());
    let (Some(_), None) = (http.next(), http.next()) else {
        return None;
    };
    let Who::Service { service, .. } = &rule.from.first()?.who else {
        return None;
    };
    let caller = workloads().find(|placed| placed.service == *service)?;
    let (method, path) = example(rule.matches.first())?;
    Some(Call {
        caller,
        method,
        host: called.to_string(),
        path,
    })
}

/// A method and a path that a `match` entry covers, if it asks for nothing else.
fn example(entry: Option<&RequestMatch>) -> Option<(String, String)> {
    let Some(entry) = entry else {
        return Some(("GET".to_owned(), "/".to_owned()));
    };
    if !(entry.headers.is_empty() && entry.query.is_empty() && entry.cookies.is_empty()) {
        return None;
    }
    let method = entry.methods.first().map_or("GET", String::as_str);
    let path = match entry.paths.first().map(ToString::to_string) {
        Some(pattern) if !pattern.starts_with('/') => return None,
        Some(pattern) => pattern.replace("/**", "/").replace('*', "1"),
        None => "/".to_owned(),
    };
    Some((method.to_owned(), path))
}
