use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mesh_ir::{Kind, Name, Port, Route, Service};

use super::Share;
use super::builder::Builder;
use super::routes::{Destination, RouteAction, RouteEntry};
use crate::index::{PortIndex, RetryIndex, ServiceIndex};
use crate::rule::RuleIndex;

/// What this role calls, and how.
#[derive(Debug)]
pub(crate) struct Outbound {
    /// Every host of every callable service.
    hosts: BTreeMap<Box<str>, ServiceIndex>,
    /// By [`ServiceIndex`]; `None` for a service that is served and not called.
    views: Vec<Option<View>>,
    /// The namespace in which short names are meant.
    namespace: Option<Name>,
    /// The default line of each namespace that has its own.
    defaults: Vec<(Name, RuleIndex)>,
    /// The mesh's own default line.
    default: RuleIndex,
}

/// One callable service.
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
}

/// One port of a callable service.
#[derive(Debug, Default)]
pub(crate) struct OutboundPort {
    /// The first `Route` about it; `None` forwards everything.
    pub(crate) route: Option<RuleIndex>,
    /// The first that matches decides.
    pub(crate) entries: Vec<RouteEntry>,
    /// Headers that a rule reads, so they may come once only; cookies apart.
    pub(crate) single_headers: Vec<Box<str>>,
}

impl Outbound {
    pub(super) fn build(builder: &mut Builder<'_>) -> Self {
        let own = builder.snapshot.role.identity.namespace();
        let namespace = own.and_then(|text| Name::parse(text).ok());
        let views = (0..builder.services().len())
            .map(|at| view(builder, ServiceIndex::at(at)))
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
            views,
            namespace,
            defaults,
            default: builder.add_default_rule(None),
        }
    }

    /// The callable service that a host in canonical form names.
    pub(crate) fn find(&self, host: &str) -> Option<ServiceIndex> {
        self.hosts.get(host).copied()
    }

    /// A callable service; `None` for one that is not.
    pub(crate) fn view(&self, service: ServiceIndex) -> Option<&View> {
        self.views[service.position()].as_ref()
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

    pub(super) fn distribution(&self, rule: RuleIndex, services: &[Service]) -> Vec<Share> {
        for (service, view) in services.iter().zip(&self.views) {
            let ports = view.iter().flat_map(|view| &view.ports);
            let found = ports
                .flat_map(|port| &port.entries)
                .find(|entry| entry.rule == rule);
            if let Some(entry) = found {
                return shares(entry, service, services);
            }
        }
        vec![]
    }
}

fn shares(entry: &RouteEntry, own: &Service, services: &[Service]) -> Vec<Share> {
    let RouteAction::Forward(forward) = &entry.action else {
        return vec![];
    };
    let share = |backend: &super::BackendChoice| {
        let (service, version) = match &backend.destination {
            Destination::Own(version) => (
                &own.id,
                version.map(|it| own.versions[it.position()].name.clone()),
            ),
            Destination::Other(service, _) => (&services[service.position()].id, None),
            Destination::NotVisible(service, _) => (service, None),
        };
        Share {
            service: service.clone(),
            version,
            weight: backend.weight,
        }
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
            .filter(|(_, service)| builder.snapshot.role.calls.contains(&service.id))
            .map(|(at, service)| (ServiceIndex::at(at), service))
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
    hosts
}

fn view(builder: &mut Builder<'_>, index: ServiceIndex) -> Option<View> {
    let service = builder.services()[index.position()].clone();
    if !builder.snapshot.role.calls.contains(&service.id) {
        return None;
    }
    let bounds: Vec<_> = builder
        .snapshot
        .services
        .iter()
        .filter(|it| builder.snapshot.role.serves.contains(&it.id))
        .flat_map(|it| it.calls.iter().flatten())
        .filter(|call| call.service == service.id)
        .collect();
    let timeout = bounds.iter().filter_map(|call| call.timeout).min();
    let attempts = bounds.iter().filter_map(|call| call.attempts).min();
    let ports = service
        .ports
        .iter()
        .map(|port| outbound_port(builder, &service, port))
        .collect();
    Some(View {
        rule: builder.add_service_rule(index),
        ports,
        retries: builder.add_retries(&service.retries),
        timeout,
        attempts,
    })
}

fn outbound_port(builder: &mut Builder<'_>, service: &Service, port: &Port) -> OutboundPort {
    let about: Vec<&Route> = builder
        .snapshot
        .routes
        .iter()
        .filter(|route| route.target.covers(&service.id, &port.name))
        .collect();
    let Some(first) = about.first() else {
        return OutboundPort::default();
    };
    let document = builder.add_rule(Kind::Route, &first.id, None, &first.origin);
    let mut rules: Vec<_> = about
        .iter()
        .flat_map(|route| route.rules.iter().map(|rule| (*route, rule)))
        .collect();
    rules.sort_by(|(route, rule), (other_route, other)| {
        (rule.rank, &route.id, &rule.id).cmp(&(other.rank, &other_route.id, &other.id))
    });
    let entries: Vec<_> = rules
        .into_iter()
        .map(|(route, rule)| RouteEntry::new(builder, route, rule, service, port))
        .collect();
    let mut names = BTreeSet::new();
    for entry in &entries {
        entry.header_names(&mut |name| {
            names.insert(Box::<str>::from(name));
        });
    }
    names.remove("cookie");
    OutboundPort {
        route: Some(document),
        entries,
        single_headers: names.into_iter().collect(),
    }
}

/// The port of a service that a request means: the one written after the host,
/// else 80 if it is one of HTTP, else the only one of HTTP.
pub(crate) fn http_port(service: &Service, written: Option<u16>) -> Option<PortIndex> {
    let with_number = |wanted: u16| http_ports(service).find(|(_, number)| *number == wanted);
    let only = || {
        let mut all = http_ports(service);
        all.next().filter(|_| all.next().is_none())
    };
    match written {
        Some(number) => with_number(number),
        None => with_number(80).or_else(only),
    }
    .map(|(index, _)| index)
}

fn http_ports(service: &Service) -> impl Iterator<Item = (PortIndex, u16)> + '_ {
    service
        .ports
        .iter()
        .enumerate()
        .filter(|(_, port)| port.protocol.is_http())
        .map(|(at, port)| (PortIndex::at(at), port.number))
}
