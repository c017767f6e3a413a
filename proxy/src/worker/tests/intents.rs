use std::time::Duration;

use mesh_identity::{SpiffeId, TrustDomain};
use mesh_ir::{
    Access, AccessDefault, AccessRule, Action, Backend, BackendTarget, Backoff, CallerMatch,
    DefaultAccess, EncodedSlash, Forward, HeaderEdits, Limit, LimitScope, LoadBalancing, MtlsMode,
    Name, ObjectRef, Origin, Percent, Port, Protocol, Rank, Rate, RateLimit, RequestMatch, RetryOn,
    RetryPolicy, Role, Route, RouteRule, RuleId, Scope, Service, ServiceLimits, ServiceRef,
    Settings, Snapshot, Target, Version, Who, Workloads,
};

pub(super) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(super) fn service() -> ServiceRef {
    ServiceRef {
        namespace: name("shop"),
        name: name("api"),
    }
}

pub(super) fn id() -> SpiffeId {
    SpiffeId::parse("spiffe://shop.example/ns/shop/sa/api").unwrap()
}

pub(super) fn origin(line: u32) -> Origin {
    Origin::new("api.yaml", line, 1)
}

pub(super) fn retries(attempts: u32, on: Vec<RetryOn>) -> RetryPolicy {
    RetryPolicy {
        attempts,
        on,
        idempotent: false,
        backoff: Backoff {
            base: Duration::from_millis(1),
            max: Duration::from_millis(2),
        },
        budget: Percent::ALL,
    }
}

/// `api.shop` with a port of each protocol; everybody of the mesh may GET and POST.
pub(super) fn snapshot() -> Snapshot {
    let port = |text: &str, number, protocol| Port {
        name: name(text),
        number,
        target: number,
        protocol,
        mtls: MtlsMode::Strict,
        proxy_protocol: false,
        http10: false,
        origin: origin(2),
    };
    let api = Service {
        id: service(),
        origin: origin(1),
        accounts: vec![id()],
        hosts: vec![],
        ports: vec![
            port("grpc", 9000, Protocol::Grpc),
            port("http", 80, Protocol::Http),
            port("tcp", 5432, Protocol::Tcp),
        ],
        versions: vec![],
        workloads: Workloads::Inventory,
        probes: vec![],
        health: None,
        load_balancing: LoadBalancing::RoundRobin.into(),
        limits: ServiceLimits::default(),
        outlier: None,
        connect_timeout: Duration::from_secs(1),
        timeout: Some(Duration::from_secs(5)),
        stream_idle_timeout: Some(Duration::from_mins(5)),
        idle_timeout: Some(Duration::from_hours(1)),
        retries: retries(2, vec![RetryOn::ConnectFailure, RetryOn::RefusedStream]),
        encoded_slash: EncodedSlash::Refuse,
        calls: None,
    };
    Snapshot {
        settings: Settings {
            origin: origin(1),
            trust_domain: TrustDomain::parse("shop.example").unwrap(),
            access: AccessDefault {
                mode: DefaultAccess::Deny,
                origin: origin(3),
            },
            namespaces: vec![],
            certificate_lifetime: Duration::from_hours(1),
            renew_at: Percent(50_000),
            otlp: None,
        },
        role: Role {
            identity: id(),
            serves: vec![service()],
            gateways: vec![],
            calls: [service()].into(),
            externals: [].into(),
        },
        services: vec![api],
        routes: vec![],
        access: vec![
            access("http", &["http", "grpc"], &["GET", "POST"]),
            access("tcp", &["tcp"], &[]),
        ],
        limits: vec![],
        issuers: vec![],
        gateways: vec![],
        externals: vec![],
        telemetry: vec![],
    }
}

fn access(called: &str, ports: &[&str], methods: &[&str]) -> Access {
    let matches = RequestMatch {
        methods: methods.iter().map(ToString::to_string).collect(),
        ..RequestMatch::default()
    };
    Access {
        id: ObjectRef {
            namespace: name("shop"),
            name: name(called),
        },
        origin: origin(10),
        target: target(ports),
        allow: vec![AccessRule {
            id: RuleId("everybody".into()),
            origin: origin(11),
            from: vec![CallerMatch {
                who: Who::Authenticated,
                cidr: vec![],
                token: None,
                not: vec![],
            }],
            matches: if methods.is_empty() {
                vec![]
            } else {
                vec![matches]
            },
            expires: None,
        }],
        deny: vec![],
        audit: vec![],
        authorizer: None,
        shadow: false,
    }
}

fn target(ports: &[&str]) -> Target {
    Target {
        scope: Scope::Service(service()),
        ports: ports.iter().map(|port| name(port)).collect(),
        hosts: vec![],
    }
}

/// So many requests a minute.
pub(super) fn limit(count: u64) -> RateLimit {
    RateLimit {
        id: ObjectRef {
            namespace: name("shop"),
            name: name("limit"),
        },
        origin: origin(20),
        target: target(&["http"]),
        limits: vec![Limit {
            id: RuleId("few".into()),
            origin: origin(21),
            from: vec![],
            matches: vec![],
            per: vec![],
            rate: Rate {
                count,
                per: Duration::from_mins(1),
            },
            burst: count,
            scope: LimitScope::Proxy,
            status: 429,
            shadow: false,
        }],
        provider: None,
    }
}

/// `api.shop` with the versions `v1` and `v2`, and `shadow.shop` beside it.
pub(super) fn with_versions() -> Snapshot {
    let mut snapshot = snapshot();
    let mut shadow = snapshot.services[0].clone();
    shadow.id = shadow_service();
    snapshot.services[0].versions = ["v1", "v2"].map(version).into();
    snapshot.services.push(shadow);
    snapshot.role.calls = [service(), shadow_service()].into();
    snapshot
}

pub(super) fn shadow_service() -> ServiceRef {
    ServiceRef {
        name: name("shadow"),
        ..service()
    }
}

fn version(text: &str) -> Version {
    Version {
        name: name(text),
        labels: vec![("version".to_owned(), text.to_owned())],
        origin: origin(5),
    }
}

/// Adds a route of `api.shop` with one rule for everything.
pub(super) fn add_route(snapshot: &mut Snapshot, forward: Forward) -> &mut RouteRule {
    snapshot.routes = vec![Route {
        id: ObjectRef {
            namespace: name("shop"),
            name: name("api"),
        },
        origin: origin(30),
        target: target(&["http"]),
        rules: vec![RouteRule {
            id: RuleId("all".into()),
            origin: origin(31),
            rank: Rank {
                priority: 0,
                depth: 0,
            },
            from: vec![],
            matches: vec![],
            action: Action::Forward(forward),
            cors: None,
        }],
    }];
    &mut snapshot.routes[0].rules[0]
}

/// To one backend, and nothing else.
pub(super) fn forward(target: BackendTarget) -> Forward {
    Forward {
        backends: vec![backend(target)],
        split_by: vec![],
        rewrite: None,
        request_headers: HeaderEdits::default(),
        response_headers: HeaderEdits::default(),
        timeout: Some(Duration::from_secs(5)),
        per_try_timeout: None,
        retries: retries(0, vec![]),
        fallback: vec![],
        mirror: vec![],
        fault: None,
    }
}

pub(super) fn backend(target: BackendTarget) -> Backend {
    Backend {
        target,
        weight: 1,
        request_headers: HeaderEdits::default(),
        response_headers: HeaderEdits::default(),
        origin: origin(32),
    }
}

/// `shadow.shop`, as another service.
pub(super) fn to_shadow() -> BackendTarget {
    BackendTarget::Other {
        service: shadow_service(),
        port: name("http"),
    }
}
