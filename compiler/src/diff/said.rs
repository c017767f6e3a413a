//! Parts of objects as words, for people who read a change: equal exactly where they are.

use std::fmt::Display;
use std::time::Duration;

use mesh_ir::{
    Balancing, Certificate, HealthCheck, HealthProbe, ListenerTls, LoadBalancing, Locality, Near,
    OutlierDetection, Percent, StaticEndpoint, TlsVersion, TokenKeys, TokenLocation, UpstreamTls,
    Workloads,
};

use super::words::{bound, duration, keys};

/// One after the other; `nothing` where there is none.
pub(super) fn list<T: Display>(all: &[T], nothing: &str) -> String {
    if all.is_empty() {
        return nothing.to_owned();
    }
    let all: Vec<_> = all.iter().map(ToString::to_string).collect();
    all.join(", ")
}

/// TLS that ends at a listener.
pub(super) fn listener_tls(tls: Option<&ListenerTls>) -> String {
    let Some(tls) = tls else {
        return "no TLS".to_owned();
    };
    let shown = certificate(&tls.certificate);
    let mut text = format!("TLS {} with {shown}", version(tls.min_version));
    if let Some(clients) = &tls.clients {
        let how = if clients.required {
            "required"
        } else {
            "optional"
        };
        let names = list(&clients.subject_alt_names, "any name");
        text.extend([format!(
            ", certificates of clients {how}: {names} signed by {}",
            clients.ca
        )]);
    }
    text
}

/// TLS that the proxy starts.
pub(super) fn upstream_tls(tls: Option<&UpstreamTls>) -> String {
    let Some(tls) = tls else {
        return "no TLS".to_owned();
    };
    let name = tls.server_name.as_ref();
    let name = name.map_or("the host that is called", |it| it.as_str());
    let names = list(&tls.subject_alt_names, "its own name");
    let ca = tls.ca.as_deref().unwrap_or("the machine's roots");
    let mut text = format!(
        "TLS {} to {name}, which proves {names} by {ca}",
        version(tls.min_version)
    );
    if let Some(own) = &tls.certificate {
        text.extend([format!(", with {}", certificate(own))]);
    }
    text
}

fn version(oldest: TlsVersion) -> &'static str {
    match oldest {
        TlsVersion::Tls12 => "1.2 or later",
        TlsVersion::Tls13 => "1.3 or later",
    }
}

fn certificate(it: &Certificate) -> String {
    match it {
        Certificate::Secret(name) => format!("the secret {name}"),
        Certificate::Files { chain, key } => format!("the files {chain} and {key}"),
        Certificate::Mesh => "its own certificate".to_owned(),
    }
}

/// Where a service runs.
pub(super) fn workloads(it: &Workloads) -> String {
    match it {
        Workloads::Inventory => "what the inventory has".to_owned(),
        Workloads::Selector(labels) => format!("workloads with {}", pairs(labels)),
        Workloads::Dns(host) => format!("what {} resolves to", host.as_str()),
        Workloads::Endpoints(all) => endpoints(all),
    }
}

/// `a=b, c=d`.
pub(super) fn pairs(all: &[(String, String)]) -> String {
    let all: Vec<_> = all.iter().map(|(a, b)| format!("{a}={b}")).collect();
    list(&all, "none")
}

/// Written out.
pub(super) fn endpoints(all: &[StaticEndpoint]) -> String {
    let one = |it: &StaticEndpoint| {
        let ports = it.ports.iter();
        let ports: Vec<_> = ports.map(|(name, at)| format!("{name} {at}")).collect();
        let mut text = ports.join(" ");
        let version = it.version.as_ref().map(|it| format!(" of {it}"));
        let locality = it.locality.as_ref().map(|it| format!(" in {it}"));
        text.extend(version.into_iter().chain(locality));
        if it.weight != 1 {
            text.extend([format!(" weight {}", it.weight)]);
        }
        text
    };
    let all: Vec<_> = all.iter().map(one).collect();
    list(&all, "what their names resolve to")
}

/// How one endpoint is chosen.
pub(super) fn balancing(it: &Balancing) -> String {
    let mut text = policy(it.policy);
    if !it.by.is_empty() {
        text.extend([format!(" by {}", keys(&it.by))]);
    }
    if let Some(cookie) = &it.set_cookie {
        let lives = cookie.ttl.map_or("the session".to_owned(), duration);
        text.extend([format!(", sets cookie {} for {lives}", cookie.name)]);
    }
    let slow = it.slow_start;
    text.extend(slow.map(|it| format!(", slow start {}", duration(it))));
    text.extend(it.locality.as_ref().map(locality));
    let panic = it.panic.as_ref();
    text.extend(panic.map(|it| format!(", all of them below {}", percent(*it))));
    text
}

fn policy(it: LoadBalancing) -> String {
    // The names in intents: the variants with a hyphen before each further word.
    let mut text = String::new();
    for (at, letter) in format!("{it:?}").char_indices() {
        if at > 0 && letter.is_uppercase() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

fn locality(it: &Locality) -> String {
    match it {
        Locality::Failover(order) => {
            let order: Vec<_> = order.iter().copied().map(near).collect();
            format!(", nearest first: {}", order.join(", "))
        }
        Locality::Weights {
            zone,
            region,
            elsewhere,
        } => format!(", zone {zone}, region {region}, elsewhere {elsewhere}"),
    }
}

fn near(it: Near) -> String {
    format!("{it:?}").to_lowercase()
}

fn percent(it: Percent) -> String {
    it.to_string()
}

/// How a workload's own proxy tells whether it is well.
pub(super) fn health(it: Option<&HealthCheck>) -> String {
    let Some(it) = it else {
        return "never asked for its health".to_owned();
    };
    let what = match &it.probe {
        HealthProbe::Http(path) => format!("GET {path}"),
        HealthProbe::Grpc(None) => "its health by gRPC".to_owned(),
        HealthProbe::Grpc(Some(service)) => format!("the health of {service} by gRPC"),
        HealthProbe::Tcp => "for a connection".to_owned(),
    };
    let (interval, timeout) = (duration(it.interval), duration(it.timeout));
    format!(
        "asked {what} on {} every {interval} within {timeout}: well after {}, ill after {}",
        it.port, it.healthy_after, it.unhealthy_after
    )
}

/// When an endpoint is left out.
pub(super) fn outlier(it: Option<&OutlierDetection>) -> String {
    let Some(it) = it else {
        return "never left out".to_owned();
    };
    let counts = [
        (it.consecutive_5xx, "5xx"),
        (it.gateway_errors, "gateway errors"),
        (it.local_errors, "local errors"),
    ];
    let counts = counts.into_iter();
    let counts = counts.filter_map(|(count, what)| Some(format!("{} {what}", count?)));
    let rate = it.success_rate.map(percent);
    let rate = rate.map(|it| format!("below {it} success"));
    let when: Vec<_> = counts.chain(rate).collect();
    let (interval, first) = (duration(it.interval), duration(it.base_ejection));
    format!(
        "left out after {} (every {interval}, first for {first}, at most {})",
        list(&when, "nothing"),
        percent(it.max_ejected)
    )
}

/// Bounds of waiting.
pub(super) fn waits(connect: Duration, stream: Option<Duration>, idle: Option<Duration>) -> String {
    let (connect, stream, idle) = (duration(connect), bound(stream), bound(idle));
    format!("connect within {connect}, stream idle {stream}, idle {idle}")
}

/// What signs tokens.
pub(super) fn token_keys(it: &TokenKeys) -> String {
    match it {
        TokenKeys::Url { url, refresh } => format!("keys of {url} every {}", duration(*refresh)),
        TokenKeys::Set(keys) => format!("keys {keys}"),
    }
}

/// Where a token is looked for.
pub(super) fn location(it: &TokenLocation) -> String {
    match it {
        TokenLocation::Header { name, prefix } => format!("header {name} after {prefix:?}"),
        TokenLocation::Cookie(name) => format!("cookie {name}"),
        TokenLocation::Query(name) => format!("query {name}"),
    }
}
