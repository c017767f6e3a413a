use std::fmt;

use crate::{Access, RateLimit, Role, Route, Service, Settings};

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
}

impl MemberKind {
    /// Every kind, in the order in which members are sent.
    pub const ALL: [Self; 6] = [
        Self::Settings,
        Self::Role,
        Self::Service,
        Self::Route,
        Self::Access,
        Self::RateLimit,
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
        }
    }

    /// Its name within its kind.
    pub fn name(&self) -> MemberName {
        MemberName(match self {
            Self::Settings(_) => "mesh".to_owned(),
            Self::Role(_) => "role".to_owned(),
            Self::Service(service) => format!("{}/{}", service.id.namespace, service.id.name),
            Self::Route(route) => route.id.to_string(),
            Self::Access(access) => access.id.to_string(),
            Self::RateLimit(limit) => limit.id.to_string(),
        })
    }
}
