//! A small mesh for tests: namespace `shop`, trust domain `mesh.example`. The role
//! is `web`, which serves `reviews` and calls what a test adds.

mod more;

use std::time::Duration;

use mesh_ir::{
    Access, AccessDefault, AccessRule, Action, Backend, BackendTarget, Backoff, CallerMatch,
    DefaultAccess, EncodedSlash, Forward, HeaderEdits, Host, Key, Limit, LimitScope, LoadBalancing,
    MtlsMode, Name, NamedValue, ObjectRef, Origin, PathPattern, Percent, Port, Protocol, Rank,
    Rate, RateLimit, RequestMatch, RetryOn, RetryPolicy, Role, Route, RouteRule, RuleId, Scope,
    Service, ServiceLimits, ServiceRef, Settings, Snapshot, SpiffeId, Target, Timestamp,
    TrustDomain, ValueMatch, Version, Who, Workloads,
};

pub(crate) use more::{claims, edge, edge_route, exactly, external, gateway, issuer, with_token};

use crate::{Request, Tables};

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn service_ref(text: &str) -> ServiceRef {
    let (service, namespace) = text.split_once('.').unwrap_or((text, "shop"));
    ServiceRef {
        namespace: name(namespace),
        name: name(service),
    }
}

pub(crate) fn object(text: &str) -> ObjectRef {
    ObjectRef {
        namespace: name("shop"),
        name: name(text),
    }
}

pub(crate) fn id(account: &str) -> SpiffeId {
    SpiffeId::parse(&format!("spiffe://mesh.example/ns/shop/sa/{account}")).unwrap()
}

fn origin(line: u32) -> Origin {
    Origin::new("shop.yaml", line, 1)
}

/// A snapshot with `reviews` (served, port `http` 9080) and nothing else.
pub(crate) fn snapshot() -> Snapshot {
    Snapshot {
        settings: Settings {
            origin: origin(1),
            trust_domain: TrustDomain::parse("mesh.example").unwrap(),
            access: AccessDefault {
                mode: DefaultAccess::Deny,
                origin: origin(7),
            },
            namespaces: vec![],
            certificate_lifetime: Duration::from_hours(1),
            renew_at: Percent(50_000),
            otlp: None,
        },
        role: Role {
            identity: id("web"),
            serves: vec![service_ref("reviews")],
            gateways: vec![],
            calls: [].into(),
            externals: [].into(),
        },
        services: vec![service("reviews", &[("http", 9080, Protocol::Http)])],
        routes: vec![],
        access: vec![],
        limits: vec![],
        issuers: vec![],
        gateways: vec![],
        externals: vec![],
        telemetry: vec![],
    }
}

/// A snapshot in which these services, besides `reviews`, are called.
pub(crate) fn calling(services: Vec<Service>) -> Snapshot {
    let mut snapshot = snapshot();
    snapshot.role.calls = services.iter().map(|service| service.id.clone()).collect();
    snapshot.services.extend(services);
    snapshot
}

pub(crate) fn tables(snapshot: &Snapshot) -> Tables {
    Tables::build(snapshot).unwrap()
}

pub(crate) fn service(text: &str, ports: &[(&str, u16, Protocol)]) -> Service {
    let id_of = service_ref(text);
    let port = |(port, number, protocol): &(&str, u16, Protocol)| Port {
        name: name(port),
        number: *number,
        target: *number,
        protocol: *protocol,
        mtls: MtlsMode::Strict,
        proxy_protocol: false,
        http10: false,
        origin: origin(2),
    };
    Service {
        accounts: vec![id(id_of.name.as_str())],
        id: id_of,
        origin: origin(3),
        hosts: vec![],
        ports: ports.iter().map(port).collect(),
        versions: ["v1", "v2"].map(version).into(),
        workloads: Workloads::Inventory,
        probes: vec![],
        health: None,
        load_balancing: LoadBalancing::LeastRequest.into(),
        limits: ServiceLimits::default(),
        outlier: None,
        connect_timeout: Duration::from_secs(1),
        timeout: Some(Duration::from_secs(15)),
        stream_idle_timeout: Some(Duration::from_mins(5)),
        idle_timeout: Some(Duration::from_hours(1)),
        retries: retries(2, &[RetryOn::ConnectFailure]),
        encoded_slash: EncodedSlash::Refuse,
        calls: None,
    }
}

/// A service with one HTTP port.
pub(crate) fn http(text: &str) -> Service {
    service(text, &[("http", 9080, Protocol::Http)])
}

fn version(text: &str) -> Version {
    Version {
        name: name(text),
        labels: vec![("version".to_owned(), text.to_owned())],
        origin: origin(4),
    }
}

pub(crate) fn retries(attempts: u32, on: &[RetryOn]) -> RetryPolicy {
    RetryPolicy {
        attempts,
        on: on.to_vec(),
        idempotent: false,
        backoff: Backoff {
            base: Duration::from_millis(25),
            max: Duration::from_millis(250),
        },
        budget: Percent(20_000),
    }
}

pub(crate) fn target(service: &str) -> Target {
    Target {
        scope: Scope::Service(service_ref(service)),
        ports: vec![],
        hosts: vec![],
    }
}

/// An `Access` about `reviews`.
pub(crate) fn access(text: &str, allow: Vec<AccessRule>, deny: Vec<AccessRule>) -> Access {
    Access {
        id: object(text),
        origin: origin(10),
        target: target("reviews"),
        allow,
        deny,
        audit: vec![],
        authorizer: None,
        shadow: false,
    }
}

pub(crate) fn entry(rule: &str, who: Who, matches: Vec<RequestMatch>) -> AccessRule {
    AccessRule {
        id: RuleId(rule.into()),
        origin: origin(11),
        from: vec![from(who)],
        matches,
        expires: None,
    }
}

pub(crate) fn until(wall: i64, rule: AccessRule) -> AccessRule {
    AccessRule {
        expires: Some(Timestamp(wall)),
        ..rule
    }
}

pub(crate) fn from(who: Who) -> CallerMatch {
    who.into()
}

pub(crate) fn account(text: &str) -> Who {
    Who::Service {
        service: service_ref(text),
        identities: vec![id(text)],
    }
}

pub(crate) fn request(methods: &[&str], paths: &[&str]) -> RequestMatch {
    RequestMatch {
        methods: methods.iter().map(|it| (*it).to_owned()).collect(),
        paths: paths
            .iter()
            .map(|it| PathPattern::parse(it).unwrap())
            .collect(),
        ..RequestMatch::default()
    }
}

pub(crate) fn with_header(entry: RequestMatch, header: &str, value: ValueMatch) -> RequestMatch {
    let header = NamedValue {
        name: header.to_owned(),
        value,
    };
    RequestMatch {
        headers: vec![header],
        ..entry
    }
}

/// A `RateLimit` about `reviews`: so many a second.
pub(crate) fn limit(rule: &str, count: u64, burst: u64, per: &[Key]) -> RateLimit {
    let limit = Limit {
        id: RuleId(rule.into()),
        origin: origin(20),
        from: vec![],
        matches: vec![],
        per: per.to_vec(),
        rate: Rate {
            count,
            per: Duration::from_secs(1),
        },
        burst,
        scope: LimitScope::Proxy,
        status: 429,
        shadow: false,
    };
    RateLimit {
        id: object(rule),
        origin: origin(19),
        target: target("reviews"),
        limits: vec![limit],
        provider: None,
    }
}

pub(crate) fn route_of(service: &str, rules: Vec<RouteRule>) -> Route {
    Route {
        id: object(service_ref(service).name.as_str()),
        origin: origin(30),
        target: Target {
            ports: vec![name("http")],
            ..target(service)
        },
        rules,
    }
}

pub(crate) fn rule(id: &str, depth: u32, matches: Vec<RequestMatch>, action: Action) -> RouteRule {
    RouteRule {
        id: RuleId(id.into()),
        origin: origin(31),
        rank: Rank { priority: 0, depth },
        from: vec![],
        matches,
        action,
        cors: None,
    }
}

pub(crate) fn forward(backends: Vec<Backend>) -> Forward {
    Forward {
        backends,
        split_by: vec![],
        rewrite: None,
        request_headers: HeaderEdits::default(),
        response_headers: HeaderEdits::default(),
        timeout: Some(Duration::from_secs(15)),
        per_try_timeout: None,
        retries: retries(2, &[RetryOn::ConnectFailure]),
        fallback: vec![],
        mirror: vec![],
        fault: None,
    }
}

pub(crate) fn to(target: BackendTarget, weight: u32) -> Backend {
    Backend {
        target,
        weight,
        request_headers: HeaderEdits::default(),
        response_headers: HeaderEdits::default(),
        origin: origin(32),
    }
}

pub(crate) fn to_version(text: &str, weight: u32) -> Backend {
    to(BackendTarget::Version(name(text)), weight)
}

pub(crate) fn to_service(text: &str) -> Backend {
    let other = BackendTarget::Other {
        service: service_ref(text),
        port: name("http"),
    };
    to(other, 1)
}

pub(crate) fn host(text: &str) -> Host {
    Host::parse(text).unwrap()
}

/// Header fields of a request.
pub(crate) type Fields = Vec<(String, Vec<u8>)>;

/// `host` and others.
pub(crate) fn fields(host: &str, others: &[(&str, &str)]) -> Fields {
    let all = [("host", host)].into_iter().chain(others.iter().copied());
    all.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
        .collect()
}

pub(crate) fn asks<'a>(method: &'a str, target: &'a str, fields: &'a Fields) -> Request<'a> {
    Request {
        method: method.as_bytes(),
        target: target.as_bytes(),
        authority: None,
        headers: fields,
    }
}
