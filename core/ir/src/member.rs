use std::fmt;

use crate::{
    Access, ExternalService, Gateway, RateLimit, Role, Route, Service, ServiceRef, Settings,
    Telemetry, TokenIssuer,
};

/// One intent object as the proxies need it: the unit that travels.
///
/// The same bytes for every proxy that gets it; visibility selects members and
/// never edits them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// From `Mesh`.
    Settings(Settings),
    /// What the role serves and calls.
    Role(Role),
    /// A service served or called.
    Service(Service),
    /// A route of a service called.
    Route(Route),
    /// Access to a service served.
    Access(Access),
    /// Limits of a service served.
    RateLimit(RateLimit),
    /// An issuer that something in view names.
    TokenIssuer(TokenIssuer),
    /// A gateway served, or left through.
    Gateway(Gateway),
    /// An external service called.
    ExternalService(ExternalService),
    /// What is written down about a service served or called.
    Telemetry(Telemetry),
}

/// The kind of a [`Member`]; each is a resource type of its own on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberKind {
    /// [`Member::Settings`].
    Settings,
    /// [`Member::Role`].
    Role,
    /// [`Member::Service`].
    Service,
    /// [`Member::Route`].
    Route,
    /// [`Member::Access`].
    Access,
    /// [`Member::RateLimit`].
    RateLimit,
    /// [`Member::TokenIssuer`].
    TokenIssuer,
    /// [`Member::Gateway`].
    Gateway,
    /// [`Member::ExternalService`].
    ExternalService,
    /// [`Member::Telemetry`].
    Telemetry,
}

impl MemberKind {
    /// Every kind, in the order in which members are sent.
    pub const ALL: [Self; 10] = [
        Self::Settings,
        Self::Role,
        Self::Service,
        Self::Route,
        Self::Access,
        Self::RateLimit,
        Self::TokenIssuer,
        Self::Gateway,
        Self::ExternalService,
        Self::Telemetry,
    ];
}

/// A member's name within its kind: `mesh`, `role`, or `namespace/name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberName(pub String);

impl fmt::Display for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Member {
    /// Its kind.
    pub fn kind(&self) -> MemberKind {
        match self {
            Self::Settings(_) => MemberKind::Settings,
            Self::Role(_) => MemberKind::Role,
            Self::Service(_) => MemberKind::Service,
            Self::Route(_) => MemberKind::Route,
            Self::Access(_) => MemberKind::Access,
            Self::RateLimit(_) => MemberKind::RateLimit,
            Self::TokenIssuer(_) => MemberKind::TokenIssuer,
            Self::Gateway(_) => MemberKind::Gateway,
            Self::ExternalService(_) => MemberKind::ExternalService,
            Self::Telemetry(_) => MemberKind::Telemetry,
        }
    }

    /// Its name within its kind.
    pub fn name(&self) -> MemberName {
        MemberName(match self {
            Self::Settings(_) => "mesh".to_owned(),
            Self::Role(_) => "role".to_owned(),
            Self::Service(service) => slashed(&service.id),
            Self::Route(route) => route.id.to_string(),
            Self::Access(access) => access.id.to_string(),
            Self::RateLimit(limit) => limit.id.to_string(),
            Self::TokenIssuer(issuer) => issuer.id.to_string(),
            Self::Gateway(gateway) => gateway.id.to_string(),
            Self::ExternalService(external) => slashed(&external.id),
            Self::Telemetry(telemetry) => telemetry.id.to_string(),
        })
    }
}

fn slashed(id: &ServiceRef) -> String {
    format!("{}/{}", id.namespace, id.name)
}
