use std::net::IpAddr;

use mesh_ir::{ObjectRef, SpiffeId};
use serde_json::{Map, Value};

use super::atoms::{Atoms, Texts};
use super::bits;
use super::compile::Compiled;
use super::diagram::{FALSE, TRUE};
use super::layout::{ADDRESS, HOST, IDENTITY, Layout, METHOD, PATH};
use super::text::values::TextTest;
use super::witness::Witness;

/// What each atom is shown as.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) layout: Layout,
    pub(super) paths: Vec<Vec<u8>>,
    pub(super) methods: Vec<String>,
    pub(super) identities: Vec<Option<SpiffeId>>,
    pub(super) hosts: Vec<Vec<u8>>,
    pub(super) addresses: Vec<Option<IpAddr>>,
    pub(super) headers: Vec<Named>,
    pub(super) query: Vec<Named>,
    pub(super) cookies: Vec<Named>,
    pub(super) tokens: Vec<(ObjectRef, Vec<Named>)>,
}

/// A name and the values shown under it.
pub(super) type Named = (String, Vec<Vec<u8>>);

impl Shown {
    pub(super) fn new(atoms: Atoms<'_>, layout: Layout) -> Self {
        let named = |all: Vec<(String, Texts<TextTest<'_>>)>| {
            let each = all.into_iter().map(|(name, it)| (name, it.texts));
            each.collect::<Vec<Named>>()
        };
        let tokens = atoms.tokens.into_iter();
        Self {
            layout,
            paths: atoms.paths.texts,
            methods: atoms.methods,
            identities: atoms.identities,
            hosts: atoms.hosts.texts,
            addresses: atoms.addresses,
            headers: named(atoms.headers),
            query: named(atoms.query),
            cookies: named(atoms.cookies),
            tokens: tokens
                .map(|(issuer, claims)| (issuer, named(claims)))
                .collect(),
        }
    }
}

impl Shown {
    /// The claims of the tokens that are there.
    fn tokens(&self, chosen: &[usize]) -> Vec<(ObjectRef, Map<String, Value>)> {
        let all = self.tokens.iter().zip(&self.layout.tokens);
        let there = all.filter(|(_, (valid, _))| chosen[*valid] == 1);
        there
            .map(|((issuer, named), (_, places))| {
                let mut claims = Map::new();
                for ((name, texts), (start, _)) in named.iter().zip(places) {
                    let classes = texts.iter().enumerate();
                    let there = classes.filter(|(class, _)| chosen[start + class] == 1);
                    let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
                    claim(&mut claims, name, there.map(|(_, it)| text(it)).collect());
                }
                (issuer.clone(), claims)
            })
            .collect()
    }
}

/// Gives a claim, or what a JSON pointer means, some values.
fn claim(claims: &mut Map<String, Value>, name: &str, mut values: Vec<String>) {
    let value = match values.len() {
        0 => return,
        _ if matches!(name, "scope" | "/scope") => Value::String(values.join(" ")),
        1 => Value::String(values.remove(0)),
        _ => Value::Array(values.into_iter().map(Value::String).collect()),
    };
    let Some(pointer) = name.strip_prefix('/') else {
        claims.insert(name.to_owned(), value);
        return;
    };
    let steps = pointer
        .split('/')
        .map(|step| step.replace("~1", "/").replace("~0", "~"));
    let mut steps: Vec<String> = steps.collect();
    let last = steps.pop().unwrap_or_default();
    let mut at = claims;
    for step in steps {
        let inner = at.entry(step).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = inner else { return };
        at = inner;
    }
    at.insert(last, value);
}

impl Compiled {
    /// See [`super::Space::witness`].
    pub(super) fn witness(&self, set: u32) -> Option<Witness> {
        let chosen = self.first(set)?;
        let shown = &self.shown;
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let mut target = text(&shown.paths[chosen[PATH]]);
        let mut between = '?';
        for (name, value) in values(&shown.query, &shown.layout.query, &chosen) {
            target.push(between);
            target.push_str(&form_encoded(name.as_bytes()));
            target.push('=');
            target.push_str(&form_encoded(value));
            between = '&';
        }
        let mut headers: Vec<(String, Vec<u8>)> = vec![];
        for (variable, (name, values)) in shown.layout.headers().zip(&shown.headers) {
            if let Some(value) = chosen[variable].checked_sub(1) {
                headers.push((name.clone(), values[value].clone()));
            }
        }
        let cookies: Vec<Vec<u8>> = values(&shown.cookies, &shown.layout.cookies, &chosen)
            .map(|(name, value)| [name.as_bytes(), b"=", value].concat())
            .collect();
        if !cookies.is_empty() {
            headers.push(("cookie".to_owned(), cookies.join(&b"; "[..])));
        }
        Some(Witness {
            identity: shown.identities[chosen[IDENTITY]].clone(),
            address: shown.addresses[chosen[ADDRESS]],
            method: shown.methods[chosen[METHOD]].clone(),
            host: text(&shown.hosts[chosen[HOST]]),
            target,
            headers,
            tokens: shown.tokens(&chosen),
        })
    }

    /// For each variable the first value with which a way leads to everything.
    fn first(&self, set: u32) -> Option<Vec<usize>> {
        let mut chosen = vec![0; self.shown.layout.domains.len()];
        let mut at = set;
        while at != TRUE {
            if at == FALSE {
                return None;
            }
            let variable = self.diagram.variable(at);
            let edges = self.diagram.edges(at, variable);
            let open = edges.iter().filter(|(_, child)| *child != FALSE);
            let first = open.filter_map(|(values, child)| Some((bits::first(values)?, *child)));
            let (value, child) = first.min()?;
            chosen[variable] = value;
            at = child;
        }
        Some(chosen)
    }
}

/// The values of the query or of cookies that are there.
fn values<'n>(
    named: &'n [Named],
    places: &'n [(usize, usize)],
    chosen: &'n [usize],
) -> impl Iterator<Item = (&'n str, &'n [u8])> {
    named
        .iter()
        .zip(places)
        .flat_map(move |((name, values), (start, _))| {
            let there = values.iter().enumerate();
            let there = there.filter(move |(class, _)| chosen[start + class] == 1);
            there.map(move |(_, value)| (name.as_str(), value.as_slice()))
        })
}

/// `application/x-www-form-urlencoded`.
fn form_encoded(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(char::from(*byte));
        } else {
            let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value)]);
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out
}
