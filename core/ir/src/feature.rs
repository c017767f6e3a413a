use crate::{
    Access, Action, BackendTarget, CallerMatch, ExternalService, Forward, Gateway, Key, Limit,
    LimitScope, LoadBalancing, Member, Mesh, MtlsMode, Origin, Port, Protocol, RateLimit, Route,
    RouteRule, Scope, Service, Settings, Target, Telemetry, TokenIssuer, Who, Workloads,
};

/// Something that an intent may ask for and that not every version of the data plane
/// carries out. What every version does has no entry here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "`what` says it in words")]
pub enum Feature {
    Mirror,
    Fault,
    Cors,
    Fallback,
    Token,
    Authorizer,
    Gateway,
    ExternalService,
    Telemetry,
    Otlp,
    PermissiveMtls,
    ServerNames,
    FleetLimit,
    Ewma,
    HashBalancing,
    OriginalDestination,
    SlowStart,
    Locality,
    Panic,
    Probes,
    HealthCheck,
    ServiceLimits,
    OutlierDetection,
    WorkloadSelector,
    WorkloadDns,
    ProxyProtocol,
    Http10,
    LimitProvider,
}

impl Feature {
    /// What the proxy and the operator of this version carry out.
    pub const ENFORCED: &'static [Self] = &[
        Self::Mirror,
        Self::Fault,
        Self::Cors,
        Self::Fallback,
        Self::ServerNames,
        Self::HashBalancing,
        Self::ServiceLimits,
        Self::OutlierDetection,
    ];

    /// Whether this version carries it out.
    pub fn is_enforced(self) -> bool {
        Self::ENFORCED.contains(&self)
    }

    /// In words, after `the proxy cannot`.
    pub fn what(self) -> &'static str {
        match self {
            Self::Mirror => "mirror requests",
            Self::Fault => "inject faults",
            Self::Cors => "answer CORS preflights",
            Self::Fallback => "fall back to other backends",
            Self::Token => "validate tokens",
            Self::Authorizer => "ask an authorizer",
            Self::Gateway => "serve as a gateway",
            Self::ExternalService => "call external services",
            Self::Telemetry => "be told by an intent what to log and trace",
            Self::Otlp => "send telemetry to a collector",
            Self::PermissiveMtls => "take plain text beside mutual TLS",
            Self::ServerNames => "tell connections apart by server name",
            Self::FleetLimit => "share a limit with the fleet",
            Self::Ewma => "balance by latency",
            Self::HashBalancing => "balance by the hash of a key",
            Self::OriginalDestination => "keep to the endpoint that the client addressed",
            Self::SlowStart => "start new endpoints slowly",
            Self::Locality => "prefer near endpoints",
            Self::Panic => "use ill endpoints when too few are well",
            Self::Probes => "answer probes of the kubelet",
            Self::HealthCheck => "check the health of its application",
            Self::ServiceLimits => "bound connections and requests of an instance",
            Self::OutlierDetection => "leave out endpoints that answer badly",
            Self::WorkloadSelector => "find workloads by their labels",
            Self::WorkloadDns => "find workloads by DNS",
            Self::ProxyProtocol => "tell the application the caller's address",
            Self::Http10 => "take requests of HTTP/1.0",
            Self::LimitProvider => "ask another service about a limit",
        }
    }
}

/// What a member asks for, each with the line that does, in the order of the member.
pub fn features(member: &Member) -> Vec<(Feature, Origin)> {
    match member {
        Member::Settings(it) => it.features(),
        Member::Role(_) => vec![],
        Member::Service(it) => it.features(),
        Member::Route(it) => it.features(),
        Member::Access(it) => it.features(),
        Member::RateLimit(it) => it.features(),
        Member::TokenIssuer(it) => it.features(),
        Member::Gateway(it) => it.features(),
        Member::ExternalService(it) => it.features(),
        Member::Telemetry(it) => it.features(),
    }
}

macro_rules! asks {
    ($($object:ty: |$found:ident, $it:ident| $look:expr;)*) => {$(
        impl $object {
            /// What it asks for, each with the line that does.
            pub fn features(&self) -> Vec<(Feature, Origin)> {
                let ($it, mut $found) = (self, Found(vec![]));
                $look;
                $found.0
            }
        }
    )*};
}

asks! {
    Settings: |found, it| found.settings(it);
    Service: |found, it| found.service(it);
    Route: |found, it| found.route(it);
    Access: |found, it| found.access(it);
    RateLimit: |found, it| found.rate_limit(it);
    TokenIssuer: |found, it| found.add(Feature::Token, &it.origin);
    Gateway: |found, it| found.add(Feature::Gateway, &it.origin);
    ExternalService: |found, it| found.add(Feature::ExternalService, &it.origin);
    Telemetry: |found, it| found.add(Feature::Telemetry, &it.origin);
}

/// What documents ask for that speak of hosts where connections carry no more than a
/// server name: a document alone cannot tell.
pub fn server_names(mesh: &Mesh) -> Vec<(Feature, Origin)> {
    let access = mesh.access.values().map(|it| (&it.target, &it.origin));
    let limits = mesh.limits.values().map(|it| (&it.target, &it.origin));
    let routes = mesh.routes.values().map(|it| (&it.target, &it.origin));
    let all = access.chain(limits).chain(routes);
    let with_hosts = all.filter(|(target, _)| !target.hosts.is_empty());
    with_hosts
        .filter(|(target, _)| is_about_tls(target, mesh))
        .map(|(_, origin)| (Feature::ServerNames, origin.clone()))
        .collect()
}

fn is_about_tls(target: &Target, mesh: &Mesh) -> bool {
    let is_tls = |service: &Service| {
        let mut ports = service.ports.iter();
        ports.any(|port| port.protocol == Protocol::Tls && target.covers(&service.id, &port.name))
    };
    match &target.scope {
        Scope::Service(id) => mesh.services.get(id).is_some_and(|it| is_tls(it)),
        Scope::Namespace(_) | Scope::Mesh => mesh.services.values().any(|it| is_tls(it)),
        // What is about these is refused or carried out as a whole.
        Scope::Gateway(_) | Scope::External(_) => false,
    }
}

struct Found(Vec<(Feature, Origin)>);

impl Found {
    fn add(&mut self, feature: Feature, origin: &Origin) {
        self.0.push((feature, origin.clone()));
    }

    fn when(&mut self, wanted: bool, feature: Feature, origin: &Origin) {
        if wanted {
            self.add(feature, origin);
        }
    }

    fn settings(&mut self, settings: &Settings) {
        if let Some(otlp) = &settings.otlp {
            self.add(Feature::Otlp, &otlp.origin);
        }
    }

    fn service(&mut self, service: &Service) {
        let origin = &service.origin;
        for port in &service.ports {
            self.port(port);
        }
        match &service.workloads {
            Workloads::Inventory | Workloads::Endpoints(_) => {}
            Workloads::Selector(_) => self.add(Feature::WorkloadSelector, origin),
            Workloads::Dns(_) => self.add(Feature::WorkloadDns, origin),
        }
        self.when(!service.probes.is_empty(), Feature::Probes, origin);
        self.when(service.health.is_some(), Feature::HealthCheck, origin);
        self.when(!service.limits.is_empty(), Feature::ServiceLimits, origin);
        let outlier = service.outlier.is_some();
        self.when(outlier, Feature::OutlierDetection, origin);
        let balancing = &service.load_balancing;
        self.keys(&balancing.by, origin);
        match balancing.policy {
            LoadBalancing::RoundRobin | LoadBalancing::Random | LoadBalancing::LeastRequest => {}
            LoadBalancing::Ewma => self.add(Feature::Ewma, origin),
            LoadBalancing::RingHash | LoadBalancing::Maglev => {
                self.add(Feature::HashBalancing, origin);
            }
            LoadBalancing::OriginalDestination => self.add(Feature::OriginalDestination, origin),
        }
        self.when(balancing.slow_start.is_some(), Feature::SlowStart, origin);
        self.when(balancing.locality.is_some(), Feature::Locality, origin);
        self.when(balancing.panic.is_some(), Feature::Panic, origin);
    }

    fn port(&mut self, port: &Port) {
        let permissive = port.mtls == MtlsMode::Permissive;
        self.when(permissive, Feature::PermissiveMtls, &port.origin);
        self.when(port.proxy_protocol, Feature::ProxyProtocol, &port.origin);
        self.when(port.http10, Feature::Http10, &port.origin);
    }

    fn route(&mut self, route: &Route) {
        for rule in &route.rules {
            self.rule(rule);
        }
    }

    fn rule(&mut self, rule: &RouteRule) {
        self.callers(&rule.from, &rule.origin);
        if let Some(cors) = &rule.cors {
            self.add(Feature::Cors, &cors.origin);
        }
        if let Action::Forward(forward) = &rule.action {
            self.forward(forward, rule);
        }
    }

    fn forward(&mut self, forward: &Forward, rule: &RouteRule) {
        self.keys(&forward.split_by, &rule.origin);
        let fallback = forward.fallback.first();
        if let Some(first) = fallback {
            self.add(Feature::Fallback, &first.origin);
        }
        if let Some(first) = forward.mirror.first() {
            self.add(Feature::Mirror, &first.origin);
        }
        self.when(forward.fault.is_some(), Feature::Fault, &rule.origin);
        let backends = forward.backends.iter().chain(&forward.fallback);
        let targets = backends.map(|it| (&it.target, &it.origin));
        let mirrors = forward.mirror.iter().map(|it| (&it.target, &it.origin));
        for (target, origin) in targets.chain(mirrors) {
            let external = matches!(target, BackendTarget::External { .. });
            self.when(external, Feature::ExternalService, origin);
        }
    }

    fn access(&mut self, access: &Access) {
        for rule in access.rules() {
            self.callers(&rule.from, &rule.origin);
        }
        if let Some(authorizer) = &access.authorizer {
            self.add(Feature::Authorizer, &authorizer.origin);
        }
    }

    fn rate_limit(&mut self, document: &RateLimit) {
        for limit in &document.limits {
            self.limit(limit);
        }
        if let Some(provider) = &document.provider {
            self.add(Feature::LimitProvider, &provider.origin);
        }
    }

    fn limit(&mut self, limit: &Limit) {
        self.callers(&limit.from, &limit.origin);
        self.keys(&limit.per, &limit.origin);
        let fleet = limit.scope == LimitScope::Fleet;
        self.when(fleet, Feature::FleetLimit, &limit.origin);
    }

    fn callers(&mut self, from: &[CallerMatch], origin: &Origin) {
        let mut token = false;
        let mut gateway = false;
        for caller in from {
            caller.for_each_issuer(&mut |_| token = true);
            gateway |= names_gateway(caller);
        }
        self.when(token, Feature::Token, origin);
        self.when(gateway, Feature::Gateway, origin);
    }

    fn keys(&mut self, keys: &[Key], origin: &Origin) {
        let claim = keys.iter().any(|key| matches!(key, Key::Claim(_)));
        self.when(claim, Feature::Token, origin);
    }
}

fn names_gateway(caller: &CallerMatch) -> bool {
    matches!(caller.who, Who::Gateway { .. }) || caller.not.iter().any(names_gateway)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        Backoff, Fault, FaultDelay, HeaderEdits, Name, ObjectRef, Percent, Rank, RetryPolicy,
        RuleId, ServiceRef, Target,
    };

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn what_a_rule_asks_for_has_its_line() {
        let id = ServiceRef {
            namespace: name("shop"),
            name: name("api"),
        };
        let forward = Forward {
            backends: vec![],
            split_by: vec![Key::Claim("sub".into())],
            rewrite: None,
            request_headers: HeaderEdits::default(),
            response_headers: HeaderEdits::default(),
            timeout: None,
            per_try_timeout: None,
            retries: RetryPolicy {
                attempts: 0,
                on: vec![],
                idempotent: false,
                backoff: Backoff {
                    base: Duration::ZERO,
                    max: Duration::ZERO,
                },
                budget: Percent(0),
            },
            fallback: vec![],
            mirror: vec![],
            fault: Some(Fault {
                delay: Some(FaultDelay {
                    length: Duration::from_millis(1),
                    percent: Percent(100),
                }),
                abort: None,
            }),
        };
        let rule = RouteRule {
            id: RuleId("a".into()),
            origin: Origin::new("shop.yaml", 7, 1),
            rank: Rank {
                priority: 0,
                depth: 0,
            },
            from: vec![],
            matches: vec![],
            action: Action::Forward(forward),
            cors: None,
        };
        let route = Route {
            id: ObjectRef {
                namespace: name("shop"),
                name: name("api"),
            },
            origin: Origin::new("shop.yaml", 1, 1),
            target: Target {
                scope: Scope::Service(id),
                ports: vec![name("http")],
                hosts: vec![],
            },
            rules: vec![rule],
        };
        let at = Origin::new("shop.yaml", 7, 1);
        let want = [(Feature::Token, at.clone()), (Feature::Fault, at)];
        assert_eq!(features(&Member::Route(route)), want);
    }

    #[test]
    fn every_feature_that_is_refused_is_said_in_words() {
        for word in [Feature::Mirror.what(), Feature::Http10.what()] {
            assert!(word.starts_with(char::is_lowercase) && !word.ends_with('.'));
        }
    }
}
