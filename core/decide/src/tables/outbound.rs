use std::collections::BTreeMap;
use std::time::Duration;

use mesh_ir::{Called, HostPattern, Name, ObjectRef, Service};

use super::Share;
use super::builder::{Builder, Site};
use super::callee::{Callee, CalleeKind};
use super::inbound::Inbound;
use super::ports::{OutboundPort, RoutesByService};
use super::routes::{Destination, RouteAction, RouteEntry};
use crate::index::{InboundPort, PortIndex, RetryIndex, ServiceIndex};
use crate::rule::RuleIndex;

/// What this role calls, and how.
#[derive(Debug)]
pub(crate) struct Outbound {
    /// Every host of everything callable.
    hosts: BTreeMap<Box<str>, ServiceIndex>,
    /// Hosts with a star of external services, the longest first.
    wildcards: Vec<(HostPattern, ServiceIndex)>,
    /// By [`ServiceIndex`]; `None` for what is served, or left through, and not called.
    views: Vec<Option<View>>,
    /// Where the rules with `cors` are.
    with_cors: BTreeMap<RuleIndex, (ServiceIndex, PortIndex, usize)>,
    /// The namespace in which short names are meant.
    namespace: Option<Name>,
    /// The default line of each namespace that has its own.
    defaults: Vec<(Name, RuleIndex)>,
    /// The mesh's own default line.
    default: RuleIndex,
}

/// One callable service or external service, or a gateway that this role is.
#[derive(Debug)]
pub(crate) struct View {
    /// Its own document.
    pub(crate) rule: RuleIndex,
    /// By [`PortIndex`].
    pub(crate) ports: Vec<OutboundPort>,
    /// Where no route says otherwise.
    pub(crate) retries: RetryIndex,
    /// From `calls` of what this role serves.
    pub(crate) timeout: Option<Duration>,
    /// From `calls` of what this role serves.
    pub(crate) attempts: Option<u32>,
    /// The gateway that it is reached through, where this role is not that gateway.
    pub(crate) via: Option<ServiceIndex>,
    /// By [`PortIndex`], of an external service whose access this role judges; else empty.
    pub(crate) admits: Vec<InboundPort>,
}

impl Outbound {
    pub(super) fn build(builder: &mut Builder<'_>, inbound: &[Inbound]) -> Self {
        let own = builder.snapshot.role.identity.namespace();
        let namespace = own.and_then(|text| Name::parse(text).ok());
        let routes = RoutesByService::new(builder);
        let views: Vec<_> = (0..builder.services().len())
            .map(|at| view(builder, (&routes, inbound), ServiceIndex::at(at)))
            .collect();
        let namespaces: Vec<_> = builder
            .snapshot
            .settings
            .namespaces
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        let defaults = namespaces
            .into_iter()
            .map(|name| (name.clone(), builder.add_default_rule(Some(&name))))
            .collect();
        Self {
            hosts: hosts(builder, namespace.as_ref()),
            wildcards: wildcards(builder),
            with_cors: with_cors(&views),
            views,
            namespace,
            defaults,
            default: builder.add_default_rule(None),
        }
    }

    /// The callable service that a host in canonical form names.
    pub(crate) fn find(&self, host: &str) -> Option<ServiceIndex> {
        let below = || {
            let mut all = self.wildcards.iter();
            all.find(|(pattern, _)| pattern.matches(host))
                .map(|it| it.1)
        };
        self.hosts.get(host).copied().or_else(below)
    }

    /// A callable service; `None` for one that is not.
    pub(crate) fn view(&self, service: ServiceIndex) -> Option<&View> {
        self.views[service.position()].as_ref()
    }

    /// A rule with `cors`.
    pub(crate) fn entry(&self, rule: RuleIndex) -> Option<&RouteEntry> {
        let (service, port, at) = self.with_cors.get(&rule)?;
        let view = self.view(*service)?;
        view.ports[port.position()].entries.get(*at)
    }

    /// The default line in force for what a host may mean.
    pub(crate) fn default_for_host(&self, host: &str) -> RuleIndex {
        let named = match host.split_once('.') {
            None => self.namespace.as_ref().map(Name::as_str),
            Some((_, rest)) => Some(rest),
        };
        named.map_or(self.default, |namespace| self.default_for(namespace))
    }

    /// The default line in force for a namespace.
    pub(crate) fn default_for(&self, namespace: &str) -> RuleIndex {
        self.defaults
            .iter()
            .find(|(name, _)| name.as_str() == namespace)
            .map_or(self.default, |(_, rule)| *rule)
    }

    pub(super) fn distribution(
        &self,
        rule: RuleIndex,
        (services, callees): (&[Service], &[Callee]),
    ) -> Vec<Share> {
        for (at, view) in self.views.iter().enumerate() {
            let ports = view.iter().flat_map(|view| &view.ports);
            let found = ports
                .flat_map(|port| &port.entries)
                .find(|entry| entry.rule == rule);
            if let Some(entry) = found {
                return shares(entry, ServiceIndex::at(at), (services, callees));
            }
        }
        vec![]
    }
}

fn with_cors(views: &[Option<View>]) -> BTreeMap<RuleIndex, (ServiceIndex, PortIndex, usize)> {
    let mut found = BTreeMap::new();
    for (service, view) in views.iter().enumerate() {
        for (port, rules) in view.iter().flat_map(|view| view.ports.iter().enumerate()) {
            for (at, entry) in rules.entries.iter().enumerate() {
                if entry.cors.is_some() {
                    let place = (ServiceIndex::at(service), PortIndex::at(port), at);
                    found.insert(entry.rule, place);
                }
            }
        }
    }
    found
}

fn shares(
    entry: &RouteEntry,
    own: ServiceIndex,
    (services, callees): (&[Service], &[Callee]),
) -> Vec<Share> {
    let RouteAction::Forward(forward) = &entry.action else {
        return vec![];
    };
    let of = |at: ServiceIndex, version, weight| Share {
        service: services[at.position()].id.clone(),
        kind: callees[at.position()].kind,
        version,
        weight,
    };
    let share = |backend: &super::BackendChoice| match &backend.destination {
        Destination::Own(version) => {
            let versions = &services[own.position()].versions;
            let version = version.map(|it| versions[it.position()].name.clone());
            of(own, version, backend.weight)
        }
        Destination::Other(service, _) => of(*service, None, backend.weight),
        Destination::NotVisible(kind, service, _) => Share {
            service: service.clone(),
            kind: *kind,
            version: None,
            weight: backend.weight,
        },
    };
    forward.backends.iter().map(share).collect()
}

/// Names of the mesh win over hosts that somebody writes.
fn hosts(builder: &Builder<'_>, namespace: Option<&Name>) -> BTreeMap<Box<str>, ServiceIndex> {
    let mut hosts = BTreeMap::new();
    let callable = || {
        builder
            .services()
            .iter()
            .enumerate()
            .map(|(at, service)| (ServiceIndex::at(at), service))
            .filter(|(at, _)| builder.callee(*at).kind == CalleeKind::Service)
            .filter(|(_, service)| builder.is_called(&service.id))
    };
    for (index, service) in callable() {
        if Some(&service.id.namespace) == namespace {
            hosts.insert(service.id.name.as_str().into(), index);
        }
    }
    for (index, service) in callable() {
        hosts.insert(service.id.to_string().into(), index);
    }
    for (index, service) in callable() {
        for host in &service.hosts {
            hosts.entry(host.as_str().into()).or_insert(index);
        }
    }
    for (pattern, index) in external_hosts(builder) {
        if let HostPattern::Exact(host) = pattern {
            hosts.entry(host.as_str().into()).or_insert(index);
        }
    }
    hosts
}

fn wildcards(builder: &Builder<'_>) -> Vec<(HostPattern, ServiceIndex)> {
    let mut below: Vec<_> = external_hosts(builder)
        .filter(|(pattern, _)| matches!(pattern, HostPattern::Below(_)))
        .map(|(pattern, index)| (pattern.clone(), index))
        .collect();
    below.sort_by(|a, b| (b.0.closeness(), &a.0, a.1).cmp(&(a.0.closeness(), &b.0, b.1)));
    below
}

fn external_hosts<'a>(
    builder: &'a Builder<'_>,
) -> impl Iterator<Item = (&'a HostPattern, ServiceIndex)> {
    let externals = builder.snapshot.externals.iter();
    externals.flat_map(|external| {
        let index = builder.find_external(&external.id);
        let index = index.expect("the list of services has every external one");
        external.hosts.iter().map(move |pattern| (pattern, index))
    })
}

fn view(
    builder: &mut Builder<'_>,
    (routes, inbound): (&RoutesByService<'_>, &[Inbound]),
    index: ServiceIndex,
) -> Option<View> {
    let service = builder.services()[index.position()].clone();
    let callee = builder.callee(index).clone();
    let role = &builder.snapshot.role;
    let (is_called, called) = match callee.kind {
        CalleeKind::Service => (
            builder.is_called(&service.id),
            Some(Called::Service(service.id.clone())),
        ),
        CalleeKind::External => (
            role.externals.contains(&service.id),
            Some(Called::External(service.id.clone())),
        ),
        CalleeKind::Gateway => (role.gateways.contains(&callee.object), None),
    };
    if !is_called {
        return None;
    }
    let bounds: Vec<_> = builder
        .snapshot
        .services
        .iter()
        .filter(|it| builder.snapshot.role.serves.contains(&it.id))
        .flat_map(|it| it.calls.iter().flatten())
        .filter(|call| Some(&call.to) == called.as_ref())
        .collect();
    let timeout = bounds.iter().filter_map(|call| call.timeout).min();
    let attempts = bounds.iter().filter_map(|call| call.attempts).min();
    let ports = service
        .ports
        .iter()
        .map(|port| {
            let site = Site {
                subject: callee.subject(&service.id),
                service: &service,
                port,
            };
            OutboundPort::build(builder, routes, &site)
        })
        .collect();
    Some(View {
        rule: builder.add_service_rule(index),
        ports,
        retries: builder.add_retries(&service.retries),
        timeout,
        attempts,
        via: via(builder, index, &service),
        admits: match callee.kind {
            CalleeKind::External => admits(inbound, index),
            CalleeKind::Service | CalleeKind::Gateway => vec![],
        },
    })
}

/// The inbound ports of a callee, which are in the order of its ports.
fn admits(inbound: &[Inbound], index: ServiceIndex) -> Vec<InboundPort> {
    let all = inbound.iter().enumerate();
    let own = all.filter(|(_, it)| it.service == index);
    own.map(|(at, _)| InboundPort::at(at)).collect()
}

/// The gateway before an external service, where this role is not that gateway.
fn via(builder: &mut Builder<'_>, index: ServiceIndex, service: &Service) -> Option<ServiceIndex> {
    if builder.callee(index).kind != CalleeKind::External {
        return None;
    }
    let mut externals = builder.snapshot.externals.iter();
    let via: &ObjectRef = externals.find(|it| it.id == service.id)?.via.as_ref()?;
    if builder.snapshot.role.gateways.contains(via) {
        return None;
    }
    let found = builder.find_gateway(via);
    if found.is_none() {
        let rule = builder.add_service_rule(index);
        builder.refuse(
            rule,
            format!("the gateway {via} that it is reached through is not there"),
        );
    }
    found
}
