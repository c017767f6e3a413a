use std::net::IpAddr;

use mesh_ir::{
    CallerMatch, HostPattern, Name, NamedValue, PathPattern, RequestMatch, ServiceRef, SpiffeId,
    SpiffePattern, TrustDomain, ValueMatch, Who,
};

use super::super::{Mode, Rule, Witness};
use super::draw::Draw;

/// A rule with what it borrows.
#[derive(Debug, Clone)]
pub(in super::super) struct Written {
    pub(in super::super) from: Vec<CallerMatch>,
    pub(in super::super) hosts: Vec<HostPattern>,
    pub(in super::super) matches: Vec<RequestMatch>,
    pub(in super::super) mode: Mode,
}

/// A request in the bytes in which it would come.
#[derive(Debug, Clone)]
pub(in super::super) struct Request {
    pub(in super::super) identity: Option<SpiffeId>,
    pub(in super::super) address: Option<IpAddr>,
    pub(in super::super) method: String,
    pub(in super::super) host: String,
    pub(in super::super) target: String,
    pub(in super::super) headers: Vec<(String, Vec<u8>)>,
}

const PATHS: [&str; 16] = [
    "/", "/**", "/a", "/a/", "/a/*", "/a/**", "/*", "/*/b", "/A/**", "/a/b/**", "/a%20b", "/a:b",
    "/a%3Bb", "/*/", "/a/*/b", "/*/**",
];
const PATH_REGEXES: [&str; 8] = [
    "/a.*",
    "/[ab]/x",
    "(?i)/a/b/?",
    ".*;.*",
    "/a|/b/",
    "/.*%2F.*",
    "\\*",
    "/a:?/?b",
];
const PIECES: [&str; 22] = [
    "/", "/", "/", "//", ";", "a", "a", "a", "b", "b", "A", "x", "%20", "%3A", ":", "%2f", ";x",
    "%41", "%3b", ".", "%2e", "%2F",
];
const VALUES: [&str; 8] = ["", "a", "ab", "b", "A", "a b", "ba", "10"];
const VALUE_REGEXES: [&str; 4] = ["a+|b", "[0-9]+", ".*b", "(?i)ab?"];
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "put", "OPTIONS"];
const HOSTS: [&str; 6] = ["a.shop", "shop", "*.shop", "*.a.shop", "b.a.shop", "x"];
const NETWORKS: [&str; 5] = [
    "10.0.0.0/8",
    "10.8.0.0/16",
    "10.0.0.0/9",
    "2001:db8::/32",
    "::/0",
];
const ADDRESSES: [&str; 6] = [
    "10.1.2.3",
    "10.8.0.1",
    "10.200.0.1",
    "192.0.2.1",
    "2001:db8::1",
    "::2",
];
const IDENTITIES: [&str; 6] = [
    "spiffe://mesh.example/ns/shop/sa/web",
    "spiffe://mesh.example/ns/shop/sa/cart",
    "spiffe://mesh.example/ns/ops/sa/ci",
    "spiffe://mesh.example/ns/ops/sa/other",
    "spiffe://other.example/ns/shop/sa/web",
    "spiffe://mesh.example/vm/7",
];

pub(in super::super) fn trust_domain() -> TrustDomain {
    TrustDomain::parse("mesh.example").unwrap()
}

/// Some of those that requests have.
pub(in super::super) fn identities() -> Vec<SpiffeId> {
    let mut all: Vec<_> = IDENTITIES[..3]
        .iter()
        .map(|it| SpiffeId::parse(it).unwrap())
        .collect();
    all.sort();
    all
}

impl Written {
    pub(in super::super) fn draw(draw: &mut Draw) -> Self {
        Self {
            from: (0..draw.below(3)).map(|_| caller(draw, 2)).collect(),
            hosts: if draw.one_in(4) {
                let host = HostPattern::parse(draw.of(&HOSTS)).unwrap();
                vec![host]
            } else {
                vec![]
            },
            matches: (0..draw.below(3)).map(|_| entry(draw, 2)).collect(),
            mode: draw.of(&[Mode::Plain, Mode::Allow, Mode::Deny]),
        }
    }

    pub(in super::super) fn rule<'a>(&'a self, trust_domain: &'a TrustDomain) -> Rule<'a> {
        Rule {
            from: &self.from,
            hosts: &self.hosts,
            matches: &self.matches,
            mode: self.mode,
            trust_domain,
        }
    }

    /// Lets a condition read a header that overrides the method.
    pub(in super::super) fn read_override(&mut self, draw: &mut Draw) {
        let value = draw.of(&[
            ValueMatch::Present,
            ValueMatch::Absent,
            ValueMatch::Exact("PUT".into()),
            ValueMatch::Regex("[a-z]+".into()),
        ]);
        let condition = NamedValue {
            name: "x-http-method-override".into(),
            value,
        };
        let methods = draw
            .some(&METHODS, 3)
            .into_iter()
            .map(str::to_owned)
            .collect();
        self.matches.push(RequestMatch {
            methods,
            ..RequestMatch::default()
        });
        let at = draw.below(self.matches.len());
        self.matches[at].headers.push(condition);
    }
}

fn caller(draw: &mut Draw, depth: usize) -> CallerMatch {
    let id = |text: &str| SpiffeId::parse(text).unwrap();
    let name = |text: &str| Name::parse(text).unwrap();
    let who = match draw.below(6) {
        0 => Who::Service {
            service: ServiceRef {
                namespace: name("shop"),
                name: name("web"),
            },
            identities: vec![id(IDENTITIES[0])],
        },
        1 => Who::Namespace(name(draw.of(&["shop", "ops"]))),
        2 => {
            let pattern = draw.of(&[
                "spiffe://mesh.example/ns/*/sa/ci",
                "spiffe://mesh.example/ns/ops/sa/*",
                "spiffe://other.example/ns/shop/sa/web",
            ]);
            Who::Identity(SpiffePattern::parse(pattern).unwrap())
        }
        3 => Who::Authenticated,
        _ => Who::Anyone,
    };
    let mut caller = CallerMatch::from(who);
    if draw.one_in(3) {
        caller.cidr = draw
            .some(&NETWORKS, 2)
            .iter()
            .map(|net| net.parse().unwrap())
            .collect();
    }
    if depth > 0 && draw.one_in(3) {
        caller.not = vec![self::caller(draw, depth - 1)];
    }
    caller
}

fn entry(draw: &mut Draw, depth: usize) -> RequestMatch {
    let paths = (0..draw.below(3)).map(|_| path(draw)).collect();
    let mut entry = RequestMatch {
        methods: draw
            .some(&METHODS, 2)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        paths,
        ..RequestMatch::default()
    };
    if draw.one_in(3) {
        entry.headers = vec![condition(draw, "h")];
    }
    if draw.one_in(5) {
        entry.headers.push(condition(draw, "h2"));
    }
    if draw.one_in(4) {
        entry.query = vec![condition(draw, "q")];
    }
    if draw.one_in(6) {
        entry.cookies = vec![condition(draw, "c")];
    }
    if depth > 0 && draw.one_in(3) {
        entry.not = vec![self::entry(draw, depth - 1)];
    }
    entry
}

fn path(draw: &mut Draw) -> PathPattern {
    if draw.one_in(4) {
        PathPattern::Regex(draw.of(&PATH_REGEXES).to_owned())
    } else {
        PathPattern::parse(draw.of(&PATHS)).unwrap()
    }
}

fn condition(draw: &mut Draw, name: &str) -> NamedValue {
    let text = draw.of(&VALUES).to_owned();
    let value = match draw.below(8) {
        0 => ValueMatch::Prefix(text),
        1 => ValueMatch::Suffix(text),
        2 => ValueMatch::Regex(draw.of(&VALUE_REGEXES).to_owned()),
        3 => ValueMatch::In(vec![text, draw.of(&VALUES).to_owned()]),
        4 => ValueMatch::Present,
        5 => ValueMatch::Absent,
        _ => ValueMatch::Exact(text),
    };
    NamedValue {
        name: name.to_owned(),
        value,
    }
}

impl Request {
    pub(in super::super) fn draw(draw: &mut Draw) -> Self {
        let mut target: String = (0..draw.below(7)).map(|_| draw.of(&PIECES)).collect();
        target.insert(0, '/');
        let mut method = draw.of(&METHODS).to_owned();
        let mut headers = vec![];
        let mut add = |name: &str, value: String| headers.push((name.into(), value.into_bytes()));
        if draw.one_in(2) {
            add("h", draw.of(&VALUES).to_owned());
        }
        if draw.one_in(3) {
            add("h2", draw.of(&VALUES).to_owned());
        }
        if draw.one_in(3) {
            let values = draw.some(&VALUES, 3);
            let pairs: Vec<_> = values.iter().map(|value| format!("c={value}")).collect();
            add("cookie", format!("d=a; {}", pairs.join("; ")));
        }
        if draw.one_in(12) {
            (method, target) = ("OPTIONS".into(), "*".into());
        } else {
            let mut values = draw.some(&VALUES, 2);
            for value in &mut values {
                *value = if *value == "a b" { "a+b" } else { *value };
            }
            for (index, value) in values.iter().enumerate() {
                target.push(if index == 0 { '?' } else { '&' });
                target.extend(["q=", value]);
            }
        }
        let identity = draw.one_in(6).then_some(());
        Self {
            identity: match identity {
                Some(()) => None,
                None => Some(SpiffeId::parse(draw.of(&IDENTITIES)).unwrap()),
            },
            address: Some(draw.of(&ADDRESSES).parse().unwrap()),
            method,
            host: draw
                .of(&["a.shop", "shop", "b.a.shop", "x", "c.b.a.shop"])
                .to_owned(),
            target,
            headers,
        }
    }

    /// Whether every reader agrees what it says, so that nobody refuses it.
    pub(in super::super) fn is_plain(&self) -> bool {
        let path = self.target.to_ascii_lowercase();
        let escaped = ["%2f", "/.", "/%2e"].iter().any(|it| path.contains(it));
        !escaped && (self.target != "*" || self.method == "OPTIONS")
    }

    /// Adds a header that overrides the method, mostly.
    pub(in super::super) fn override_method(&mut self, draw: &mut Draw) {
        let values = ["GET", "get", "PUT", "put", "HEAD", "PURGE", "Post"];
        if !draw.one_in(4) {
            let value = draw.of(&values).as_bytes().to_vec();
            self.headers.push(("x-http-method-override".into(), value));
        }
    }
}

impl From<&Witness> for Request {
    fn from(witness: &Witness) -> Self {
        Self {
            identity: witness.identity.clone(),
            address: witness.address,
            method: witness.method.clone(),
            host: witness.host.clone(),
            target: witness.target.clone(),
            headers: witness.headers.clone(),
        }
    }
}
