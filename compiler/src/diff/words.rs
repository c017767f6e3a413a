//! Outcomes as words: equal exactly where the outcomes are.

use std::collections::BTreeMap;
use std::time::Duration;

use mesh_ir::{
    AbortWith, Action, Authorizer, Backend, BackendTarget, Cors, Fault, Forward, HeaderEdits, Key,
    Limit, LimitProvider, LimitScope, OnFailure, Redirect, RetryOn, RetryPolicy, RouteRule,
    ValueMatch,
};

/// What a limit does to what it counts.
pub(super) fn limit(limit: &Limit, provider: Option<&LimitProvider>) -> String {
    let mut text = format!("{}/{}", limit.rate.count, unit(limit.rate.per));
    text.extend([format!(", burst {}", limit.burst)]);
    if !limit.per.is_empty() {
        text.extend([format!(", per {}", keys(&limit.per))]);
    }
    if limit.scope == LimitScope::Fleet {
        text.push_str(", over the fleet");
        if let Some(provider) = provider {
            let LimitProvider {
                service,
                port,
                domain,
                timeout,
                on_failure,
                origin: _,
            } = provider;
            let timeout = duration(*timeout);
            text.extend([format!(
                ", counted by {service} {port} as {domain} within {timeout}"
            )]);
            text.push_str(failure(*on_failure));
        }
    }
    if limit.status != 429 {
        text.extend([format!(", answers {}", limit.status)]);
    }
    text
}

const FAIL_OPEN: &str = ", or gives no answer";

fn failure(on_failure: OnFailure) -> &'static str {
    match on_failure {
        OnFailure::Deny => "",
        OnFailure::Allow => FAIL_OPEN,
    }
}

/// The same, where who is asked and gives no answer refuses.
pub(super) fn without_fail_open(text: &str) -> String {
    text.replace(FAIL_OPEN, "")
}

/// Whose agreement is needed.
pub(super) fn authorizer(it: &Authorizer) -> String {
    let timeout = duration(it.timeout);
    let (service, port) = (&it.service, &it.port);
    let how = match it.protocol {
        mesh_ir::AuthorizerProtocol::Grpc => "grpc",
        mesh_ir::AuthorizerProtocol::Http => "http",
    };
    let failure = failure(it.on_failure);
    format!("if {service} agrees ({how} {port}, {timeout}{failure})")
}

pub(super) fn keys(keys: &[Key]) -> String {
    let key = |key: &Key| match key {
        Key::Caller => "caller".to_owned(),
        Key::Address => "address".to_owned(),
        Key::Header(name) => format!("header:{name}"),
        Key::Query(name) => format!("query:{name}"),
        Key::Cookie(name) => format!("cookie:{name}"),
        Key::Claim(name) => format!("claim:{name}"),
        Key::Capture(number) => format!("${number}"),
    };
    keys.iter().map(key).collect::<Vec<_>>().join(" and ")
}

fn unit(per: Duration) -> String {
    match per.as_secs() {
        1 => "s".to_owned(),
        60 => "m".to_owned(),
        3600 => "h".to_owned(),
        _ => duration(per),
    }
}

/// As intents write it.
pub(super) fn duration(time: Duration) -> String {
    if time.subsec_nanos() == 0 {
        format!("{}s", time.as_secs())
    } else if time.subsec_nanos().is_multiple_of(1_000_000) {
        format!("{}ms", time.as_millis())
    } else {
        format!("{}ns", time.as_nanos())
    }
}

pub(super) fn bound(time: Option<Duration>) -> String {
    time.map_or_else(|| "none".to_owned(), duration)
}

/// What a rule does with a request besides bounds of time and retries, and whether it
/// answers it without sending it on. `is_seen` says whether a backend is in view.
pub(super) fn action(rule: &RouteRule, is_seen: impl Fn(&BackendTarget) -> bool) -> String {
    let mut parts = match &rule.action {
        Action::Forward(it) => forward(it, is_seen),
        Action::Respond(it) => {
            let mut parts = vec![format!("answered {}", it.status)];
            let headers = it.headers.iter();
            parts.extend(headers.map(|(name, value)| format!("{name}: {value}")));
            if !it.body.is_empty() {
                parts.push(format!("body {:?}", it.body));
            }
            parts
        }
        Action::Redirect(it) => vec![redirect(it)],
    };
    parts.extend(rule.cors.as_ref().map(cors));
    parts.join(", ")
}

fn redirect(it: &Redirect) -> String {
    let Redirect {
        status,
        scheme,
        host,
        port,
        path,
    } = it;
    let scheme = scheme.as_deref().unwrap_or("<scheme>");
    let host = host.as_ref().map_or("<host>", |it| it.as_str());
    let port = port.map(|it| format!(":{it}")).unwrap_or_default();
    let path = path.as_deref().unwrap_or("<path>");
    format!("redirected {status} to {scheme}://{host}{port}{path}")
}

fn forward(it: &Forward, is_seen: impl Fn(&BackendTarget) -> bool) -> Vec<String> {
    let mut parts = vec![distribution(&it.backends, &is_seen)];
    let shares = it.backends.iter().filter(|it| it.weight > 0).count();
    if !it.split_by.is_empty() && shares > 1 {
        parts.push(format!("split by {}", keys(&it.split_by)));
    }
    if let Some(rewrite) = &it.rewrite {
        let path = rewrite.path.iter();
        parts.extend(path.map(|path| format!("path rewritten to {path}")));
        let host = rewrite.host.iter();
        parts.extend(host.map(|host| format!("host rewritten to {}", host.as_str())));
    }
    parts.extend(edits("request", &it.request_headers));
    parts.extend(edits("response", &it.response_headers));
    for backend in &it.fallback {
        parts.push(format!("else {}", destination(backend, &is_seen)));
    }
    for mirror in it.mirror.iter().filter(|it| it.percent.0 > 0) {
        let to = target(&mirror.target, &is_seen);
        parts.push(format!("{} mirrored to {to}", mirror.percent));
    }
    parts.extend(it.fault.as_ref().and_then(fault));
    parts
}

fn fault(it: &Fault) -> Option<String> {
    let mut parts = vec![];
    if let Some(delay) = it.delay.filter(|it| it.percent.0 > 0) {
        parts.push(format!(
            "{} delayed by {}",
            delay.percent,
            duration(delay.length)
        ));
    }
    if let Some(abort) = it.abort.filter(|it| it.percent.0 > 0) {
        let with = match abort.with {
            AbortWith::Status(status) => format!("{status}"),
            AbortWith::Grpc(status) => format!("gRPC status {status}"),
        };
        parts.push(format!("{} aborted with {with}", abort.percent));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn cors(it: &Cors) -> String {
    let Cors {
        origins,
        methods,
        headers,
        expose,
        max_age,
        credentials,
        origin: _,
    } = it;
    let origins: Vec<_> = origins.iter().map(value).collect();
    let mut text = format!("CORS for {}", origins.join(" "));
    for (what, list) in [
        ("methods", methods),
        ("headers", headers),
        ("expose", expose),
    ] {
        if !list.is_empty() {
            text.extend([format!(" {what} {}", list.join(" "))]);
        }
    }
    text.extend([format!(" max-age {}", bound(*max_age))]);
    if *credentials {
        text.push_str(" with credentials");
    }
    text
}

fn value(it: &ValueMatch) -> String {
    match it {
        ValueMatch::Exact(text) => text.clone(),
        ValueMatch::Prefix(text) => format!("{text}…"),
        ValueMatch::Suffix(text) => format!("…{text}"),
        ValueMatch::Regex(text) => format!("regex {text}"),
        ValueMatch::In(list) => list.join("|"),
        ValueMatch::Present => "*".to_owned(),
        ValueMatch::Absent => "none".to_owned(),
    }
}

/// Shares as percent where that is exact, else as reduced fractions.
fn distribution(backends: &[Backend], is_seen: impl Fn(&BackendTarget) -> bool) -> String {
    let mut shares: BTreeMap<String, u64> = BTreeMap::new();
    for backend in backends.iter().filter(|it| it.weight > 0) {
        *shares.entry(destination(backend, &is_seen)).or_default() += u64::from(backend.weight);
    }
    let sum: u64 = shares.values().sum();
    if let Some((only, _)) = shares.first_key_value()
        && shares.len() == 1
    {
        return format!("to {only}");
    }
    let share = |(to, weight): (&String, &u64)| {
        if (weight * 100).is_multiple_of(sum) {
            return format!("{}% {to}", weight * 100 / sum);
        }
        let divisor = greatest_common_divisor(*weight, sum);
        format!("{}/{} {to}", weight / divisor, sum / divisor)
    };
    let shares: Vec<_> = shares.iter().map(share).collect();
    format!("to {}", shares.join(", "))
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

fn destination(backend: &Backend, is_seen: impl Fn(&BackendTarget) -> bool) -> String {
    let mut text = target(&backend.target, is_seen);
    let own = [
        edits("request", &backend.request_headers),
        edits("response", &backend.response_headers),
    ];
    for edits in own.into_iter().flatten() {
        text.extend([format!(" ({edits})")]);
    }
    text
}

fn target(target: &BackendTarget, is_seen: impl Fn(&BackendTarget) -> bool) -> String {
    let hidden = if is_seen(target) {
        ""
    } else {
        " (not visible)"
    };
    match target {
        BackendTarget::Service => "every version".to_owned(),
        BackendTarget::Version(version) => version.to_string(),
        BackendTarget::Other { service, port } => format!("{service} {port}{hidden}"),
        BackendTarget::External { service, port } => {
            format!("external {service} {port}{hidden}")
        }
    }
}

fn edits(what: &str, edits: &HeaderEdits) -> Option<String> {
    if edits.is_empty() {
        return None;
    }
    let HeaderEdits { set, add, remove } = edits;
    let set = set
        .iter()
        .map(|it| format!("set {}: {}", it.name, it.value));
    let add = add
        .iter()
        .map(|it| format!("add {}: {}", it.name, it.value));
    let remove = remove.iter().map(|it| format!("remove {it}"));
    let all: Vec<_> = set.chain(add).chain(remove).collect();
    Some(format!("{what} headers {}", all.join("; ")))
}

/// When and how often an attempt is repeated, where it may be at most so often.
pub(super) fn retries(it: &RetryPolicy, at_most: Option<u32>) -> String {
    let attempts = it.attempts.min(at_most.unwrap_or(u32::MAX));
    if attempts == 0 || it.on.is_empty() {
        return "no retries".to_owned();
    }
    let on: Vec<_> = it.on.iter().map(retry_on).collect();
    let mut text = format!("{attempts} retries on {}", on.join(", "));
    if it.idempotent {
        text.push_str(", idempotent");
    }
    let (base, max) = (duration(it.backoff.base), duration(it.backoff.max));
    text.extend([format!(", back-off {base} to {max}, budget {}", it.budget)]);
    text
}

fn retry_on(on: &RetryOn) -> String {
    match on {
        RetryOn::ConnectFailure => "connect-failure".to_owned(),
        RetryOn::RefusedStream => "refused-stream".to_owned(),
        RetryOn::ResetBeforeRequest => "reset-before-request".to_owned(),
        RetryOn::Reset => "reset".to_owned(),
        RetryOn::ServerError => "5xx".to_owned(),
        RetryOn::GatewayError => "gateway-error".to_owned(),
        RetryOn::RetriableClientError => "retriable-4xx".to_owned(),
        RetryOn::Status(status) => status.to_string(),
        RetryOn::Grpc(status) => format!("grpc {status}"),
    }
}
