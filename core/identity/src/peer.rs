use crate::{SpiffeId, TrustDomain};

/// Which identities are accepted on the other side of a connection.
///
/// The chain is verified before against the roots of the identity's own trust
/// domain; this rule judges the identity that the chain proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerRule {
    /// Any workload of this trust domain: what an inbound listener accepts before access is decided.
    AnyOf(TrustDomain),
    /// One of these, and no other: what a caller accepts of the service it calls.
    OneOf(Vec<SpiffeId>),
}

impl PeerRule {
    /// Whether `id` is accepted. An identity without a path is a signing
    /// authority and never accepted (X509-SVID section 5.2).
    pub fn accepts(&self, id: &SpiffeId) -> bool {
        !id.path().is_empty()
            && match self {
                Self::AnyOf(domain) => id.trust_domain() == domain,
                Self::OneOf(ids) => ids.contains(id),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_authority_is_never_a_peer() {
        let domain = TrustDomain::parse("a").unwrap();
        let authority = SpiffeId::parse("spiffe://a").unwrap();
        assert!(!PeerRule::AnyOf(domain).accepts(&authority));
        assert!(!PeerRule::OneOf(vec![authority.clone()]).accepts(&authority));
    }

    #[test]
    fn another_trust_domain_is_refused() {
        let rule = PeerRule::AnyOf(TrustDomain::parse("a").unwrap());
        assert!(rule.accepts(&SpiffeId::parse("spiffe://a/ns/x/sa/y").unwrap()));
        assert!(!rule.accepts(&SpiffeId::parse("spiffe://b/ns/x/sa/y").unwrap()));
    }
}
