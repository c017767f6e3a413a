mod access;
mod builder;
mod inbound;
mod limits;
mod outbound;
mod ports;
mod routes;

use mesh_ir::{
    HeaderEdits, Name, Origin, Port, Respond, RetryPolicy, Role, Service, ServiceRef, Settings,
    Snapshot, Timestamp, Version,
};

pub(crate) use access::{AccessEntry, AccessTable, PortAccess};
pub(crate) use inbound::Inbound;
pub(crate) use limits::{LimitIdentity, LimitTable};
pub(crate) use outbound::Outbound;
pub(crate) use ports::{OutboundPort, http_port};
pub(crate) use routes::{BackendChoice, Destination, ForwardTable, RouteAction, RouteEntry};

use crate::index::{
    EditsIndex, InboundPort, LimitIndex, PortIndex, RespondIndex, RetryIndex, ServiceIndex,
    VersionIndex,
};
use crate::rule::{RuleIndex, RuleMeta};
use builder::Builder;

/// A snapshot, made ready to decide: built once per bundle, borrowed by every request.
#[derive(Debug)]
pub struct Tables {
    settings: Settings,
    role: Role,
    rules: Vec<RuleMeta>,
    /// Sorted by id.
    services: Vec<Service>,
    pub(crate) access: AccessTable,
    pub(crate) limits: Vec<LimitTable>,
    inbound: Vec<Inbound>,
    pub(crate) outbound: Outbound,
    edits: Vec<HeaderEdits>,
    retries: Vec<RetryPolicy>,
    responds: Vec<Respond>,
}

/// A piece of a snapshot that these tables cannot do as it says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{what} ({origin}): {reason}")]
pub struct NotHonourable {
    /// Where it stands.
    pub origin: Origin,
    /// The object and rule, `Route shop/reviews everyone`.
    pub what: String,
    /// Why not.
    pub reason: String,
}

/// A share of the requests that a rule forwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Who gets it.
    pub service: ServiceRef,
    /// Which version; `None` is all of them.
    pub version: Option<Name>,
    /// Of the sum of weights.
    pub weight: u32,
}

impl Tables {
    /// Builds the tables, or says everything that cannot be honoured.
    pub fn build(snapshot: &Snapshot) -> Result<Self, Vec<NotHonourable>> {
        let mut builder = Builder::new(snapshot);
        let access = AccessTable::build(&mut builder);
        let limits = limits::build(&mut builder);
        let inbound = inbound::build(&mut builder, &access, &limits);
        let outbound = Outbound::build(&mut builder);
        let pools = builder.finish()?;
        Ok(Self {
            settings: snapshot.settings.clone(),
            role: snapshot.role.clone(),
            rules: pools.rules,
            services: pools.services,
            access,
            limits,
            inbound,
            outbound,
            edits: pools.edits,
            retries: pools.retries,
            responds: pools.responds,
        })
    }

    /// What an index of a verdict or a step stands for.
    pub fn rule(&self, index: RuleIndex) -> &RuleMeta {
        &self.rules[index.position()]
    }

    /// Whose view this is.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// What `Mesh` says.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Every service in view, served or called, sorted by namespace and name.
    pub fn services(&self) -> impl Iterator<Item = (ServiceIndex, &Service)> {
        self.services
            .iter()
            .enumerate()
            .map(|(at, it)| (ServiceIndex::at(at), it))
    }

    /// One service in view.
    pub fn service(&self, index: ServiceIndex) -> &Service {
        &self.services[index.position()]
    }

    /// A port of a service, as a plan names it.
    pub fn port(&self, service: ServiceIndex, port: PortIndex) -> &Port {
        &self.service(service).ports[port.position()]
    }

    /// A version of a service, as a plan names it.
    pub fn version(&self, service: ServiceIndex, version: VersionIndex) -> &Version {
        &self.service(service).versions[version.position()]
    }

    /// A service in view by its name.
    pub fn find_service(&self, id: &ServiceRef) -> Option<ServiceIndex> {
        self.services
            .binary_search_by(|service| service.id.cmp(id))
            .ok()
            .map(ServiceIndex::at)
    }

    /// A port of a service that this role serves.
    pub fn inbound(&self, service: &ServiceRef, port: &Name) -> Option<InboundPort> {
        self.inbound
            .iter()
            .position(|it| {
                let served = self.service(it.service);
                served.id == *service && served.ports[it.port.position()].name == *port
            })
            .map(InboundPort::at)
    }

    /// The service and the port in it that an inbound port stands for.
    pub fn inbound_target(&self, at: InboundPort) -> (ServiceIndex, PortIndex) {
        let inbound = self.inbound_port(at);
        (inbound.service, inbound.port)
    }

    /// The first instant after `after` at which an enforced `allow` entry ends by
    /// itself: what is open then is to be judged again.
    pub fn next_expiry(&self, after: Timestamp) -> Option<Timestamp> {
        self.access.next_expiry(after)
    }

    /// Edits that a plan names.
    pub fn edits(&self, index: EditsIndex) -> &HeaderEdits {
        &self.edits[index.position()]
    }

    /// The retry policy that a plan names.
    pub fn retry_policy(&self, index: RetryIndex) -> &RetryPolicy {
        &self.retries[index.position()]
    }

    /// The answer that a routing names.
    pub fn respond(&self, index: RespondIndex) -> &Respond {
        &self.responds[index.position()]
    }

    /// How a forwarding rule shares out its requests; empty for other rules.
    pub fn distribution(&self, rule: RuleIndex) -> Vec<Share> {
        self.outbound.distribution(rule, &self.services)
    }

    pub(crate) fn inbound_port(&self, at: InboundPort) -> &Inbound {
        &self.inbound[at.position()]
    }

    pub(crate) fn limit(&self, index: LimitIndex) -> &LimitTable {
        &self.limits[index.position()]
    }
}
