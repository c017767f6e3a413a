use mesh_ir::MemberKind;

/// The type URL of [`ResourceType::Bundle`].
pub const BUNDLE_TYPE: &str = "type.googleapis.com/meshwright.v1.Bundle";
/// The type URL of [`ResourceType::Endpoints`].
pub const ENDPOINTS_TYPE: &str = "type.googleapis.com/meshwright.v1.Endpoints";
/// The type URL of [`ResourceType::TrustRoots`].
pub const TRUST_ROOTS_TYPE: &str = "type.googleapis.com/meshwright.v1.TrustRoots";
/// The type URL of [`ResourceType::Listeners`].
pub const LISTENERS_TYPE: &str = "type.googleapis.com/meshwright.v1.Listeners";
/// The name of the one bundle in a client's view.
pub const BUNDLE_NAME: &str = "bundle";

/// The type URL of a kind of member.
pub fn type_url(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::Settings => "type.googleapis.com/meshwright.v1.Settings",
        MemberKind::Role => "type.googleapis.com/meshwright.v1.Role",
        MemberKind::Service => "type.googleapis.com/meshwright.v1.Service",
        MemberKind::Route => "type.googleapis.com/meshwright.v1.Route",
        MemberKind::Access => "type.googleapis.com/meshwright.v1.Access",
        MemberKind::RateLimit => "type.googleapis.com/meshwright.v1.RateLimit",
        MemberKind::TokenIssuer => "type.googleapis.com/meshwright.v1.TokenIssuer",
        MemberKind::Gateway => "type.googleapis.com/meshwright.v1.Gateway",
        MemberKind::ExternalService => "type.googleapis.com/meshwright.v1.ExternalService",
        MemberKind::Telemetry => "type.googleapis.com/meshwright.v1.Telemetry",
    }
}

/// A type of resource. The order is the one in which they are sent: facts that a
/// new bundle may need, the members, and the bundle that makes them effective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceType {
    /// One per trust domain, under its name.
    TrustRoots,
    /// One, under the workload's name.
    Listeners,
    /// One per service, under `namespace/name`.
    Endpoints,
    /// One per intent object, under its member name.
    Member(MemberKind),
    /// One, under [`BUNDLE_NAME`].
    Bundle,
}

impl ResourceType {
    /// Every type, in order.
    pub const ALL: [Self; 14] = [
        Self::TrustRoots,
        Self::Listeners,
        Self::Endpoints,
        Self::Member(MemberKind::Settings),
        Self::Member(MemberKind::Role),
        Self::Member(MemberKind::Service),
        Self::Member(MemberKind::Route),
        Self::Member(MemberKind::Access),
        Self::Member(MemberKind::RateLimit),
        Self::Member(MemberKind::TokenIssuer),
        Self::Member(MemberKind::Gateway),
        Self::Member(MemberKind::ExternalService),
        Self::Member(MemberKind::Telemetry),
        Self::Bundle,
    ];

    /// What the protocol calls it.
    pub fn type_url(self) -> &'static str {
        match self {
            Self::TrustRoots => TRUST_ROOTS_TYPE,
            Self::Listeners => LISTENERS_TYPE,
            Self::Endpoints => ENDPOINTS_TYPE,
            Self::Member(kind) => type_url(kind),
            Self::Bundle => BUNDLE_TYPE,
        }
    }

    /// The type of a URL, if it is one of ours.
    pub fn from_type_url(url: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.type_url() == url)
    }

    /// Whether it comes from inventory and carries no meaning.
    pub fn is_fact(self) -> bool {
        matches!(self, Self::TrustRoots | Self::Listeners | Self::Endpoints)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_type_and_urls_are_unique() {
        assert!(ResourceType::ALL.is_sorted());
        for it in ResourceType::ALL {
            assert_eq!(ResourceType::from_type_url(it.type_url()), Some(it));
        }
    }
}
