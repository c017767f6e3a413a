use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use mesh_ir::{HostPattern, ObjectRef, SpiffeId, ValueMatch};

use super::bits::{Bits, turned};
use super::bounds::{Bounds, Undecided};
use super::dimension::identity::WhoTest;
use super::dimension::{address, identity, method};
use super::gather::Gathered;
use super::space::{Side, Universe};
use super::text::paths::{self, PathTest};
use super::text::values::{self, Place, TextTest};

/// Headers by which a client asks an application to read another method.
pub(super) const OVERRIDES: [&str; 3] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
];

/// Each dimension of a space cut into atoms: values that no rule tells apart, each
/// shown by one, and for each question of a rule the atoms that answer yes.
#[derive(Debug)]
pub(super) struct Atoms<'a> {
    /// The last is `*`.
    pub(super) paths: Texts<PathTest<'a>>,
    pub(super) methods: Vec<String>,
    /// The place of the one that stands for all that no rule names.
    pub(super) other_method: usize,
    pub(super) identities: Vec<Option<SpiffeId>>,
    pub(super) whos: BTreeMap<WhoTest<'a>, Bits>,
    pub(super) hosts: Texts<TextTest<'a>>,
    /// `None` on the caller's side, where nothing looks at it.
    pub(super) addresses: Vec<Option<IpAddr>>,
    pub(super) networks: BTreeMap<&'a [IpNet], Bits>,
    pub(super) headers: Named<'a>,
    pub(super) query: Named<'a>,
    pub(super) cookies: Named<'a>,
    /// The claims of the tokens of each issuer.
    pub(super) tokens: Vec<(ObjectRef, Named<'a>)>,
}

/// Names, and the atoms of the values under each.
pub(super) type Named<'a> = Vec<(String, Texts<TextTest<'a>>)>;

/// The atoms of a text.
#[derive(Debug)]
pub(super) struct Texts<T> {
    pub(super) texts: Vec<Vec<u8>>,
    pub(super) taken: BTreeMap<T, Bits>,
}

impl<'a> Atoms<'a> {
    pub(super) fn of(
        gathered: Gathered<'a>,
        universe: &Universe<'_>,
        bounds: Bounds,
    ) -> Result<Self, Undecided> {
        let path_tests: Vec<PathTest<'a>> = gathered.paths.into_iter().collect();
        let paths = paths::classes(&path_tests, universe.encoded_slash, bounds)?;
        let path_rows = turned(&paths.holds, path_tests.len());
        let who_tests: Vec<WhoTest<'a>> = gathered.whos.into_iter().collect();
        let nobody = universe.side == Side::Callee;
        let (identities, who_rows) =
            identity::classes(&who_tests, universe.identities, nobody, bounds)?;
        let nets: Vec<&[IpNet]> = gathered.networks.into_iter().collect();
        let (addresses, net_rows) = match universe.side {
            // A `cidr` of a route takes nobody: the caller's own address is not asked.
            Side::Caller => (vec![None], vec![Bits::none(1); nets.len()]),
            Side::Callee | Side::StrictCallee => {
                let (addresses, rows) = address::classes(&nets);
                (addresses.into_iter().map(Some).collect(), rows)
            }
        };
        let place = |name: &str| {
            if universe.side.is_callee() && OVERRIDES.contains(&name) {
                Place::Method
            } else {
                Place::Header
            }
        };
        let named = |all: BTreeMap<&str, _>, place: &dyn Fn(&str) -> Place, what| {
            let each = all.into_iter().map(|(name, tests)| {
                let what = format!("{what} `{name}`");
                let texts = Texts::of(place(name), tests, bounds, &what)?;
                Ok((name.to_owned(), texts))
            });
            each.collect::<Result<Vec<_>, Undecided>>()
        };
        let (methods, other_method) = method::classes(gathered.methods.into_iter());
        Ok(Self {
            methods,
            other_method,
            paths: Texts {
                texts: paths.texts,
                taken: path_tests.into_iter().zip(path_rows).collect(),
            },
            identities,
            whos: who_tests.into_iter().zip(who_rows).collect(),
            hosts: hosts(gathered.hosts, universe, bounds)?,
            addresses,
            networks: nets.into_iter().zip(net_rows).collect(),
            headers: named(gathered.headers, &place, "the header")?,
            query: named(gathered.query, &|_| Place::Query, "the query parameter")?,
            cookies: named(gathered.cookies, &|_| Place::Cookie, "the cookie")?,
            tokens: {
                let each = gathered.tokens.into_iter().map(|(issuer, claims)| {
                    let place = |name: &str| match name {
                        "scope" | "/scope" => Place::Word,
                        _ => Place::Claim,
                    };
                    Ok((issuer.clone(), named(claims, &place, "the claim")?))
                });
                each.collect::<Result<_, Undecided>>()?
            },
        })
    }
}

impl<'a> Texts<TextTest<'a>> {
    fn of(
        place: Place,
        tests: impl IntoIterator<Item = TextTest<'a>>,
        bounds: Bounds,
        what: &str,
    ) -> Result<Self, Undecided> {
        let tests: Vec<_> = tests.into_iter().collect();
        let found = values::classes(place, &tests, bounds, what)?;
        let rows = turned(&found.holds, tests.len());
        Ok(Self {
            texts: found.texts,
            taken: tests.into_iter().zip(rows).collect(),
        })
    }
}

/// The atoms of hosts; those of hosts that a witness should have come first.
fn hosts<'a>(
    tests: impl IntoIterator<Item = TextTest<'a>>,
    universe: &Universe<'_>,
    bounds: Bounds,
) -> Result<Texts<TextTest<'a>>, Undecided> {
    let tests: Vec<_> = tests.into_iter().collect();
    let found = values::classes(Place::Host, &tests, bounds, "hosts")?;
    let mut texts = vec![];
    let mut rows: Vec<Bits> = vec![];
    let wanted = universe.hosts.iter().map(|host| {
        let mut row = Bits::none(tests.len());
        for (index, test) in tests.iter().enumerate() {
            if let TextTest::Hosts(hosts) = test
                && hosts
                    .iter()
                    .any(|it: &HostPattern| it.matches(host.as_str()))
            {
                row.insert(index);
            }
        }
        (host.as_str().as_bytes().to_vec(), row)
    });
    for (text, row) in wanted.chain(found.texts.into_iter().zip(found.holds)) {
        if !rows.contains(&row) {
            rows.push(row);
            texts.push(text);
        }
    }
    let columns = turned(&rows, tests.len());
    Ok(Texts {
        texts,
        taken: tests.into_iter().zip(columns).collect(),
    })
}

/// Questions that tell apart what an overriding header makes of a request: whether
/// it is one of the methods that rules name, as it is and in upper case.
pub(super) fn override_tests<'m>(methods: impl Iterator<Item = &'m str>) -> Vec<ValueMatch> {
    let each = methods.flat_map(|method| {
        let exact = ValueMatch::Exact(method.to_owned());
        let upper = ValueMatch::Regex(format!("(?i){}", regex::escape(method)));
        let is_upper = !method.bytes().any(|byte| byte.is_ascii_lowercase());
        [Some(exact), is_upper.then_some(upper)]
    });
    each.flatten().collect()
}
