use std::collections::BTreeMap;
use std::time::Duration;

use mesh_ir::{Called, Name, Service};

use super::Share;
use super::builder::Builder;
use super::ports::{OutboundPort, RoutesByService};
use super::routes::{Destination, RouteAction, RouteEntry};
use crate::index::{RetryIndex, ServiceIndex};
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

impl Outbound {
    pub(super) fn build(builder: &mut Builder<'_>) -> Self {
        let own = builder.snapshot.role.identity.namespace();
        let namespace = own.and_then(|text| Name::parse(text).ok());
        let routes = RoutesByService::new(builder);
        let views = (0..builder.services().len())
            .map(|at| view(builder, &routes, ServiceIndex::at(at)))
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
            .filter(|(_, service)| builder.is_called(&service.id))
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

fn view(
    builder: &mut Builder<'_>,
    routes: &RoutesByService<'_>,
    index: ServiceIndex,
) -> Option<View> {
    let service = builder.services()[index.position()].clone();
    if !builder.is_called(&service.id) {
        return None;
    }
    let bounds: Vec<_> = builder
        .snapshot
        .services
        .iter()
        .filter(|it| builder.snapshot.role.serves.contains(&it.id))
        .flat_map(|it| it.calls.iter().flatten())
        .filter(|call| call.to == Called::Service(service.id.clone()))
        .collect();
    let timeout = bounds.iter().filter_map(|call| call.timeout).min();
    let attempts = bounds.iter().filter_map(|call| call.attempts).min();
    let ports = service
        .ports
        .iter()
        .map(|port| OutboundPort::build(builder, routes, &service, port))
        .collect();
    Some(View {
        rule: builder.add_service_rule(index),
        ports,
        retries: builder.add_retries(&service.retries),
        timeout,
        attempts,
    })
}
