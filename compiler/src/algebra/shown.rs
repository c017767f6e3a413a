use std::net::IpAddr;

use mesh_ir::SpiffeId;

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
}

/// A name and the values shown under it.
pub(super) type Named = (String, Vec<Vec<u8>>);

impl Shown {
    pub(super) fn new(atoms: Atoms<'_>, layout: Layout) -> Self {
        let named = |all: Vec<(String, Texts<TextTest<'_>>)>| {
            all.into_iter().map(|(name, it)| (name, it.texts)).collect()
        };
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
        }
    }
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
