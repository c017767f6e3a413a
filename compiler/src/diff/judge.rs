use mesh_ir::{
    AccessDefault, AccessRule, DefaultAccess, Key, Limit, Origin, Protocol, Subject,
    Target as Scoped,
};

use super::gather::{Gatherer, here};
use super::point::{Point, Site};
use super::side::{Side, Target};
use super::words;
use crate::algebra::{Mode, RuleId, Set, Space, SpaceBuilder, Undecided};

/// What one side says of the requests that arrive at a site: the rules of `mesh-decide`
/// as sets of one space.
#[derive(Debug)]
pub(crate) struct Judge<'m> {
    is_http: bool,
    deny: Vec<Entry<'m>>,
    allow: Vec<Entry<'m>>,
    audit: Vec<Entry<'m>>,
    /// Documents with an `allow` about it: there the default is silent.
    speaking: Vec<(RuleId, bool)>,
    /// What is said of them, and what asks them.
    pub(super) authorizers: Vec<Valued<'m>>,
    pub(super) limits: Vec<Valued<'m>>,
    default: &'m AccessDefault,
    /// Of the port or listener.
    origin: &'m Origin,
    /// Whether it takes mutual TLS only.
    is_strict: bool,
    nobody: RuleId,
    /// Hosts of a listener, each with those that belong to closer ones.
    here: Option<Vec<(RuleId, Vec<RuleId>)>>,
    /// Whether a shadow document is about it.
    has_shadow: bool,
}

/// An entry of `allow`, `deny` or `audit`.
#[derive(Debug)]
struct Entry<'m> {
    rule: RuleId,
    origin: &'m Origin,
    shadow: bool,
}

/// Something beside access that takes part in an outcome, as what it does.
#[derive(Debug)]
pub(super) struct Valued<'m> {
    pub(super) value: String,
    pub(super) rule: RuleId,
    pub(super) origin: &'m Origin,
    pub(super) shadow: bool,
    /// Whether it has a bucket.
    pub(super) is_counted: bool,
}

/// Requests of one outcome, and the lines that make it so.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) what: String,
    pub(crate) lines: Vec<String>,
    pub(crate) set: Set,
}

/// Which documents count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Documents {
    Enforced,
    All,
}

impl Documents {
    fn count(self, shadow: bool) -> bool {
        self == Self::All || !shadow
    }
}

impl<'a> Judge<'a> {
    /// Puts everything that one side says of a site into a space.
    pub(crate) fn gather(
        builder: &mut SpaceBuilder<'a>,
        side: &'a Side<'_>,
        (point, site): (&'a Point<'_>, &'a Site<'_>),
    ) -> Self {
        let mut gatherer = Gatherer {
            builder,
            trust_domain: &side.mesh.settings.trust_domain,
        };
        let subject = point.target.subject();
        let mut judge = Self {
            is_http: site.protocol.is_http(),
            deny: vec![],
            allow: vec![],
            audit: vec![],
            speaking: vec![],
            authorizers: vec![],
            limits: vec![],
            default: side.mesh.settings.access_default(subject.namespace()),
            origin: site.origin,
            is_strict: site.strict,
            nobody: gatherer.rule(&point.nobody, &[], &[], Mode::Plain),
            here: None,
            has_shadow: false,
        };
        judge.access(&mut gatherer, side, (&point.target, site));
        judge.limits(&mut gatherer, side, (&point.target, site));
        if let (Target::Gateway(id), Some(own)) = (&point.target, site.listener)
            && let Some(gateway) = side.mesh.gateways.get(id)
        {
            judge.here = Some(here(&mut gatherer, own, &gateway.listeners));
        }
        judge
    }

    fn access(
        &mut self,
        gatherer: &mut Gatherer<'_, 'a>,
        side: &'a Side<'_>,
        (target, site): (&Target, &Site<'_>),
    ) {
        for document in side.access(target) {
            let scope = &document.target;
            let about = |rule: &AccessRule| {
                is_about(scope, target.subject(), site, !rule.matches.is_empty())
            };
            let shadow = document.shadow;
            let lists = [
                (&document.deny, Mode::Deny, &mut self.deny),
                (&document.allow, Mode::Allow, &mut self.allow),
                (&document.audit, Mode::Deny, &mut self.audit),
            ];
            for (rules, mode, entries) in lists {
                for rule in rules.iter().filter(|rule| about(rule)) {
                    self.has_shadow |= shadow;
                    if rule.expires.is_some_and(|expires| expires <= side.now) {
                        continue;
                    }
                    entries.push(Entry {
                        rule: gatherer.rule(&rule.from, &scope.hosts, &rule.matches, mode),
                        origin: &rule.origin,
                        shadow,
                    });
                }
            }
            if document.allow.iter().any(about) {
                self.speaking.push((gatherer.hosts(&scope.hosts), shadow));
            }
            let authorizer = document.authorizer.as_ref().filter(|_| !shadow);
            if let Some(it) = authorizer
                && is_about(scope, target.subject(), site, true)
            {
                self.authorizers.push(Valued {
                    value: words::authorizer(it),
                    rule: gatherer.rule(&[], &scope.hosts, &it.matches, Mode::Deny),
                    origin: &it.origin,
                    shadow,
                    is_counted: false,
                });
            }
        }
    }

    fn limits(
        &mut self,
        gatherer: &mut Gatherer<'_, 'a>,
        side: &'a Side<'_>,
        (target, site): (&Target, &Site<'_>),
    ) {
        for document in side.limits(target) {
            let scope = &document.target;
            for limit in &document.limits {
                if !is_about(scope, target.subject(), site, reads_requests(limit)) {
                    continue;
                }
                self.limits.push(Valued {
                    value: words::limit(limit, document.provider.as_ref()),
                    rule: gatherer.rule(&limit.from, &scope.hosts, &limit.matches, Mode::Plain),
                    origin: &limit.origin,
                    shadow: limit.shadow,
                    is_counted: true,
                });
            }
        }
    }

    /// What arrives here at all: clients of a gateway prove no identity, and their host
    /// belongs to the listener.
    pub(crate) fn universe(&self, space: &Space) -> Result<Set, Undecided> {
        let Some(here) = &self.here else {
            return Ok(space.everything());
        };
        let mut all = Set::NONE;
        for (own, closer) in here {
            let mut set = space.set(*own);
            for other in closer {
                set = space.subtract(set, space.set(*other))?;
            }
            all = space.union(all, set)?;
        }
        space.intersect(all, space.set(self.nobody))
    }

    /// The requests that are let in, where every authorizer agrees and every limit has room.
    pub(crate) fn allowed(&self, space: &Space) -> Result<Set, Undecided> {
        self.allowed_by(space, Documents::Enforced)
    }

    /// Those that shadow documents would let in too, and those that they would refuse.
    pub(super) fn shadowed(&self, space: &Space) -> Result<(Set, Set), Undecided> {
        if !self.has_shadow {
            return Ok((Set::NONE, Set::NONE));
        }
        let enforced = self.allowed_by(space, Documents::Enforced)?;
        let all = self.allowed_by(space, Documents::All)?;
        Ok((
            space.subtract(all, enforced)?,
            space.subtract(enforced, all)?,
        ))
    }

    fn allowed_by(&self, space: &Space, documents: Documents) -> Result<Set, Undecided> {
        let mut all = self.by_default(space, documents)?;
        for entry in counted(&self.allow, documents) {
            all = space.union(all, space.set(entry.rule))?;
        }
        for entry in counted(&self.deny, documents) {
            all = space.subtract(all, space.set(entry.rule))?;
        }
        if self.is_http {
            all = space.in_every_reading(all)?;
        }
        if self.is_strict {
            all = space.subtract(all, space.set(self.nobody))?;
        }
        space.intersect(all, self.universe(space)?)
    }

    fn by_default(&self, space: &Space, documents: Documents) -> Result<Set, Undecided> {
        if self.default.mode == DefaultAccess::Deny {
            return Ok(Set::NONE);
        }
        let mut all = space.everything();
        for (rule, shadow) in &self.speaking {
            if documents.count(*shadow) {
                all = space.subtract(all, space.set(*rule))?;
            }
        }
        Ok(all)
    }

    /// The authorizers, with what they are asked about.
    pub(crate) fn asked(&self) -> impl Iterator<Item = (&str, &Origin, RuleId)> {
        let all = self.authorizers.iter();
        all.map(|it| (it.value.as_str(), it.origin, it.rule))
    }

    /// The requests among some that are allowed, by what allows them.
    pub(crate) fn allowing(&self, space: &Space, within: Set) -> Result<Vec<Cell>, Undecided> {
        let entries = counted(&self.allow, Documents::Enforced);
        let entries = entries.map(|it| ("allowed", it.origin, space.set(it.rule)));
        let default = ("allowed by default", &self.default.origin, within);
        cells(space, within, entries.chain([default]))
    }

    /// The requests among some that are refused, by what refuses them.
    pub(crate) fn refusing(&self, space: &Space, within: Set) -> Result<Vec<Cell>, Undecided> {
        let elsewhere = space.subtract(within, self.universe(space)?)?;
        let elsewhere = ("not there: no listener takes it", self.origin, elsewhere);
        let strict = (
            "refused: mutual TLS only",
            self.origin,
            space.set(self.nobody),
        );
        let strict = self.is_strict.then_some(strict);
        let denies = counted(&self.deny, Documents::Enforced);
        let denies = denies.map(|it| ("refused by a deny entry", it.origin, space.set(it.rule)));
        let default = ("refused: no allow entry", &self.default.origin, within);
        let first = [elsewhere].into_iter().chain(strict);
        cells(space, within, first.chain(denies).chain([default]))
    }

    /// The entries of shadow documents that some requests meet.
    pub(super) fn shadow_lines(
        &self,
        space: &Space,
        within: Set,
    ) -> Result<Vec<String>, Undecided> {
        let mut lines = vec![];
        for entry in self.deny.iter().chain(&self.allow).filter(|it| it.shadow) {
            if !space.is_empty(space.intersect(space.set(entry.rule), within)?) {
                lines.push(entry.origin.to_string());
            }
        }
        Ok(lines)
    }

    /// The requests that some `audit` entry notes, and these entries.
    pub(super) fn audited(&self, space: &Space, within: Set) -> Result<Vec<Cell>, Undecided> {
        let entries = self
            .audit
            .iter()
            .map(|it| ("noted", it.origin, space.set(it.rule)));
        cells(space, within, entries)
    }
}

fn counted<'e, 'm>(
    entries: &'e [Entry<'m>],
    documents: Documents,
) -> impl Iterator<Item = &'e Entry<'m>> {
    let counts = move |entry: &&Entry<'_>| documents.count(entry.shadow);
    entries.iter().filter(counts)
}

/// What the first of some rules takes, and what the next leaves.
fn cells<'o>(
    space: &Space,
    within: Set,
    rules: impl Iterator<Item = (&'static str, &'o Origin, Set)>,
) -> Result<Vec<Cell>, Undecided> {
    let mut left = within;
    let mut found = vec![];
    for (what, origin, set) in rules {
        if space.is_empty(left) {
            break;
        }
        let taken = space.intersect(left, set)?;
        if space.is_empty(taken) {
            continue;
        }
        left = space.subtract(left, taken)?;
        found.push(Cell {
            what: what.to_owned(),
            lines: vec![origin.to_string()],
            set: taken,
        });
    }
    Ok(found)
}

/// As `mesh-decide` says: what reads requests says nothing of a port of bytes.
fn is_about(scope: &Scoped, subject: Subject<'_>, site: &Site<'_>, reads_requests: bool) -> bool {
    let has_host = scope.hosts.is_empty() || site.protocol == Protocol::Tls;
    scope.is_about(subject, site.name) && (site.protocol.is_http() || (!reads_requests && has_host))
}

fn reads_requests(limit: &Limit) -> bool {
    let of_requests = |key: &Key| !matches!(key, Key::Caller | Key::Address);
    !limit.matches.is_empty() || limit.per.iter().any(of_requests)
}
