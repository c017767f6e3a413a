use crate::{HostPattern, Name, ObjectRef, ServiceRef};

/// What an `Access`, `RateLimit`, `Telemetry` or `Route` speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// Which objects.
    pub scope: Scope,
    /// Names of ports, or of a gateway's listeners; empty: every one of the scope.
    pub ports: Vec<Name>,
    /// Only requests to these hosts (the server name on `tls` ports); empty: every host.
    pub hosts: Vec<HostPattern>,
}

/// The objects that a [`Target`] covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One service.
    Service(ServiceRef),
    /// `all: namespace`: its services, gateways and external services.
    Namespace(Name),
    /// `all: mesh`.
    Mesh,
    /// One gateway.
    Gateway(ObjectRef),
    /// One external service.
    External(ServiceRef),
}

/// One object that a [`Target`] may cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject<'a> {
    /// A service.
    Service(&'a ServiceRef),
    /// A gateway.
    Gateway(&'a ObjectRef),
    /// An external service.
    External(&'a ServiceRef),
}

impl<'a> Subject<'a> {
    /// The namespace that it is of.
    pub fn namespace(&self) -> &'a Name {
        match self {
            Self::Service(id) | Self::External(id) => &id.namespace,
            Self::Gateway(id) => &id.namespace,
        }
    }
}

impl Scope {
    /// Whether a service is covered.
    pub fn covers(&self, service: &ServiceRef) -> bool {
        self.is_about(Subject::Service(service))
    }

    /// Whether an object is covered.
    pub fn is_about(&self, subject: Subject<'_>) -> bool {
        match (self, subject) {
            (Self::Mesh, _) => true,
            (Self::Namespace(namespace), subject) => namespace == subject.namespace(),
            (Self::Service(this), Subject::Service(it))
            | (Self::External(this), Subject::External(it)) => this == it,
            (Self::Gateway(this), Subject::Gateway(it)) => this == it,
            (Self::Service(_) | Self::External(_) | Self::Gateway(_), _) => false,
        }
    }

    /// The one object that it names; `None` for all of a namespace or of the mesh.
    pub fn subject(&self) -> Option<Subject<'_>> {
        match self {
            Self::Service(id) => Some(Subject::Service(id)),
            Self::Gateway(id) => Some(Subject::Gateway(id)),
            Self::External(id) => Some(Subject::External(id)),
            Self::Namespace(_) | Self::Mesh => None,
        }
    }
}

impl Target {
    /// Whether a port of a service is covered.
    pub fn covers(&self, service: &ServiceRef, port: &Name) -> bool {
        self.is_about(Subject::Service(service), port)
    }

    /// Whether a port (or listener) of an object is covered.
    pub fn is_about(&self, subject: Subject<'_>, port: &Name) -> bool {
        self.scope.is_about(subject) && (self.ports.is_empty() || self.ports.contains(port))
    }
}
