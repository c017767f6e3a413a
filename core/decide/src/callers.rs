use std::net::IpAddr;

use mesh_ir::{CallerMatch, TrustDomain, Who};

use crate::mode::Mode;
use crate::request::Caller;

/// Whether any entry of a `from` means this caller; no entry at all means everybody.
///
/// `own` is the mesh's trust domain. Where the address is not known, a `cidr`
/// fails closed: it narrows what opens to nothing and what closes not at all.
pub(crate) fn is_from(
    entries: &[CallerMatch],
    caller: &Caller<'_>,
    own: &TrustDomain,
    mode: Mode,
) -> bool {
    entries.is_empty()
        || entries
            .iter()
            .any(|entry| is_meant(entry, caller, own, mode))
}

fn is_meant(entry: &CallerMatch, caller: &Caller<'_>, own: &TrustDomain, mode: Mode) -> bool {
    is_who(&entry.who, caller, own, mode)
        && is_within(entry, caller.address, mode)
        && !entry
            .not
            .iter()
            .any(|not| is_meant(not, caller, own, mode.inside_not()))
}

fn is_who(who: &Who, caller: &Caller<'_>, own: &TrustDomain, mode: Mode) -> bool {
    let Some(id) = caller.identity else {
        return *who == Who::Anyone;
    };
    match who {
        Who::Service { identities, .. } | Who::Gateway { identities, .. } => {
            identities.contains(id)
        }
        Who::Namespace(name) => id.trust_domain() == own && id.namespace() == Some(name.as_str()),
        Who::Identity(pattern) => pattern.matches(id),
        Who::Authenticated => mode == Mode::Lenient || id.trust_domain() == own,
        Who::Anyone => true,
    }
}

fn is_within(entry: &CallerMatch, address: Option<IpAddr>, mode: Mode) -> bool {
    entry.cidr.is_empty()
        || match address {
            Some(address) => {
                let address = address.to_canonical();
                entry.cidr.iter().any(|net| net.contains(&address))
            }
            None => mode == Mode::Lenient,
        }
}

#[cfg(test)]
mod tests {
    use mesh_ir::{Name, ServiceRef, SpiffeId, SpiffePattern};

    use super::*;

    fn entry(who: Who) -> CallerMatch {
        CallerMatch::from(who)
    }

    fn matches(entry: &CallerMatch, id: Option<&str>, address: Option<&str>, mode: Mode) -> bool {
        let id = id.map(|text| SpiffeId::parse(text).unwrap());
        let caller = Caller {
            identity: id.as_ref(),
            address: address.map(|text| text.parse().unwrap()),
        };
        let own = TrustDomain::parse("mesh.example").unwrap();
        is_from(std::slice::from_ref(entry), &caller, &own, mode)
    }

    const CART: &str = "spiffe://mesh.example/ns/shop/sa/cart";
    const FOREIGN: &str = "spiffe://other.example/ns/shop/sa/cart";

    #[test]
    fn a_service_is_its_whole_identities() {
        let name = |text| Name::parse(text).unwrap();
        let cart = entry(Who::Service {
            service: ServiceRef {
                namespace: name("shop"),
                name: name("cart"),
            },
            identities: vec![SpiffeId::parse(CART).unwrap()],
        });
        assert!(matches(&cart, Some(CART), None, Mode::Strict));
        assert!(!matches(&cart, Some(FOREIGN), None, Mode::Strict));
        assert!(!matches(&cart, None, None, Mode::Strict));
    }

    #[test]
    fn a_namespace_is_of_the_own_trust_domain() {
        let shop = entry(Who::Namespace(Name::parse("shop").unwrap()));
        assert!(matches(&shop, Some(CART), None, Mode::Strict));
        assert!(!matches(&shop, Some(FOREIGN), None, Mode::Strict));
    }

    #[test]
    fn authenticated_opens_to_the_own_mesh_and_closes_to_everybody_with_an_identity() {
        let known = entry(Who::Authenticated);
        assert!(matches(&known, Some(CART), None, Mode::Strict));
        assert!(!matches(&known, Some(FOREIGN), None, Mode::Strict));
        assert!(matches(&known, Some(FOREIGN), None, Mode::Lenient));
        assert!(!matches(&known, None, None, Mode::Lenient));
        assert!(matches(&entry(Who::Anyone), None, None, Mode::Strict));
    }

    #[test]
    fn a_cidr_narrows_and_fails_closed_without_an_address() {
        let mut inside = entry(Who::Anyone);
        inside.cidr = vec!["10.8.0.0/16".parse().unwrap()];
        assert!(matches(&inside, None, Some("10.8.1.1"), Mode::Strict));
        assert!(matches(
            &inside,
            None,
            Some("::ffff:10.8.1.1"),
            Mode::Strict
        ));
        assert!(!matches(&inside, None, Some("10.9.1.1"), Mode::Strict));
        assert!(!matches(&inside, None, None, Mode::Strict));
        assert!(matches(&inside, None, None, Mode::Lenient));
    }

    #[test]
    fn a_not_takes_out_and_turns_the_mode_round() {
        let mut others = entry(Who::Identity(
            SpiffePattern::parse("spiffe://mesh.example/ns/*/sa/*").unwrap(),
        ));
        others.not = vec![CallerMatch {
            cidr: vec!["10.0.0.0/8".parse().unwrap()],
            ..entry(Who::Anyone)
        }];
        assert!(matches(
            &others,
            Some(CART),
            Some("192.0.2.1"),
            Mode::Strict
        ));
        assert!(!matches(
            &others,
            Some(CART),
            Some("10.0.0.1"),
            Mode::Strict
        ));
        assert!(!matches(&others, Some(CART), None, Mode::Strict));
        assert!(matches(&others, Some(CART), None, Mode::Lenient));
    }
}
