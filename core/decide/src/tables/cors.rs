use std::time::Duration;

use mesh_ir::{Cors, RouteRule, ValueMatch};

use super::builder::Builder;
use crate::automaton::Automaton;
use crate::request::Headers;
use crate::rule::RuleIndex;
use crate::verdict::Fields;

/// What scripts of other origins may ask for, ready to answer (WHATWG Fetch, CORS protocol).
#[derive(Debug)]
pub(crate) struct CorsTable {
    origins: Vec<OriginTest>,
    /// Never empty.
    methods: Vec<String>,
    headers: Vec<String>,
    expose: Vec<String>,
    max_age: Option<Duration>,
    credentials: bool,
}

#[derive(Debug)]
enum OriginTest {
    Exact(Box<[u8]>),
    Regex(Box<Automaton>),
    Any,
}

/// What a preflight asks about.
pub(crate) struct Announced {
    pub(crate) origin: Vec<u8>,
    pub(crate) method: Vec<u8>,
}

impl Announced {
    /// `None` for what is no preflight, an ordinary `OPTIONS` among it.
    pub(crate) fn by(method: &[u8], headers: &dyn Headers) -> Option<Self> {
        if method != b"OPTIONS" {
            return None;
        }
        Some(Self {
            origin: only(headers, "origin")?,
            method: only(headers, "access-control-request-method")?,
        })
    }
}

impl CorsTable {
    pub(super) fn new(
        builder: &mut Builder<'_>,
        index: RuleIndex,
        cors: &Cors,
        rule: &RouteRule,
    ) -> Self {
        let mut origins = vec![];
        for origin in &cors.origins {
            match origin {
                ValueMatch::Exact(text) => {
                    origins.push(OriginTest::Exact(text.as_bytes().into()));
                }
                ValueMatch::Regex(regex) => {
                    let regex = builder.accept(index, Automaton::new(regex).map(Some));
                    origins.extend(regex.map(|it| OriginTest::Regex(Box::new(it))));
                }
                ValueMatch::Present => origins.push(OriginTest::Any),
                _ => builder.refuse(index, "an origin is a text, a regex or `*`"),
            }
        }
        Self {
            origins,
            methods: methods(cors, rule),
            headers: cors.headers.clone(),
            expose: cors.expose.clone(),
            max_age: cors.max_age,
            credentials: cors.credentials,
        }
    }

    /// The answer to a preflight; `None` where it is not allowed.
    pub(crate) fn preflight(&self, announced: &Announced, headers: &dyn Headers) -> Option<Fields> {
        let method = &announced.method;
        let is_simple = matches!(&**method, b"GET" | b"HEAD" | b"POST");
        let takes = self.methods.iter().any(|it| it.as_bytes() == &**method);
        let mut fields = self.origin(&announced.origin)?;
        if !(takes || is_simple) || !self.takes_headers(headers) {
            return None;
        }
        fields.push(("access-control-allow-methods", self.methods.join(", ")));
        if !self.headers.is_empty() {
            fields.push(("access-control-allow-headers", self.headers.join(", ")));
        }
        if let Some(age) = self.max_age {
            fields.push(("access-control-max-age", age.as_secs().to_string()));
        }
        Some(fields)
    }

    /// What is put into the answer to a request; without an allowed origin only `vary`.
    pub(crate) fn answer(&self, headers: &dyn Headers) -> Fields {
        let allowed = only(headers, "origin").and_then(|origin| self.origin(&origin));
        let Some(mut fields) = allowed else {
            return vec![("vary", "origin".to_owned())];
        };
        if !self.expose.is_empty() {
            fields.push(("access-control-expose-headers", self.expose.join(", ")));
        }
        fields
    }

    fn origin(&self, origin: &[u8]) -> Option<Fields> {
        let found = self.origins.iter().find(|it| it.matches(origin))?;
        let value = match found {
            OriginTest::Any if !self.credentials => "*".to_owned(),
            // An origin that is no text is no origin (RFC 6454 section 6.2).
            _ => String::from_utf8(origin.to_vec()).ok()?,
        };
        let mut fields = vec![
            ("access-control-allow-origin", value),
            ("vary", "origin".to_owned()),
        ];
        if self.credentials {
            fields.push(("access-control-allow-credentials", "true".to_owned()));
        }
        Some(fields)
    }

    fn takes_headers(&self, headers: &dyn Headers) -> bool {
        let mut all = true;
        headers.for_each("access-control-request-headers", &mut |line| {
            for name in line.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                let known = |it: &String| it.as_bytes().eq_ignore_ascii_case(name);
                all &= name.is_empty() || self.headers.iter().any(known);
            }
        });
        all
    }
}

impl OriginTest {
    fn matches(&self, origin: &[u8]) -> bool {
        match self {
            Self::Exact(text) => **text == *origin,
            Self::Regex(regex) => regex.matches(origin),
            Self::Any => true,
        }
    }
}

/// As written, else those that the rule matches, else those that need no leave.
fn methods(cors: &Cors, rule: &RouteRule) -> Vec<String> {
    if !cors.methods.is_empty() {
        return cors.methods.clone();
    }
    let named = rule.matches.iter().all(|entry| !entry.methods.is_empty());
    let mut all: Vec<String> = rule
        .matches
        .iter()
        .flat_map(|it| it.methods.clone())
        .collect();
    if !named || all.is_empty() {
        all = ["GET", "HEAD", "POST"].map(str::to_owned).into();
    }
    all.sort();
    all.dedup();
    all
}

/// The value of a field that comes once.
fn only(headers: &dyn Headers, name: &str) -> Option<Vec<u8>> {
    let mut found = None;
    let mut count = 0_u32;
    headers.for_each(name, &mut |value| {
        count += 1;
        found = Some(value.trim_ascii().to_vec());
    });
    found.filter(|_| count == 1)
}
