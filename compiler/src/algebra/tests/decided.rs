use std::time::Duration;

use mesh_decide::{
    Admission, Caller, Found, InboundPort, Moment, Reason, State, Step, Tables, What, admit,
};
use mesh_ir::{
    Access, AccessDefault, AccessRule, DefaultAccess, EncodedSlash, Limit, LimitScope,
    LoadBalancing, MtlsMode, Name, ObjectRef, Origin, Percent, Port, Protocol, Rate, RateLimit,
    RetryPolicy, Role, RuleId, Scope, Service, ServiceLimits, ServiceRef, Settings, Snapshot,
    SpiffeId, Target, Tick, Timestamp, Workloads,
};

use super::super::Mode;
use super::written::{Request, Written, trust_domain};

/// One rule as `mesh-decide` carries it out.
pub(super) struct Judge {
    tables: Tables,
    state: State,
    at: InboundPort,
    mode: Mode,
}

impl Judge {
    pub(super) fn new(rule: &Written, encoded_slash: bool) -> Self {
        Self::of(rule, encoded_slash).expect("its regexes are some")
    }

    /// `None` where a regex is none to `mesh-decide`.
    pub(super) fn of(rule: &Written, encoded_slash: bool) -> Option<Self> {
        let mut snapshot = snapshot(encoded_slash);
        let target = Target {
            scope: Scope::Service(snapshot.services[0].id.clone()),
            ports: vec![],
            hosts: rule.hosts.clone(),
        };
        match rule.mode {
            Mode::Plain => {
                snapshot.settings.access.mode = DefaultAccess::Allow;
                snapshot.limits = vec![limits(rule, target)];
            }
            Mode::Allow | Mode::Deny => snapshot.access = vec![access(rule, target)],
        }
        if rule.mode == Mode::Deny {
            snapshot.settings.access.mode = DefaultAccess::Allow;
        }
        let tables = Tables::build(&snapshot).ok()?;
        Some(Self {
            state: State::new(&tables, 0),
            at: tables
                .inbound(&snapshot.services[0].id, &name("http"))
                .unwrap(),
            tables,
            mode: rule.mode,
        })
    }

    /// Whether the rule takes the request; `None` where it is answered 400.
    pub(super) fn decides(&self, request: &Request) -> Option<bool> {
        let asked = mesh_decide::Request {
            method: request.method.as_bytes(),
            target: request.target.as_bytes(),
            authority: Some(request.host.as_bytes()),
            headers: &request.headers,
        };
        let caller = Caller::new(request.identity.as_ref(), request.address);
        let moment = Moment {
            now: Tick(0),
            wall: Timestamp(0),
        };
        let mut seen: Vec<Step> = vec![];
        let found = admit(
            &self.tables,
            &self.state,
            self.at,
            &caller,
            &asked,
            moment,
            &mut seen,
        );
        if let Admission::Refuse(refusal) = &found
            && refusal.reason == Reason::BadRequest
        {
            return None;
        }
        Some(match self.mode {
            Mode::Plain => seen.iter().any(|step| {
                step.what == What::Limit && matches!(step.found, Found::Room { .. } | Found::NoRoom)
            }),
            Mode::Allow => matches!(found, Admission::Admit(_)),
            Mode::Deny => matches!(found, Admission::Refuse(_)),
        })
    }
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn origin() -> Origin {
    Origin::new("a.yaml", 1, 1)
}

fn object() -> ObjectRef {
    ObjectRef {
        namespace: name("shop"),
        name: name("it"),
    }
}

fn access(rule: &Written, target: Target) -> Access {
    let entry = AccessRule {
        id: RuleId("it".into()),
        origin: origin(),
        from: rule.from.clone(),
        matches: rule.matches.clone(),
        expires: None,
    };
    let (allow, deny) = match rule.mode {
        Mode::Allow => (vec![entry], vec![]),
        _ => (vec![], vec![entry]),
    };
    Access {
        id: object(),
        origin: origin(),
        target,
        allow,
        deny,
        audit: vec![],
        authorizer: None,
        shadow: false,
    }
}

fn limits(rule: &Written, target: Target) -> RateLimit {
    let limit = Limit {
        id: RuleId("it".into()),
        origin: origin(),
        from: rule.from.clone(),
        matches: rule.matches.clone(),
        per: vec![],
        rate: Rate {
            count: 1,
            per: Duration::from_secs(1),
        },
        burst: 1,
        scope: LimitScope::Proxy,
        status: 429,
        shadow: true,
    };
    RateLimit {
        id: object(),
        origin: origin(),
        target,
        limits: vec![limit],
        provider: None,
    }
}

/// `a.shop` with one HTTP port, served by `web`.
fn snapshot(encoded_slash: bool) -> Snapshot {
    let id = ServiceRef {
        namespace: name("shop"),
        name: name("a"),
    };
    Snapshot {
        settings: Settings {
            origin: origin(),
            trust_domain: trust_domain(),
            access: AccessDefault {
                mode: DefaultAccess::Deny,
                origin: origin(),
            },
            namespaces: vec![],
            certificate_lifetime: Duration::from_hours(1),
            renew_at: Percent(50_000),
            otlp: None,
        },
        role: Role {
            identity: SpiffeId::parse("spiffe://mesh.example/ns/shop/sa/a").unwrap(),
            serves: vec![id.clone()],
            gateways: vec![],
            calls: [].into(),
            externals: [].into(),
        },
        services: vec![service(id, encoded_slash)],
        routes: vec![],
        access: vec![],
        limits: vec![],
        issuers: vec![],
        gateways: vec![],
        externals: vec![],
        telemetry: vec![],
    }
}

fn service(id: ServiceRef, encoded_slash: bool) -> Service {
    Service {
        id,
        origin: origin(),
        accounts: vec![],
        hosts: vec![],
        ports: vec![Port {
            name: name("http"),
            number: 80,
            target: 80,
            protocol: Protocol::Http,
            mtls: MtlsMode::Permissive,
            proxy_protocol: false,
            http10: false,
            origin: origin(),
        }],
        versions: vec![],
        workloads: Workloads::Inventory,
        probes: vec![],
        health: None,
        load_balancing: LoadBalancing::LeastRequest.into(),
        limits: ServiceLimits::default(),
        outlier: None,
        connect_timeout: Duration::from_secs(1),
        timeout: None,
        stream_idle_timeout: None,
        idle_timeout: None,
        retries: RetryPolicy {
            attempts: 0,
            on: vec![],
            idempotent: false,
            backoff: mesh_ir::Backoff {
                base: Duration::from_millis(25),
                max: Duration::from_millis(250),
            },
            budget: Percent(20_000),
        },
        encoded_slash: if encoded_slash {
            EncodedSlash::Judge
        } else {
            EncodedSlash::Refuse
        },
        calls: None,
    }
}
