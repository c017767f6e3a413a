//! A small mesh by hand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mesh_ir::{
    Access, AccessDefault, AccessRule, Backoff, CallerMatch, CommitId, DefaultAccess, EncodedSlash,
    Endpoint, Endpoints, Epoch, Listeners, LoadBalancing, Mesh, MtlsMode, Name, ObjectRef, Origin,
    Percent, Port, Protocol, RetryPolicy, Role, RuleId, Scope, Service, ServiceLimits, ServiceRef,
    Settings, SpiffeId, Target, TrustDomain, TrustRoots, Who, Workloads,
};
use mesh_xds::RoleBundle;
use mesh_xds::session::Desired;

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn service_ref(text: &str) -> ServiceRef {
    ServiceRef {
        namespace: name("shop"),
        name: name(text),
    }
}

pub(crate) fn domain() -> TrustDomain {
    TrustDomain::parse("shop.example").unwrap()
}

pub(crate) fn identity(account: &str) -> SpiffeId {
    SpiffeId::workload(&domain(), "shop", account).unwrap()
}

fn origin(line: u32) -> Origin {
    Origin::new("shop.yaml", line, 1)
}

fn service(text: &str) -> Service {
    Service {
        id: service_ref(text),
        origin: origin(10),
        accounts: vec![identity(text)],
        hosts: vec![],
        ports: vec![Port {
            name: name("http"),
            number: 9080,
            target: 9080,
            protocol: Protocol::Http,
            mtls: MtlsMode::Strict,
            proxy_protocol: false,
            http10: false,
            origin: origin(12),
        }],
        versions: vec![],
        workloads: Workloads::Inventory,
        probes: vec![],
        health: None,
        load_balancing: LoadBalancing::LeastRequest.into(),
        limits: ServiceLimits::default(),
        outlier: None,
        connect_timeout: Duration::from_secs(1),
        timeout: Some(Duration::from_secs(15)),
        stream_idle_timeout: None,
        idle_timeout: None,
        retries: RetryPolicy {
            attempts: 0,
            on: vec![],
            idempotent: false,
            backoff: Backoff {
                base: Duration::from_millis(25),
                max: Duration::from_millis(250),
            },
            budget: Percent(20_000),
        },
        encoded_slash: EncodedSlash::Refuse,
        calls: None,
    }
}

/// An `Access` to one service, written at a line.
pub(crate) fn access(to: &str, line: u32) -> Access {
    Access {
        id: ObjectRef {
            namespace: name("shop"),
            name: name(to),
        },
        origin: origin(line),
        target: Target {
            scope: Scope::Service(service_ref(to)),
            ports: vec![],
            hosts: vec![],
        },
        allow: vec![AccessRule {
            id: RuleId("all".into()),
            origin: origin(line + 1),
            from: vec![CallerMatch {
                who: Who::Authenticated,
                cidr: vec![],
                token: None,
                not: vec![],
            }],
            matches: vec![],
            expires: None,
        }],
        deny: vec![],
        audit: vec![],
        authorizer: None,
        shadow: false,
    }
}

/// `reviews`, which calls `ratings` and `details`; access to `reviews` is written at `line`.
pub(crate) fn mesh(line: u32) -> Mesh {
    let services =
        ["details", "ratings", "reviews"].map(|text| (service_ref(text), Arc::new(service(text))));
    let access = access("reviews", line);
    Mesh {
        settings: Settings {
            origin: origin(1),
            trust_domain: domain(),
            access: AccessDefault {
                mode: DefaultAccess::Deny,
                origin: origin(3),
            },
            namespaces: vec![],
            certificate_lifetime: Duration::from_hours(1),
            renew_at: Percent(50_000),
            otlp: None,
        },
        services: services.into(),
        routes: BTreeMap::new(),
        access: [(access.id.clone(), Arc::new(access))].into(),
        limits: BTreeMap::new(),
        issuers: BTreeMap::new(),
        gateways: BTreeMap::new(),
        externals: BTreeMap::new(),
        telemetry: BTreeMap::new(),
        rollout: None,
        roles: Arc::new(vec![Role {
            identity: identity("reviews"),
            serves: vec![service_ref("reviews")],
            gateways: vec![],
            calls: [service_ref("details"), service_ref("ratings")].into(),
            externals: [].into(),
        }]),
    }
}

pub(crate) fn endpoints(of: &str, port: u16) -> Endpoints {
    Endpoints {
        service: service_ref(of),
        endpoints: vec![Endpoint {
            workload: format!("shop/{of}"),
            identity: identity(of),
            ports: vec![(name("http"), ([127, 0, 0, 1], port).into())],
            labels: vec![],
            locality: None,
            weight: 1,
            healthy: true,
        }],
    }
}

pub(crate) fn role_bundle(mesh: &Mesh, epoch: u64) -> RoleBundle {
    RoleBundle::of(
        mesh,
        &mesh.roles[0],
        Epoch(epoch),
        CommitId("c0ffee".into()),
    )
}

/// What the one workload of the mesh should have.
pub(crate) fn desired(mesh: &Mesh, epoch: u64) -> Desired {
    let in_view = mesh.roles[0].calls.iter();
    let endpoints: Vec<_> = in_view
        .map(|it| endpoints(it.name.as_str(), 7001))
        .collect();
    Desired::of_role(&role_bundle(mesh, epoch))
        .with_endpoints(&endpoints)
        .with_trust_roots(&TrustRoots {
            trust_domain: domain(),
            roots: vec![vec![1, 2, 3]],
        })
        .with_listeners(&Listeners {
            workload: "shop/reviews".into(),
            admin: None,
            inbound: vec![],
            outbound: Some(([127, 0, 0, 1], 7000).into()),
            tcp: vec![],
        })
}
