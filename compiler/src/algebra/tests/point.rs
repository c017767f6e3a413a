use std::net::IpAddr;
use std::sync::LazyLock;

use mesh_ir::{SpiffeId, TrustDomain, ValueMatch};

use super::super::gather::Gathered;
use super::super::layout::{ADDRESS, HOST, IDENTITY, METHOD, PATH};
use super::super::text::values::TextTest;
use super::super::{Set, Space};
use super::naive;
use super::written::{Request, Written, trust_domain};

/// Finds the point of a space that a request is: in each dimension the atom that
/// every question of the rules answers alike.
pub(super) struct Points<'a> {
    gathered: Gathered<'a>,
    space: &'a Space,
    paths: Rows,
    identities: Rows,
    addresses: Rows,
    hosts: Rows,
    headers: Vec<Rows>,
    query: Vec<Rows>,
    cookies: Vec<Rows>,
    /// What is asked of a header that overrides the method beside what rules ask.
    overriding: Vec<ValueMatch>,
}

/// For each atom the answers to all questions.
type Rows = Vec<Vec<bool>>;

impl<'a> Points<'a> {
    pub(super) fn new(rules: &'a [Written], space: &'a Space) -> Self {
        static DOMAIN: LazyLock<TrustDomain> = LazyLock::new(trust_domain);
        let rules: Vec<_> = rules.iter().map(|it| it.rule(&DOMAIN)).collect();
        let gathered = Gathered::of(&rules);
        let methods = gathered.methods.iter().copied().chain(["HEAD", "OPTIONS"]);
        let mut points = Self {
            overriding: super::super::atoms::override_tests(methods),
            gathered,
            space,
            paths: vec![],
            identities: vec![],
            addresses: vec![],
            hosts: vec![],
            headers: vec![],
            query: vec![],
            cookies: vec![],
        };
        let compiled = space.compiled.borrow();
        let shown = &compiled.shown;
        let text = |it: &Vec<u8>| String::from_utf8(it.clone()).unwrap();
        points.paths = shown
            .paths
            .iter()
            .map(|it| points.path(&text(it)))
            .collect();
        points.identities = shown
            .identities
            .iter()
            .map(|it| points.who(it.as_ref()))
            .collect();
        points.addresses = shown
            .addresses
            .iter()
            .map(|it| points.within(it.unwrap()))
            .collect();
        let all = &points.gathered;
        points.hosts = shown
            .hosts
            .iter()
            .map(|it| row(all.hosts.iter(), it))
            .collect();
        let each = all.headers.iter().zip(&shown.headers);
        let headers = each.map(|((name, _), (_, atoms))| {
            atoms.iter().map(|it| points.header(name, it)).collect()
        });
        points.headers = headers.collect();
        let several = |tests: &std::collections::BTreeMap<_, std::collections::BTreeSet<_>>,
                       atoms: &[(String, Vec<Vec<u8>>)]| {
            let each = tests.values().zip(atoms);
            let rows = each
                .map(|(tests, (_, atoms))| atoms.iter().map(|it| row(tests.iter(), it)).collect());
            rows.collect()
        };
        points.query = several(&all.query, &shown.query);
        points.cookies = several(&all.cookies, &shown.cookies);
        points
    }

    /// Whether a request that is not answered 400 is in a set.
    pub(super) fn has(&self, set: Set, request: &Request) -> bool {
        let compiled = self.space.compiled.borrow();
        let values = self.values(request);
        let mut at = set.0;
        while at > 1 {
            let variable = compiled.diagram.variable(at);
            let edges = compiled.diagram.edges(at, variable);
            let value = values[variable];
            let has = |bits: &[u32]| bits[value / 32] & (1 << (value % 32)) != 0;
            at = edges.iter().find(|(bits, _)| has(bits)).unwrap().1;
        }
        at == 1
    }

    fn path(&self, path: &str) -> Vec<bool> {
        let tests = self.gathered.paths.iter();
        tests
            .map(|it| naive::paths(it.patterns, path, it.mode))
            .collect()
    }

    fn who(&self, id: Option<&SpiffeId>) -> Vec<bool> {
        let tests = self.gathered.whos.iter();
        tests.map(|it| naive::who(it.who, id, it.closes)).collect()
    }

    fn within(&self, address: IpAddr) -> Vec<bool> {
        let tests = self.gathered.networks.iter();
        tests.map(|nets| naive::within(nets, address)).collect()
    }

    fn header(&self, name: &str, value: &[u8]) -> Vec<bool> {
        let mut answers = row(self.gathered.headers[name].iter(), value);
        if name == "x-http-method-override" {
            let asked = self.overriding.iter();
            answers.extend(asked.map(|test| naive::value(test, value, false)));
        }
        answers
    }

    fn values(&self, request: &Request) -> Vec<usize> {
        let compiled = self.space.compiled.borrow();
        let shown = &compiled.shown;
        let mut values = vec![0; shown.layout.domains.len()];
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        values[PATH] = match path {
            "*" => shown.paths.len() - 1,
            _ => find(path, &self.paths, &self.path(path)),
        };
        let method = shown.methods.iter().position(|it| *it == request.method);
        values[METHOD] = method.unwrap_or_else(|| {
            let named =
                |it: &str| self.gathered.methods.contains(it) || it == "HEAD" || it == "OPTIONS";
            shown.methods.iter().position(|it| !named(it)).unwrap()
        });
        let id = request.identity.as_ref();
        values[IDENTITY] = find("identity", &self.identities, &self.who(id));
        let address = request.address.unwrap();
        values[ADDRESS] = find("address", &self.addresses, &self.within(address));
        let host = row(self.gathered.hosts.iter(), request.host.as_bytes());
        values[HOST] = find(&request.host, &self.hosts, &host);
        for (index, name) in self.gathered.headers.keys().enumerate() {
            if let Some((_, value)) = request.headers.iter().find(|(one, _)| one == name) {
                let at = find(name, &self.headers[index], &self.header(name, value));
                values[shown.layout.headers().start + index] = 1 + at;
            }
        }
        for (index, (name, tests)) in self.gathered.query.iter().enumerate() {
            for value in naive::query_values(query, name) {
                let class = find(name, &self.query[index], &row(tests.iter(), &value));
                values[shown.layout.query[index].0 + class] = 1;
            }
        }
        for (index, (name, tests)) in self.gathered.cookies.iter().enumerate() {
            for value in naive::cookies(request, name) {
                let class = find(name, &self.cookies[index], &row(tests.iter(), &value));
                values[shown.layout.cookies[index].0 + class] = 1;
            }
        }
        values
    }
}

fn row<'t>(tests: impl Iterator<Item = &'t TextTest<'t>>, value: &[u8]) -> Vec<bool> {
    let holds = |test: &TextTest<'_>| match test {
        TextTest::Value { test, folded } => naive::value(test, value, *folded),
        TextTest::Hosts(hosts) => naive::host(hosts, std::str::from_utf8(value).unwrap()),
    };
    tests.map(holds).collect()
}

fn find(what: &str, rows: &Rows, wanted: &[bool]) -> usize {
    let found = rows.iter().position(|row| row == wanted);
    found.unwrap_or_else(|| panic!("no atom is like `{what}`: {wanted:?}"))
}
