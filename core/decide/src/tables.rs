mod access;
mod authorizers;
mod builder;
mod callee;
mod cors;
mod inbound;
mod limits;
mod outbound;
mod ports;
mod routes;
mod tokens;

use mesh_ir::{
    ExternalService, Gateway, HeaderEdits, Name, ObjectRef, Origin, Port, Respond, RetryPolicy,
    Role, Service, ServiceRef, Settings, Snapshot, Timestamp, TokenIssuer, Version,
};

pub(crate) use access::{AccessEntry, AccessTable, PortAccess, is_about_host};
pub use authorizers::AuthorizerTable;
pub(crate) use callee::Callee;
pub use callee::CalleeKind;
pub(crate) use cors::Announced;
pub(crate) use inbound::{Inbound, ListenerTable};
pub use limits::{FleetShares, LimitShare};
pub(crate) use limits::{LimitIdentity, LimitTable};
pub(crate) use outbound::Outbound;
pub(crate) use ports::{OutboundPort, http_port};
pub(crate) use routes::{
    BackendChoice, Destination, ForwardTable, RouteAction, RouteEntry, RouteFrom,
};
pub(crate) use tokens::{IssuerTable, PortIssuer};

use crate::index::{
    AuthorizerIndex, EditsIndex, InboundPort, IssuerIndex, LimitIndex, PortIndex, RespondIndex,
    RetryIndex, ServiceIndex, VersionIndex,
};
use crate::request::Headers;
use crate::rule::{RuleIndex, RuleMeta};
use crate::verdict::Fields;
use builder::Builder;

/// A snapshot, made ready to decide: built once per bundle, borrowed by every request.
#[derive(Debug)]
pub struct Tables {
    settings: Settings,
    role: Role,
    rules: Vec<RuleMeta>,
    /// By kind, then by id.
    services: Vec<Service>,
    callees: Vec<Callee>,
    externals: Vec<ExternalService>,
    gateways: Vec<Gateway>,
    issuers: Vec<IssuerTable>,
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
    /// What it is.
    pub kind: CalleeKind,
    /// Which version; `None` is all of them.
    pub version: Option<Name>,
    /// Of the sum of weights.
    pub weight: u32,
}

impl Tables {
    /// Builds the tables, or says everything that cannot be honoured. A limit of the
    /// fleet is decided as if this were the only proxy.
    pub fn build(snapshot: &Snapshot) -> Result<Self, Vec<NotHonourable>> {
        Self::build_shared(snapshot, &FleetShares::default())
    }

    /// Builds the tables of one proxy among several, which decides limits of the fleet
    /// by its shares.
    pub fn build_shared(
        snapshot: &Snapshot,
        shares: &FleetShares,
    ) -> Result<Self, Vec<NotHonourable>> {
        let mut builder = Builder::new(snapshot);
        let access = AccessTable::build(&mut builder);
        let limits = limits::build(&mut builder, shares);
        let inbound = inbound::build(&mut builder, &access, &limits);
        let outbound = Outbound::build(&mut builder, &inbound);
        let pools = builder.finish()?;
        Ok(Self {
            settings: snapshot.settings.clone(),
            role: snapshot.role.clone(),
            rules: pools.rules,
            services: pools.services,
            callees: pools.callees,
            externals: sorted(&snapshot.externals, |it| &it.id),
            gateways: sorted(&snapshot.gateways, |it| &it.id),
            issuers: pools.issuers,
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

    /// Everything in view that requests go to: services served or called, external
    /// services, and gateways as services whose ports are their listeners. By kind,
    /// then by namespace and name.
    pub fn services(&self) -> impl Iterator<Item = (ServiceIndex, &Service)> {
        self.services
            .iter()
            .enumerate()
            .map(|(at, it)| (ServiceIndex::at(at), it))
    }

    /// What a place in [`Self::services`] is.
    pub fn kind(&self, index: ServiceIndex) -> CalleeKind {
        self.callees[index.position()].kind
    }

    /// The external service at a place; `None` for what is none.
    pub fn external(&self, index: ServiceIndex) -> Option<&ExternalService> {
        let at = self.place_in(CalleeKind::External, index)?;
        self.externals.get(at)
    }

    /// The gateway at a place; `None` for what is none.
    pub fn gateway(&self, index: ServiceIndex) -> Option<&Gateway> {
        let at = self.place_in(CalleeKind::Gateway, index)?;
        self.gateways.get(at)
    }

    /// The place among those of its kind, which follow one another.
    fn place_in(&self, kind: CalleeKind, index: ServiceIndex) -> Option<usize> {
        let of_kind = self.kind(index) == kind;
        let first = self.callees.partition_point(|it| it.kind < kind);
        of_kind.then(|| index.position() - first)
    }

    /// Every issuer in view, sorted by namespace and name.
    pub fn issuers(&self) -> impl Iterator<Item = (IssuerIndex, &TokenIssuer)> {
        let all = self.issuers.iter().enumerate();
        all.map(|(at, it)| (IssuerIndex::at(at), &it.issuer))
    }

    /// The issuer that a question names.
    pub fn issuer(&self, index: IssuerIndex) -> &TokenIssuer {
        &self.issuers[index.position()].issuer
    }

    /// The document of an issuer.
    pub fn issuer_rule(&self, index: IssuerIndex) -> RuleIndex {
        self.issuers[index.position()].rule
    }

    /// The authorizer that a question names.
    pub fn authorizer(&self, index: AuthorizerIndex) -> &AuthorizerTable {
        &self.access.authorizers[index.position()]
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
        callee::find_callee(&self.callees, CalleeKind::Service, id)
    }

    /// An external service in view by its name.
    pub fn find_external(&self, id: &ServiceRef) -> Option<ServiceIndex> {
        callee::find_callee(&self.callees, CalleeKind::External, id)
    }

    /// A gateway in view by its name.
    pub fn find_gateway(&self, id: &ObjectRef) -> Option<ServiceIndex> {
        let id = ServiceRef {
            namespace: id.namespace.clone(),
            name: id.name.clone(),
        };
        callee::find_callee(&self.callees, CalleeKind::Gateway, &id)
    }

    /// A port of a service that this role serves.
    pub fn inbound(&self, service: &ServiceRef, port: &Name) -> Option<InboundPort> {
        self.inbound_of(self.find_service(service)?, port)
    }

    /// A port (or listener) of anything whose access this role judges.
    pub fn inbound_of(&self, callee: ServiceIndex, port: &Name) -> Option<InboundPort> {
        let ports = &self.service(callee).ports;
        self.inbound
            .iter()
            .position(|it| it.service == callee && ports[it.port.position()].name == *port)
            .map(InboundPort::at)
    }

    /// Everything that this role enforces.
    pub fn inbound_ports(&self) -> impl Iterator<Item = InboundPort> {
        (0..self.inbound.len()).map(InboundPort::at)
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

    /// What `cors` of a rule puts into its own answer to a request with these headers (a
    /// plan has it for what is forwarded); `None` for a rule without.
    pub fn cors(&self, rule: RuleIndex, headers: &dyn Headers) -> Option<Fields> {
        let cors = self.outbound.entry(rule)?.cors.as_ref()?;
        Some(cors.answer(headers))
    }

    /// How a forwarding rule shares out its requests; empty for other rules.
    pub fn distribution(&self, rule: RuleIndex) -> Vec<Share> {
        self.outbound
            .distribution(rule, (&self.services, &self.callees))
    }

    pub(crate) fn inbound_port(&self, at: InboundPort) -> &Inbound {
        &self.inbound[at.position()]
    }

    /// The own listeners of gateways.
    pub(crate) fn listeners(&self) -> impl Iterator<Item = (InboundPort, &ListenerTable)> {
        let all = self.inbound.iter().enumerate();
        all.filter_map(|(at, it)| Some((InboundPort::at(at), it.listener.as_deref()?)))
    }

    pub(crate) fn limit(&self, index: LimitIndex) -> &LimitTable {
        &self.limits[index.position()]
    }
}

fn sorted<T: Clone, K: Ord>(objects: &[T], id: impl Fn(&T) -> &K) -> Vec<T> {
    let mut sorted = objects.to_vec();
    sorted.sort_by(|a, b| id(a).cmp(id(b)));
    sorted
}
