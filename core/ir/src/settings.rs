use std::time::Duration;

use mesh_identity::TrustDomain;

use crate::{Name, Origin, Percent, ServiceRef};

/// What of `Mesh` every proxy needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where the document begins.
    pub origin: Origin,
    /// The mesh's own.
    pub trust_domain: TrustDomain,
    /// For every namespace that is not named below.
    pub access: AccessDefault,
    /// Namespaces with a default of their own. Sorted.
    pub namespaces: Vec<(Name, AccessDefault)>,
    /// How long a workload certificate lives, 5 s to 24 h.
    pub certificate_lifetime: Duration,
    /// The share of its life after which it is renewed.
    pub renew_at: Percent,
    /// Where traces, and logs that ask for it, are sent.
    pub otlp: Option<Otlp>,
}

/// `telemetry.otlp`: a collector in the mesh.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Otlp {
    /// Which service.
    pub service: ServiceRef,
    /// Which of its ports.
    pub port: Name,
    /// The line that says so.
    pub origin: Origin,
}

impl Settings {
    /// The default that speaks for a namespace.
    pub fn access_default(&self, namespace: &Name) -> &AccessDefault {
        self.namespaces
            .iter()
            .find(|(name, _)| name == namespace)
            .map_or(&self.access, |(_, default)| default)
    }
}

/// What holds for targets that no enforced `Access` speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessDefault {
    /// Allow or deny.
    pub mode: DefaultAccess,
    /// The `access.default` line in force (where the document begins, if it is left out).
    pub origin: Origin,
}

/// `access.default`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefaultAccess {
    /// Needs an exception.
    Allow,
    /// What is not allowed is refused.
    Deny,
}
