use crate::{HostPattern, Name, ServiceRef};

/// What an `Access` or a `RateLimit` speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// Which services.
    pub scope: Scope,
    /// Names of ports; empty: every port of the scope.
    pub ports: Vec<Name>,
    /// Only requests to these hosts; empty: every host.
    pub hosts: Vec<HostPattern>,
}

/// The services that a [`Target`] covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One service.
    Service(ServiceRef),
    /// `all: namespace`.
    Namespace(Name),
    /// `all: mesh`.
    Mesh,
}

impl Scope {
    /// Whether a service is covered.
    pub fn covers(&self, service: &ServiceRef) -> bool {
        match self {
            Self::Service(this) => this == service,
            Self::Namespace(namespace) => *namespace == service.namespace,
            Self::Mesh => true,
        }
    }
}

impl Target {
    /// Whether a port of a service is covered.
    pub fn covers(&self, service: &ServiceRef, port: &Name) -> bool {
        self.scope.covers(service) && (self.ports.is_empty() || self.ports.contains(port))
    }
}
