use std::sync::Arc;
use std::time::Duration;

use mesh_identity::{SpiffeId, TrustDomain};

use super::*;
use crate::{
    AccessDefault, AccessRule, Balancing, ClientAddress, DefaultAccess, Host, HostPattern,
    LoadBalancing, Name, Origin, Percent, RetryPolicy, RuleId, ServiceRef, Settings, Target,
    TokenAlgorithm, TokenKeys, TokenLocation, TokenMatch, Who,
};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn service_ref(text: &str) -> ServiceRef {
    ServiceRef {
        namespace: name("shop"),
        name: name(text),
    }
}

fn object(text: &str) -> ObjectRef {
    ObjectRef {
        namespace: name("shop"),
        name: name(text),
    }
}

fn origin() -> Origin {
    Origin::new("shop.yaml", 1, 1)
}

fn access(text: &str, scope: Scope, issuer: Option<&str>) -> Access {
    let from = CallerMatch {
        token: issuer.map(|issuer| TokenMatch {
            issuer: object(issuer),
            claims: vec![],
        }),
        ..Who::Anyone.into()
    };
    Access {
        id: object(text),
        origin: origin(),
        target: Target {
            scope,
            ports: vec![],
            hosts: vec![],
        },
        allow: vec![AccessRule {
            id: RuleId("all".into()),
            origin: origin(),
            from: vec![CallerMatch {
                not: vec![from],
                ..Who::Anyone.into()
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

fn issuer(text: &str) -> TokenIssuer {
    TokenIssuer {
        id: object(text),
        origin: origin(),
        issuer: String::new(),
        audiences: vec![],
        keys: TokenKeys::Set(String::new()),
        locations: vec![TokenLocation::Cookie("t".into())],
        algorithms: vec![TokenAlgorithm::Es256],
        forward: false,
        claims_to_headers: vec![],
        leeway: Duration::ZERO,
    }
}

fn gateway(text: &str) -> Gateway {
    Gateway {
        id: object(text),
        origin: origin(),
        accounts: vec![],
        client_address: ClientAddress::Peer,
        listeners: vec![],
        attach: vec![],
    }
}

fn external(text: &str, via: Option<&str>) -> ExternalService {
    ExternalService {
        id: service_ref(text),
        origin: origin(),
        hosts: vec![HostPattern::Exact(Host::parse("pay.example").unwrap())],
        endpoints: vec![],
        addresses: vec![],
        ports: vec![],
        tls: None,
        via: via.map(object),
        load_balancing: Balancing::from(LoadBalancing::LeastRequest),
        connect_timeout: Duration::ZERO,
        timeout: None,
        stream_idle_timeout: None,
        idle_timeout: None,
        retries: RetryPolicy {
            attempts: 0,
            on: vec![],
            idempotent: false,
            backoff: crate::Backoff {
                base: Duration::ZERO,
                max: Duration::ZERO,
            },
            budget: Percent(0),
        },
    }
}

fn by_id<T>(objects: Vec<T>, id: impl Fn(&T) -> ObjectRef) -> BTreeMap<ObjectRef, Arc<T>> {
    objects
        .into_iter()
        .map(|it| (id(&it), Arc::new(it)))
        .collect()
}

/// Gateways `edge` and `egress`; `maps` outside, and `pay` through `egress`.
fn mesh() -> Mesh {
    let about = [
        access("edge", Scope::Gateway(object("edge")), Some("corp")),
        access("egress", Scope::Gateway(object("egress")), None),
        access("maps", Scope::External(service_ref("maps")), None),
        access("pay", Scope::External(service_ref("pay")), Some("bank")),
        access("all", Scope::Namespace(name("shop")), None),
    ];
    let externals = [external("maps", None), external("pay", Some("egress"))];
    Mesh {
        settings: Settings {
            origin: origin(),
            trust_domain: TrustDomain::parse("shop.example").unwrap(),
            access: AccessDefault {
                mode: DefaultAccess::Deny,
                origin: origin(),
            },
            namespaces: vec![],
            certificate_lifetime: Duration::from_hours(1),
            renew_at: Percent(50_000),
            otlp: None,
        },
        services: BTreeMap::new(),
        routes: BTreeMap::new(),
        access: by_id(about.into(), |it| it.id.clone()),
        limits: BTreeMap::new(),
        issuers: by_id(vec![issuer("bank"), issuer("corp")], |it| it.id.clone()),
        gateways: by_id(vec![gateway("edge"), gateway("egress")], |it| it.id.clone()),
        externals: externals
            .into_iter()
            .map(|it| (it.id.clone(), Arc::new(it)))
            .collect(),
        telemetry: BTreeMap::new(),
        rollout: None,
        roles: Arc::default(),
    }
}

fn role(gateways: &[&str], externals: &[&str]) -> Role {
    Role {
        identity: SpiffeId::parse("spiffe://shop.example/ns/shop/sa/web").unwrap(),
        serves: vec![],
        gateways: gateways.iter().map(|it| object(it)).collect(),
        calls: [].into(),
        externals: externals.iter().map(|it| service_ref(it)).collect(),
    }
}

/// Access, gateways and issuers in view, by name.
fn seen(role: &Role) -> [String; 3] {
    let mesh = mesh();
    let view = Views::of(&mesh).view(role);
    let access: Vec<_> = view.access.iter().map(|it| it.id.name.as_str()).collect();
    let gateways: Vec<_> = view.gateways.iter().map(|it| it.id.name.as_str()).collect();
    let issuers: Vec<_> = view.issuers.iter().map(|it| it.id.name.as_str()).collect();
    [access.join(" "), gateways.join(" "), issuers.join(" ")]
}

#[test]
fn a_gateway_sees_what_is_about_it_and_the_issuers_that_it_names() {
    assert_eq!(seen(&role(&["edge"], &[])), ["all edge", "edge", "corp"]);
}

#[test]
fn a_caller_judges_what_it_calls_outside_unless_a_gateway_does() {
    assert_eq!(seen(&role(&[], &["maps"])), ["all maps", "", ""]);
    assert_eq!(seen(&role(&[], &["pay"])), ["", "egress", ""]);
    let at_gateway = seen(&role(&["egress"], &["pay"]));
    assert_eq!(at_gateway, ["all egress pay", "egress", "bank"]);
}

#[test]
fn a_snapshot_is_its_members_in_any_order() {
    let snapshot = mesh().snapshot(&role(&["egress"], &["pay"]));
    let mut members = snapshot.clone().into_members();
    assert_eq!(members.len(), 8);
    members.reverse();
    assert_eq!(Snapshot::from_members(members), Ok(snapshot));
}
