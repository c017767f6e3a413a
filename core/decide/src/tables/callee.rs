use mesh_ir::{
    Balancing, EncodedSlash, ExternalService, Gateway, Kind, Listener, LoadBalancing, MtlsMode,
    ObjectRef, Port, Service, ServiceLimits, ServiceRef, Snapshot, Subject, Workloads,
};

use crate::index::ServiceIndex;

/// What an object is that requests go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CalleeKind {
    /// A `Service`.
    Service,
    /// An `ExternalService`.
    External,
    /// A `Gateway`; its listeners are its ports.
    Gateway,
}

impl CalleeKind {
    /// The kind of its document.
    pub fn document(self) -> Kind {
        match self {
            Self::Service => Kind::Service,
            Self::External => Kind::ExternalService,
            Self::Gateway => Kind::Gateway,
        }
    }
}

/// Which object stands at a place in the list of services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callee {
    pub(crate) kind: CalleeKind,
    pub(crate) object: ObjectRef,
}

impl Callee {
    /// As documents speak of it; `id` is the same name.
    pub(crate) fn subject<'a>(&'a self, id: &'a ServiceRef) -> Subject<'a> {
        match self.kind {
            CalleeKind::Service => Subject::Service(id),
            CalleeKind::External => Subject::External(id),
            CalleeKind::Gateway => Subject::Gateway(&self.object),
        }
    }
}

/// Everything in view that requests go to, in one shape, by kind and then by id.
pub(super) fn callees(snapshot: &Snapshot) -> Vec<(Service, Callee)> {
    let service = |it: &Service| (it.clone(), callee(CalleeKind::Service, &it.id));
    let external = |it: &ExternalService| (outside(it), callee(CalleeKind::External, &it.id));
    let gateway = |it: &Gateway| {
        let shaped = door(it);
        let callee = callee(CalleeKind::Gateway, &shaped.id);
        (shaped, callee)
    };
    let mut all: Vec<_> = snapshot.services.iter().map(service).collect();
    all.extend(snapshot.externals.iter().map(external));
    all.extend(snapshot.gateways.iter().map(gateway));
    all.sort_by(|(a, kind), (b, other)| (kind.kind, &a.id).cmp(&(other.kind, &b.id)));
    all
}

pub(super) fn find_callee(
    callees: &[Callee],
    kind: CalleeKind,
    id: &ServiceRef,
) -> Option<ServiceIndex> {
    let wanted = (kind, &id.namespace, &id.name);
    callees
        .binary_search_by(|it| (it.kind, &it.object.namespace, &it.object.name).cmp(&wanted))
        .ok()
        .map(ServiceIndex::at)
}

fn callee(kind: CalleeKind, id: &ServiceRef) -> Callee {
    Callee {
        kind,
        object: ObjectRef {
            namespace: id.namespace.clone(),
            name: id.name.clone(),
        },
    }
}

fn outside(external: &ExternalService) -> Service {
    Service {
        id: external.id.clone(),
        origin: external.origin.clone(),
        accounts: vec![],
        hosts: vec![],
        ports: external.ports.clone(),
        versions: vec![],
        workloads: Workloads::Endpoints(external.endpoints.clone()),
        probes: vec![],
        health: None,
        load_balancing: external.load_balancing.clone(),
        limits: ServiceLimits::default(),
        outlier: None,
        connect_timeout: external.connect_timeout,
        timeout: external.timeout,
        stream_idle_timeout: external.stream_idle_timeout,
        idle_timeout: external.idle_timeout,
        retries: external.retries.clone(),
        encoded_slash: EncodedSlash::Refuse,
        calls: None,
    }
}

/// A gateway is never sent to: what it says of endpoints and times is never read.
fn door(gateway: &Gateway) -> Service {
    let port = |listener: &Listener| Port {
        name: listener.name.clone(),
        number: listener.port,
        target: listener.port,
        protocol: listener.protocol,
        mtls: MtlsMode::Permissive,
        proxy_protocol: false,
        http10: false,
        origin: listener.origin.clone(),
    };
    Service {
        id: ServiceRef {
            namespace: gateway.id.namespace.clone(),
            name: gateway.id.name.clone(),
        },
        origin: gateway.origin.clone(),
        accounts: gateway.accounts.clone(),
        hosts: vec![],
        ports: gateway.listeners.iter().map(port).collect(),
        versions: vec![],
        workloads: Workloads::Inventory,
        probes: vec![],
        health: None,
        load_balancing: Balancing::from(LoadBalancing::LeastRequest),
        limits: ServiceLimits::default(),
        outlier: None,
        connect_timeout: std::time::Duration::ZERO,
        timeout: None,
        stream_idle_timeout: None,
        idle_timeout: None,
        retries: mesh_ir::RetryPolicy {
            attempts: u32::MAX,
            on: vec![],
            idempotent: false,
            backoff: mesh_ir::Backoff {
                base: std::time::Duration::ZERO,
                max: std::time::Duration::ZERO,
            },
            budget: mesh_ir::Percent(0),
        },
        // Each service behind it decides for itself.
        encoded_slash: EncodedSlash::Judge,
        calls: None,
    }
}
