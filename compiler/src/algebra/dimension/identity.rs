use std::collections::BTreeSet;

use mesh_ir::{SpiffeId, SpiffePattern, TrustDomain, Who};

use super::super::bits::{Bits, turned};
use super::super::bounds::{Bounds, Undecided};

/// How many identities that exist are looked at for one that shows a class.
const MAX_TRIED: usize = 64;

/// Whom an entry names, in a mesh of a trust domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct WhoTest<'a> {
    pub(in super::super) who: &'a Who,
    pub(in super::super) own: &'a TrustDomain,
    /// Whether every identity is of the mesh, as for what closes.
    pub(in super::super) closes: bool,
}

impl WhoTest<'_> {
    fn takes(&self, identity: Option<&SpiffeId>) -> bool {
        let Some(id) = identity else {
            return *self.who == Who::Anyone;
        };
        match self.who {
            Who::Service { identities, .. } | Who::Gateway { identities, .. } => {
                identities.contains(id)
            }
            Who::Namespace(name) => {
                id.trust_domain() == self.own && id.namespace() == Some(name.as_str())
            }
            Who::Identity(pattern) => pattern.matches(id),
            Who::Authenticated => self.closes || id.trust_domain() == self.own,
            Who::Anyone => true,
        }
    }
}

/// An identity of each class that the tests tell apart (`None` is a caller without
/// one), and for each test the classes that it takes. `known` are those that exist,
/// sorted; the first classes are shown by such.
pub(in super::super) fn classes(
    tests: &[WhoTest<'_>],
    known: &[SpiffeId],
    with_nobody: bool,
    bounds: Bounds,
) -> Result<(Vec<Option<SpiffeId>>, Vec<Bits>), Undecided> {
    let shapes = shapes(tests, bounds)?;
    let fresh = Fresh::beside(&shapes);
    let mut exist: Vec<Option<SpiffeId>> = known.first().cloned().map(Some).into_iter().collect();
    let mut others: Vec<Option<SpiffeId>> = if with_nobody { vec![None] } else { vec![] };
    for shape in &shapes {
        exist.extend(shape.known(known).take(MAX_TRIED).cloned().map(Some));
        others.extend(fresh.identity(shape).map(Some));
    }
    // Whoever exists shows what no test names better than a name that nobody has.
    exist.extend(known.iter().take(MAX_TRIED).cloned().map(Some));
    let domains: BTreeSet<&TrustDomain> = tests.iter().map(|test| test.own).collect();
    for domain in domains {
        others.extend(fresh.of_domain(domain.as_str()));
    }
    others.extend(fresh.of_domain(&fresh.name));
    let mut found: Vec<Option<SpiffeId>> = vec![];
    let mut rows: BTreeSet<Bits> = BTreeSet::new();
    let mut holds = vec![];
    for identity in exist.into_iter().chain(others) {
        let mut row = Bits::none(tests.len());
        for (index, test) in tests.iter().enumerate() {
            if test.takes(identity.as_ref()) {
                row.insert(index);
            }
        }
        if rows.insert(row.clone()) {
            found.push(identity);
            holds.push(row);
        }
        if holds.len() > bounds.atoms {
            return Err(too_many(bounds));
        }
    }
    let columns = turned(&holds, tests.len());
    Ok((found, columns))
}

fn too_many(bounds: Bounds) -> Undecided {
    Undecided::Atoms {
        what: "callers".to_owned(),
        atoms: bounds.atoms,
    }
}

/// Identities of one trust domain and length; `None` is any segment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    domain: String,
    segments: Vec<Option<String>>,
}

/// The shapes that the tests name, and all that two of them have in common: each
/// class of identities is what some shape has and no narrower one.
fn shapes(tests: &[WhoTest<'_>], bounds: Bounds) -> Result<BTreeSet<Shape>, Undecided> {
    let mut all: BTreeSet<Shape> = tests.iter().flat_map(named).collect();
    let mut open: Vec<Shape> = all.iter().filter(|it| it.is_open()).cloned().collect();
    let mut next = 0;
    while next < open.len() {
        for other in 0..next {
            let Some(both) = open[next].meet(&open[other]) else {
                continue;
            };
            if all.insert(both.clone()) && both.is_open() {
                open.push(both);
            }
            if all.len() > bounds.atoms {
                return Err(too_many(bounds));
            }
        }
        next += 1;
    }
    Ok(all)
}

fn named(test: &WhoTest<'_>) -> Vec<Shape> {
    let pattern = |pattern: &SpiffePattern| Shape::parse(&pattern.to_string());
    match test.who {
        Who::Service { identities, .. } | Who::Gateway { identities, .. } => {
            let shapes = identities.iter().map(|id| Shape::parse(&id.to_string()));
            shapes.collect()
        }
        Who::Namespace(name) => {
            vec![Shape::parse(&format!(
                "spiffe://{}/ns/{name}/sa/*",
                test.own
            ))]
        }
        Who::Identity(one) => vec![pattern(one)],
        Who::Authenticated | Who::Anyone => vec![],
    }
}

impl Shape {
    fn parse(text: &str) -> Self {
        let mut parts = text.trim_start_matches("spiffe://").split('/');
        let domain = parts.next().unwrap_or_default().to_owned();
        let segment = |part: &str| (part != "*").then(|| part.to_owned());
        Self {
            domain,
            segments: parts.map(segment).collect(),
        }
    }

    fn is_open(&self) -> bool {
        self.segments.contains(&None)
    }

    fn meet(&self, other: &Self) -> Option<Self> {
        if self.domain != other.domain || self.segments.len() != other.segments.len() {
            return None;
        }
        let pairs = self.segments.iter().zip(&other.segments);
        let segments = pairs.map(|(a, b)| match (a, b) {
            (Some(a), Some(b)) if a != b => None,
            (Some(one), _) | (None, Some(one)) => Some(Some(one.clone())),
            (None, None) => Some(None),
        });
        Some(Self {
            domain: self.domain.clone(),
            segments: segments.collect::<Option<_>>()?,
        })
    }

    /// Those of some sorted identities that begin like this shape.
    fn known<'i>(&self, identities: &'i [SpiffeId]) -> impl Iterator<Item = &'i SpiffeId> {
        let mut prefix = String::new();
        for segment in self.segments.iter().map_while(Option::as_ref) {
            prefix.push('/');
            prefix.push_str(segment);
        }
        let domain = self.domain.clone();
        let start = identities
            .partition_point(|id| (id.trust_domain().as_str(), id.path()) < (&*domain, &*prefix));
        identities[start..].iter().take_while(move |id| {
            id.trust_domain().as_str() == domain && id.path().starts_with(&prefix)
        })
    }
}

/// A name that no shape has, and a length.
struct Fresh {
    name: String,
    length: usize,
}

impl Fresh {
    fn beside(shapes: &BTreeSet<Shape>) -> Self {
        let mut name = "x".to_owned();
        let has = |shape: &Shape, name: &str| {
            shape.domain == name || shape.segments.iter().flatten().any(|it| it == name)
        };
        while shapes.iter().any(|shape| has(shape, &name)) {
            name.push('x');
        }
        let longest = shapes.iter().map(|shape| shape.segments.len()).max();
        Self {
            name,
            length: longest.unwrap_or(0),
        }
    }

    /// An identity of the shape and of no narrower one.
    fn identity(&self, shape: &Shape) -> Option<SpiffeId> {
        let mut text = format!("spiffe://{}", shape.domain);
        for segment in &shape.segments {
            text.push('/');
            text.push_str(segment.as_ref().unwrap_or(&self.name));
        }
        SpiffeId::parse(&text).ok()
    }

    /// An identity of the trust domain and of no shape, like a workload's if it may be.
    fn of_domain(&self, domain: &str) -> impl Iterator<Item = Option<SpiffeId>> {
        let long = format!("/{}", self.name).repeat(self.length + 1);
        let like = format!("/ns/{0}/sa/{0}", self.name);
        let texts = [like, long].map(|path| format!("spiffe://{domain}{path}"));
        texts
            .into_iter()
            .filter_map(|text| SpiffeId::parse(&text).ok())
            .map(Some)
    }
}

#[cfg(test)]
mod tests {
    use mesh_ir::Name;

    use super::*;

    fn shown(whos: &[Who], known: &[&str]) -> Vec<String> {
        let own = TrustDomain::parse("a").unwrap();
        let tests: Vec<_> = whos
            .iter()
            .map(|who| WhoTest {
                who,
                own: &own,
                closes: false,
            })
            .collect();
        let known: Vec<_> = known
            .iter()
            .map(|id| SpiffeId::parse(id).unwrap())
            .collect();
        let (found, _) = classes(&tests, &known, true, Bounds::default()).unwrap();
        let text = |id: &Option<SpiffeId>| id.as_ref().map_or("nobody".into(), ToString::to_string);
        found.iter().map(text).collect()
    }

    #[test]
    fn what_two_patterns_have_in_common_is_a_class() {
        let whos = [
            Who::Namespace(Name::parse("ops").unwrap()),
            Who::Identity(SpiffePattern::parse("spiffe://a/ns/*/sa/ci").unwrap()),
            Who::Authenticated,
        ];
        let found = shown(
            &whos,
            &["spiffe://a/ns/ops/sa/web", "spiffe://a/ns/shop/sa/cart"],
        );
        assert_eq!(
            found,
            [
                "spiffe://a/ns/ops/sa/web",
                "spiffe://a/ns/shop/sa/cart",
                "nobody",
                "spiffe://a/ns/x/sa/ci",
                "spiffe://a/ns/ops/sa/ci",
            ]
        );
    }

    #[test]
    fn an_identity_that_exists_is_shown_where_there_is_one() {
        let whos = [Who::Namespace(Name::parse("shop").unwrap())];
        let found = shown(
            &whos,
            &["spiffe://a/ns/ops/sa/web", "spiffe://a/ns/shop/sa/cart"],
        );
        assert_eq!(
            found,
            ["spiffe://a/ns/ops/sa/web", "spiffe://a/ns/shop/sa/cart"]
        );
    }
}
