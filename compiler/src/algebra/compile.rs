use std::collections::BTreeSet;

use mesh_ir::{CallerMatch, NamedValue, Protocol, RequestMatch, TokenMatch, ValueMatch};

use super::atoms::{Atoms, OVERRIDES, Texts, override_tests};
use super::bits::Bits;
use super::bounds::{Bounds, Undecided};
use super::diagram::{Diagram, FALSE, Operation, TRUE};
use super::dimension::method;
use super::gather::{Gathered, hosts_test, path_test, value_test, who_test};
use super::layout::{ADDRESS, HOST, IDENTITY, Layout, METHOD, PATH};
use super::mode::Mode;
use super::overrides::Override;
use super::shown::Shown;
use super::space::{Rule, Side, Universe};
use super::text::values::TextTest;

/// The diagrams of a space, and what its atoms are shown as.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) diagram: Diagram,
    pub(super) shown: Shown,
    pub(super) overrides: Vec<Override>,
}

impl Compiled {
    /// With the set of everything and that of each rule.
    pub(super) fn new(
        universe: &Universe<'_>,
        rules: &[Rule<'_>],
        bounds: Bounds,
    ) -> Result<(Self, u32, Vec<u32>), Undecided> {
        let mut gathered = Gathered::of(rules);
        check(&gathered)?;
        let mut methods = gathered.methods.clone();
        methods.extend(["HEAD", "OPTIONS"]);
        let asked = override_tests(methods.into_iter());
        let overriding = universe.side.is_callee()
            && OVERRIDES
                .iter()
                .any(|name| gathered.headers.contains_key(name));
        if overriding {
            if universe.protocol == Protocol::Grpc {
                return Err(Undecided::NotCompared(
                    "a rule reads a header that overrides the method, on a port of gRPC",
                ));
            }
            for name in OVERRIDES {
                if let Some(tests) = gathered.headers.get_mut(name) {
                    tests.extend(asked.iter().map(|test| TextTest::Value {
                        test,
                        folded: false,
                    }));
                }
            }
        }
        let atoms = Atoms::of(gathered, universe, bounds)?;
        let layout = Layout::of(&atoms);
        let mut compiler = Compiler {
            diagram: Diagram::new(layout.domains.clone(), bounds),
            atoms: &atoms,
            layout: &layout,
        };
        let everything = compiler.everything(universe, overriding)?;
        let mut sets = Vec::with_capacity(rules.len());
        for rule in rules {
            let set = compiler.rule(rule)?;
            sets.push(compiler.diagram.apply(Operation::And, set, everything)?);
        }
        let diagram = compiler.diagram;
        let overrides = if overriding {
            Override::all(&atoms)
        } else {
            vec![]
        };
        let compiled = Self {
            diagram,
            shown: Shown::new(atoms, layout),
            overrides,
        };
        Ok((compiled, everything, sets))
    }
}

/// Refuses what the dimensions cannot say.
fn check(gathered: &Gathered<'_>) -> Result<(), Undecided> {
    if gathered.headers.contains_key("cookie") && !gathered.cookies.is_empty() {
        return Err(Undecided::NotCompared(
            "one rule reads the header `cookie`, another a cookie in it",
        ));
    }
    let parts = |name: &str| format!("/{}/", name.trim_start_matches('/'));
    for claims in gathered.tokens.values() {
        let names: Vec<String> = claims.keys().map(|name| parts(name)).collect();
        let within = |one: &String| names.iter().filter(|it| one.starts_with(*it)).count() > 1;
        if names.iter().any(within) {
            return Err(Undecided::NotCompared(
                "one rule reads a claim, another a part of it",
            ));
        }
    }
    let names: BTreeSet<&str> = gathered.cookies.keys().copied().collect();
    let sent = |name: &&str| {
        *name.trim_ascii() == **name && !name.bytes().any(|byte| b"=;".contains(&byte))
    };
    if !names.iter().all(sent) {
        return Err(Undecided::NotCompared("a cookie has a name that none has"));
    }
    Ok(())
}

struct Compiler<'c, 'a> {
    diagram: Diagram,
    atoms: &'c Atoms<'a>,
    layout: &'c Layout,
}

impl<'a> Compiler<'_, 'a> {
    /// `*` is a target of `OPTIONS` alone and has no query; gRPC is `POST`.
    fn everything(&mut self, universe: &Universe<'_>, overriding: bool) -> Result<u32, Undecided> {
        let mut star = Bits::none(self.atoms.paths.texts.len());
        star.insert(self.atoms.paths.texts.len() - 1);
        let star = self.diagram.is_in(PATH, &star)?;
        let options = method::taken(&self.atoms.methods, &["OPTIONS".to_owned()]);
        let options = self.diagram.is_in(METHOD, &options)?;
        let mut wrong = self.minus(star, options)?;
        for index in 0..self.layout.query.len() {
            let (start, count) = self.layout.query[index];
            let any = self.any_of(start, &Bits::all(count), count)?;
            let with_query = self.and(star, any)?;
            wrong = self.or(wrong, with_query)?;
        }
        if overriding {
            for (index, (name, _)) in self.atoms.headers.iter().enumerate() {
                if OVERRIDES.contains(&name.as_str()) {
                    let absent = self.header_is_absent(index)?;
                    let there = self.minus(star, absent)?;
                    wrong = self.or(wrong, there)?;
                }
            }
        }
        let all = self.minus(TRUE, wrong)?;
        if universe.protocol != Protocol::Grpc || universe.side == Side::Caller {
            return Ok(all);
        }
        let post = method::taken(&self.atoms.methods, &["POST".to_owned()]);
        let post = self.diagram.is_in(METHOD, &post)?;
        self.and(all, post)
    }

    fn rule(&mut self, rule: &Rule<'a>) -> Result<u32, Undecided> {
        let mut set = TRUE;
        if !rule.hosts.is_empty() {
            let taken = &self.atoms.hosts.taken[&hosts_test(rule.hosts)];
            set = self.diagram.is_in(HOST, taken)?;
        }
        if !rule.from.is_empty() {
            let from = self.callers(rule.from, rule)?;
            set = self.and(set, from)?;
        }
        if !rule.matches.is_empty() {
            let requests = self.requests(rule.matches, rule.mode)?;
            set = self.and(set, requests)?;
        }
        Ok(set)
    }

    fn callers(&mut self, entries: &'a [CallerMatch], rule: &Rule<'a>) -> Result<u32, Undecided> {
        let mut any = FALSE;
        for entry in entries {
            let who = &self.atoms.whos[&who_test(entry, rule)];
            let mut set = self.diagram.is_in(IDENTITY, who)?;
            if !entry.cidr.is_empty() {
                let within = &self.atoms.networks[entry.cidr.as_slice()];
                let within = match (self.atoms.addresses.as_slice(), rule.mode) {
                    // Without an address what narrows a closing entry narrows nothing.
                    ([None], Mode::Deny) => TRUE,
                    _ => self.diagram.is_in(ADDRESS, within)?,
                };
                set = self.and(set, within)?;
            }
            if let Some(token) = &entry.token {
                let shown = self.token(token, rule.mode)?;
                set = self.and(set, shown)?;
            }
            let not = self.callers(&entry.not, &rule.inside_not())?;
            set = self.minus(set, not)?;
            any = self.or(any, set)?;
        }
        Ok(any)
    }

    /// A claim that is a list matches if one of its items does, in every mode.
    fn token(&mut self, token: &'a TokenMatch, mode: Mode) -> Result<u32, Undecided> {
        let issuers = &self.atoms.tokens;
        let Some(index) = issuers.iter().position(|(it, _)| *it == token.issuer) else {
            return Ok(FALSE);
        };
        let (valid, places) = &self.layout.tokens[index];
        let mut set = self.any_of(*valid, &Bits::all(1), 1)?;
        for claim in &token.claims {
            let Some((index, texts)) = find(&issuers[index].1, &claim.name) else {
                return Ok(FALSE);
            };
            let (start, count) = places[index];
            let taken = match value_test(claim, mode) {
                Some(test) => texts.taken[&test].clone(),
                None => Bits::all(count),
            };
            let any = self.any_of(start, &taken, count)?;
            set = match claim.value {
                ValueMatch::Absent => self.minus(set, any)?,
                _ => self.and(set, any)?,
            };
        }
        Ok(set)
    }

    fn requests(&mut self, entries: &'a [RequestMatch], mode: Mode) -> Result<u32, Undecided> {
        let mut any = FALSE;
        for entry in entries {
            let methods = method::taken(&self.atoms.methods, &entry.methods);
            let mut set = self.diagram.is_in(METHOD, &methods)?;
            if let Some(test) = path_test(&entry.paths, mode) {
                let paths = self.diagram.is_in(PATH, &self.atoms.paths.taken[&test])?;
                set = self.and(set, paths)?;
            }
            for condition in &entry.headers {
                let holds = self.header(condition, mode)?;
                set = self.and(set, holds)?;
            }
            let several = [
                (&entry.query, &self.atoms.query, &self.layout.query),
                (&entry.cookies, &self.atoms.cookies, &self.layout.cookies),
            ];
            for (conditions, atoms, places) in several {
                for condition in conditions {
                    let holds = self.several(condition, mode, atoms, places)?;
                    set = self.and(set, holds)?;
                }
            }
            let not = self.requests(&entry.not, mode.inside_not())?;
            set = self.minus(set, not)?;
            any = self.or(any, set)?;
        }
        Ok(any)
    }

    fn header(&mut self, condition: &'a NamedValue, mode: Mode) -> Result<u32, Undecided> {
        let Some((index, texts)) = find(&self.atoms.headers, &condition.name) else {
            return Ok(FALSE);
        };
        match condition.value {
            ValueMatch::Absent => self.header_is_absent(index),
            ValueMatch::Present => {
                let absent = self.header_is_absent(index)?;
                self.minus(TRUE, absent)
            }
            _ => {
                let count = texts.texts.len();
                let mut values = Bits::none(count + 1);
                let taken = value_test(condition, mode).map(|test| &texts.taken[&test]);
                for atom in 0..count {
                    if taken.is_some_and(|it| it.has(atom)) {
                        values.insert(atom + 1);
                    }
                }
                self.diagram.is_in(Layout::header(index), &values)
            }
        }
    }

    fn header_is_absent(&mut self, index: usize) -> Result<u32, Undecided> {
        let mut absent = Bits::none(self.atoms.headers[index].1.texts.len() + 1);
        absent.insert(0);
        self.diagram.is_in(Layout::header(index), &absent)
    }

    /// A condition where several values may arrive: to open all of them must meet it.
    fn several(
        &mut self,
        condition: &'a NamedValue,
        mode: Mode,
        atoms: &[(String, Texts<TextTest<'a>>)],
        places: &[(usize, usize)],
    ) -> Result<u32, Undecided> {
        let Some((index, texts)) = find(atoms, &condition.name) else {
            return Ok(FALSE);
        };
        let (start, count) = places[index];
        let all = Bits::all(count);
        let taken = match value_test(condition, mode) {
            Some(test) => texts.taken[&test].clone(),
            None => all.clone(),
        };
        let any = self.any_of(start, &taken, count)?;
        match (&condition.value, mode) {
            (ValueMatch::Absent, _) => self.minus(TRUE, any),
            (_, Mode::Allow) => {
                let other = self.any_of(start, &all.without(&taken), count)?;
                self.minus(any, other)
            }
            (_, Mode::Plain | Mode::Deny) => Ok(any),
        }
    }

    /// Whether a value of any of these classes is there.
    fn any_of(&mut self, start: usize, classes: &Bits, count: usize) -> Result<u32, Undecided> {
        let mut there = Bits::none(2);
        there.insert(1);
        let mut any = FALSE;
        for class in (0..count).rev().filter(|class| classes.has(*class)) {
            let one = self.diagram.is_in(start + class, &there)?;
            any = self.or(one, any)?;
        }
        Ok(any)
    }

    fn and(&mut self, a: u32, b: u32) -> Result<u32, Undecided> {
        self.diagram.apply(Operation::And, a, b)
    }

    fn or(&mut self, a: u32, b: u32) -> Result<u32, Undecided> {
        self.diagram.apply(Operation::Or, a, b)
    }

    fn minus(&mut self, a: u32, b: u32) -> Result<u32, Undecided> {
        self.diagram.apply(Operation::Minus, a, b)
    }
}

fn find<'t, 'a>(
    all: &'t [(String, Texts<TextTest<'a>>)],
    name: &str,
) -> Option<(usize, &'t Texts<TextTest<'a>>)> {
    let index = all.iter().position(|(one, _)| one == name)?;
    Some((index, &all[index].1))
}
