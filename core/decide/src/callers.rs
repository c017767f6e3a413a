use std::net::IpAddr;

use ipnet::IpNet;
use mesh_ir::{CallerMatch, ObjectRef, TrustDomain, Who};

use crate::automaton::InvalidRegex;
use crate::claims::Claims;
use crate::index::IssuerIndex;
use crate::mode::Mode;
use crate::request::Caller;
use crate::values::ValueTest;

/// A `from`, ready to test: any of its entries; none at all is everybody.
#[derive(Debug, Clone, Default)]
pub(crate) struct Callers(Vec<Entry>);

#[derive(Debug, Clone)]
struct Entry {
    who: Who,
    cidr: Vec<IpNet>,
    token: Option<TokenTest>,
    not: Vec<Self>,
}

#[derive(Debug, Clone)]
struct TokenTest {
    issuer: IssuerIndex,
    claims: Vec<ValueTest>,
}

/// Why a `from` cannot be tested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidCallers {
    /// In a claim.
    #[error(transparent)]
    Regex(#[from] InvalidRegex),
    /// Of a token.
    #[error("the issuer {0} is not there")]
    Issuer(ObjectRef),
}

/// Who asks, and how the question is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) caller: &'a Caller<'a>,
    /// The mesh's trust domain.
    pub(crate) own: &'a TrustDomain,
    /// Whether a token that the caller does not have is taken to be what lets it in:
    /// tells a request that wants for a token from one that no token would help.
    pub(crate) wanting: bool,
}

impl<'a> Asking<'a> {
    pub(crate) fn of(caller: &'a Caller<'a>, own: &'a TrustDomain) -> Self {
        Self {
            caller,
            own,
            wanting: false,
        }
    }
}

impl Callers {
    pub(crate) fn new(
        entries: &[CallerMatch],
        issuer: &dyn Fn(&ObjectRef) -> Option<IssuerIndex>,
    ) -> Result<Self, InvalidCallers> {
        entries
            .iter()
            .map(|entry| Entry::new(entry, issuer))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether any entry means this caller.
    ///
    /// Where the address is not known, a `cidr` fails closed: it narrows what opens to
    /// nothing and what closes not at all.
    pub(crate) fn mean(&self, asking: &Asking<'_>, mode: Mode) -> bool {
        self.0.is_empty() || self.0.iter().any(|entry| entry.means(asking, mode))
    }

    /// Calls `add` with every issuer whose tokens are read.
    pub(crate) fn issuers(&self, add: &mut dyn FnMut(IssuerIndex)) {
        self.0.iter().for_each(|entry| entry.issuers(add));
    }
}

impl Entry {
    fn new(
        entry: &CallerMatch,
        issuer: &dyn Fn(&ObjectRef) -> Option<IssuerIndex>,
    ) -> Result<Self, InvalidCallers> {
        let token = |token: &mesh_ir::TokenMatch| {
            let unknown = || InvalidCallers::Issuer(token.issuer.clone());
            Ok::<_, InvalidCallers>(TokenTest {
                issuer: issuer(&token.issuer).ok_or_else(unknown)?,
                claims: token
                    .claims
                    .iter()
                    .map(ValueTest::new)
                    .collect::<Result<_, _>>()?,
            })
        };
        Ok(Self {
            who: entry.who.clone(),
            cidr: entry.cidr.clone(),
            token: entry.token.as_ref().map(token).transpose()?,
            not: Callers::new(&entry.not, issuer)?.0,
        })
    }

    fn means(&self, asking: &Asking<'_>, mode: Mode) -> bool {
        is_who(&self.who, asking, mode)
            && is_within(&self.cidr, asking.caller.address, mode)
            && self
                .token
                .as_ref()
                .is_none_or(|token| token.is_shown(asking, mode))
            && !self
                .not
                .iter()
                .any(|not| not.means(asking, mode.inside_not()))
    }

    fn issuers(&self, add: &mut dyn FnMut(IssuerIndex)) {
        self.token.iter().for_each(|token| add(token.issuer));
        self.not.iter().for_each(|not| not.issuers(add));
    }
}

impl TokenTest {
    /// A claim that is a list matches if one of its items does, in every mode.
    fn is_shown(&self, asking: &Asking<'_>, mode: Mode) -> bool {
        let any = match mode {
            Mode::Strict | Mode::Plain => Mode::Plain,
            Mode::Lenient => Mode::Lenient,
        };
        let holds =
            |claims: &Claims, test: &ValueTest| test.holds(&|f| claims.values(&test.name, f), any);
        match asking.caller.answers.claims(self.issuer) {
            Some(claims) => self.claims.iter().all(|test| holds(claims, test)),
            None => asking.wanting && mode == Mode::Strict,
        }
    }
}

fn is_who(who: &Who, asking: &Asking<'_>, mode: Mode) -> bool {
    let Some(id) = asking.caller.identity else {
        return *who == Who::Anyone;
    };
    let own = asking.own;
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

fn is_within(cidr: &[IpNet], address: Option<IpAddr>, mode: Mode) -> bool {
    cidr.is_empty()
        || match address {
            Some(address) => {
                let address = address.to_canonical();
                cidr.iter().any(|net| net.contains(&address))
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
        let caller = Caller::new(id.as_ref(), address.map(|text| text.parse().unwrap()));
        let own = TrustDomain::parse("mesh.example").unwrap();
        Callers::new(std::slice::from_ref(entry), &|_| None)
            .unwrap()
            .mean(&Asking::of(&caller, &own), mode)
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
