use mesh_ir::{DefaultAccess, Timestamp};
use smallvec::SmallVec;

use crate::callers::Asking;
use crate::matching::Subject;
use crate::mode::Mode;
use crate::observe::{Found, Observer, Step, What, Why};
use crate::request::Caller;
use crate::rule::RuleIndex;
use crate::tables::{AccessEntry, PortAccess, Tables};

/// What is judged.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) caller: &'a Caller<'a>,
    pub(crate) subject: Subject<'a>,
    /// The server name of a connection that has one.
    pub(crate) host: Option<&'a str>,
    pub(crate) wall: Timestamp,
    /// See [`Asking::wanting`].
    pub(crate) wanting: bool,
}

/// Which documents count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Documents {
    /// Those that are enforced.
    Enforced,
    /// Shadow ones too.
    All,
}

/// What access says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Let in by an entry or by the default.
    Allow(RuleIndex),
    /// Refused by a `deny` entry.
    Deny(RuleIndex),
    /// Refused because nothing allows it: the default line.
    NotAllowed(RuleIndex),
}

/// Deny beats allow, no allow means no; where no document allows anything, the
/// default speaks.
pub(crate) fn judge<O: Observer>(
    tables: &Tables,
    access: &PortAccess,
    scene: &Scene<'_>,
    documents: Documents,
    observer: &mut O,
) -> Verdict {
    let judge = Judge {
        tables,
        scene,
        documents,
    };
    if let Some(rule) = judge.first_match(&access.deny, What::Deny, Mode::Lenient, observer) {
        return Verdict::Deny(rule);
    }
    if let Some(rule) = judge.first_match(&access.allow, What::Allow, Mode::Strict, observer) {
        return Verdict::Allow(rule);
    }
    let is_spoken_of = access.speaking.iter().any(|at| judge.may_speak(*at));
    let allows = access.default == DefaultAccess::Allow && !is_spoken_of;
    observer.step(Step {
        what: What::Default,
        found: if allows {
            Found::Allows
        } else {
            Found::Refuses
        },
        rule: Some(access.default_rule),
    });
    if allows {
        Verdict::Allow(access.default_rule)
    } else {
        Verdict::NotAllowed(access.default_rule)
    }
}

/// The `audit` entries that match.
pub(crate) fn audited<O: Observer>(
    tables: &Tables,
    access: &PortAccess,
    scene: &Scene<'_>,
    observer: &mut O,
) -> SmallVec<[RuleIndex; 2]> {
    let judge = Judge {
        tables,
        scene,
        documents: Documents::All,
    };
    access
        .audit
        .iter()
        .filter(|at| judge.matches(**at, What::Audit, Mode::Lenient, observer))
        .map(|at| tables.access.entries[*at].rule)
        .collect()
}

/// The enforced documents that were tried, for a refusal by default.
pub(crate) fn tried(
    tables: &Tables,
    access: &PortAccess,
    scene: &Scene<'_>,
) -> SmallVec<[RuleIndex; 4]> {
    let judge = Judge {
        tables,
        scene,
        documents: Documents::Enforced,
    };
    access
        .documents
        .iter()
        .filter(|at| judge.speaks(**at))
        .map(|at| tables.access.documents[*at].rule)
        .collect()
}

struct Judge<'a> {
    tables: &'a Tables,
    scene: &'a Scene<'a>,
    documents: Documents,
}

impl Judge<'_> {
    fn first_match<O: Observer>(
        &self,
        entries: &[usize],
        what: What,
        mode: Mode,
        observer: &mut O,
    ) -> Option<RuleIndex> {
        entries
            .iter()
            .find(|at| self.matches(**at, what, mode, observer))
            .map(|at| self.tables.access.entries[*at].rule)
    }

    fn matches<O: Observer>(&self, at: usize, what: What, mode: Mode, observer: &mut O) -> bool {
        let entry = &self.tables.access.entries[at];
        if !self.counts(entry.document) {
            return false;
        }
        let found = self.look_at(entry, mode);
        observer.step(Step {
            what,
            found,
            rule: Some(entry.rule),
        });
        found == Found::Matches
    }

    fn look_at(&self, entry: &AccessEntry, mode: Mode) -> Found {
        let scene = self.scene;
        let document = &self.tables.access.documents[entry.document];
        let speaks = match mode {
            Mode::Lenient => self.may_speak(entry.document),
            Mode::Plain | Mode::Strict => document.speaks_of(scene.host),
        };
        if !speaks {
            return Found::Misses(Why::Host);
        }
        if entry.expires.is_some_and(|expires| expires <= scene.wall) {
            return Found::Expired;
        }
        let asking = Asking {
            caller: scene.caller,
            own: &self.tables.settings().trust_domain,
            wanting: scene.wanting,
        };
        if !entry.from.mean(&asking, mode) {
            return Found::Misses(Why::Caller);
        }
        match entry.requests.check(&scene.subject, mode) {
            Ok(()) => Found::Matches,
            Err(why) => Found::Misses(why),
        }
    }

    fn speaks(&self, document: usize) -> bool {
        self.counts(document) && self.tables.access.documents[document].speaks_of(self.scene.host)
    }

    /// A connection without a server name may be one to any host: what closes, closes it.
    fn may_speak(&self, document: usize) -> bool {
        let is_nameless = self.scene.host.is_none() && self.counts(document);
        is_nameless || self.speaks(document)
    }

    fn counts(&self, document: usize) -> bool {
        self.documents == Documents::All || !self.tables.access.documents[document].shadow
    }
}
