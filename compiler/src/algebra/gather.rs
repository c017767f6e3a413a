use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use mesh_ir::{
    CallerMatch, HostPattern, NamedValue, ObjectRef, PathPattern, RequestMatch, ValueMatch,
};

use super::dimension::identity::WhoTest;
use super::mode::Mode;
use super::space::Rule;
use super::text::paths::PathTest;
use super::text::values::TextTest;

/// Everything that some rules ask of a request, by what they ask it of.
#[derive(Debug, Default)]
pub(super) struct Gathered<'a> {
    pub(super) paths: BTreeSet<PathTest<'a>>,
    pub(super) methods: BTreeSet<&'a str>,
    pub(super) hosts: BTreeSet<TextTest<'a>>,
    pub(super) headers: BTreeMap<&'a str, BTreeSet<TextTest<'a>>>,
    pub(super) query: BTreeMap<&'a str, BTreeSet<TextTest<'a>>>,
    pub(super) cookies: BTreeMap<&'a str, BTreeSet<TextTest<'a>>>,
    pub(super) whos: BTreeSet<WhoTest<'a>>,
    pub(super) networks: BTreeSet<&'a [IpNet]>,
    /// By issuer and claim.
    pub(super) tokens: BTreeMap<&'a ObjectRef, BTreeMap<&'a str, BTreeSet<TextTest<'a>>>>,
}

impl<'a> Gathered<'a> {
    pub(super) fn of(rules: &[Rule<'a>]) -> Self {
        let mut all = Self::default();
        for rule in rules {
            if !rule.hosts.is_empty() {
                all.hosts.insert(hosts_test(rule.hosts));
            }
            for entry in rule.from {
                all.caller(entry, rule);
            }
            for entry in rule.matches {
                all.request(entry, rule.mode);
            }
        }
        all
    }

    fn caller(&mut self, entry: &'a CallerMatch, rule: &Rule<'a>) {
        self.whos.insert(who_test(entry, rule));
        if !entry.cidr.is_empty() {
            self.networks.insert(&entry.cidr);
        }
        if let Some(token) = &entry.token {
            let claims = self.tokens.entry(&token.issuer).or_default();
            for claim in &token.claims {
                let tests = claims.entry(claim.name.as_str()).or_default();
                tests.extend(value_test(claim, rule.mode));
            }
        }
        let inner = rule.inside_not();
        for not in &entry.not {
            self.caller(not, &inner);
        }
    }

    fn request(&mut self, entry: &'a RequestMatch, mode: Mode) {
        self.methods
            .extend(entry.methods.iter().map(String::as_str));
        self.paths.extend(path_test(&entry.paths, mode));
        let values = [
            (&mut self.headers, &entry.headers),
            (&mut self.query, &entry.query),
            (&mut self.cookies, &entry.cookies),
        ];
        for (all, named) in values {
            for one in named {
                let tests = all.entry(one.name.as_str()).or_default();
                tests.extend(value_test(one, mode));
            }
        }
        for not in &entry.not {
            self.request(not, mode.inside_not());
        }
    }
}

/// What an entry asks of a caller's identity.
pub(super) fn who_test<'a>(entry: &'a CallerMatch, rule: &Rule<'a>) -> WhoTest<'a> {
    WhoTest {
        who: &entry.who,
        own: rule.trust_domain,
        closes: rule.mode == Mode::Deny,
    }
}

/// What an entry asks of a path; `None` for nothing.
pub(super) fn path_test(patterns: &[PathPattern], mode: Mode) -> Option<PathTest<'_>> {
    (!patterns.is_empty()).then_some(PathTest { patterns, mode })
}

/// What a condition asks of a single value; `None` where only its presence counts.
pub(super) fn value_test(condition: &NamedValue, mode: Mode) -> Option<TextTest<'_>> {
    let is_regex = matches!(condition.value, ValueMatch::Regex(_));
    match &condition.value {
        ValueMatch::Present | ValueMatch::Absent => None,
        test => Some(TextTest::Value {
            test,
            folded: is_regex && mode == Mode::Deny,
        }),
    }
}

/// What a target asks of a host.
pub(super) fn hosts_test(hosts: &[HostPattern]) -> TextTest<'_> {
    TextTest::Hosts(hosts)
}
