use super::change::{Change, ChangeKind, Diff, Lines, Open};
use super::confirm;
use super::judge::{Cell, Judge, Valued};
use super::point::Point;
use super::shown;
use super::side::Side;
use crate::algebra::{Set, Space, Undecided, Witness};

/// How many classes of one kind are told apart at a point; what is beyond is one more.
const MAX_CLASSES: usize = 64;

/// Requests with one outcome before and one after.
#[derive(Debug, Clone)]
pub(super) struct Class {
    pub(super) kind: ChangeKind,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) lines: Lines,
    pub(super) set: Set,
    /// Whether it is `allow`, `deny` and the default that say otherwise.
    pub(super) is_access: bool,
}

/// What is compared: a point of both sides and its space.
#[derive(Clone, Copy)]
pub(super) struct Compared<'c, 'm> {
    pub(super) base: &'c Side<'m>,
    pub(super) head: &'c Side<'m>,
    pub(super) point: &'c Point<'m>,
    pub(super) space: &'c Space,
}

/// What a witness shows, to be decided on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    /// What is admitted.
    Admission,
    /// Where it is sent.
    Routing,
}

/// The pairs of outcomes that requests of a region have.
pub(super) fn pairs(
    space: &Space,
    kind: ChangeKind,
    (before, after): (&[Cell], &[Cell]),
) -> Result<Vec<Class>, Undecided> {
    let mut classes: Vec<Class> = vec![];
    for new in after {
        for old in before {
            let set = space.intersect(new.set, old.set)?;
            if space.is_empty(set) {
                continue;
            }
            let class = Class {
                kind,
                before: old.what.clone(),
                after: new.what.clone(),
                lines: Lines {
                    base: old.lines.clone(),
                    head: new.lines.clone(),
                },
                set,
                is_access: false,
            };
            let alike = |it: &&mut Class| {
                let outcomes = (&it.before, &it.after) == (&class.before, &class.after);
                outcomes && it.lines == class.lines
            };
            let is_full = classes.len() == MAX_CLASSES;
            let known = classes.iter_mut().find(alike);
            match known {
                Some(known) => known.set = space.union(known.set, set)?,
                None if !is_full => classes.push(class),
                None => join_last(space, &mut classes, class)?,
            }
        }
    }
    Ok(classes)
}

fn join_last(space: &Space, classes: &mut [Class], class: Class) -> Result<(), Undecided> {
    let alike = classes
        .iter_mut()
        .rev()
        .find(|it| (&it.before, &it.after) == (&class.before, &class.after));
    let Some(last) = alike else {
        return Err(Undecided::NotCompared(
            "more kinds of outcomes change than are told apart",
        ));
    };
    last.set = space.union(last.set, class.set)?;
    last.lines.base.extend(class.lines.base);
    last.lines.head.extend(class.lines.head);
    last.lines.base.sort();
    last.lines.head.sort();
    last.lines.base.dedup();
    last.lines.head.dedup();
    Ok(())
}

/// What of some values takes part before and after, where that differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Taking {
    before: Vec<String>,
    after: Vec<String>,
    lines: Lines,
}

/// Splits a region by which values take part on each side, as far as they differ.
pub(super) fn values(
    space: &Space,
    kind: ChangeKind,
    region: Set,
    sides: &[Vec<&Valued<'_>>; 2],
) -> Result<Vec<Class>, Undecided> {
    let mut names: Vec<&str> = sides.iter().flatten().map(|it| it.value.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut parts = vec![(Taking::default(), region)];
    let mut regrouped = vec![];
    for name in names {
        let mut sets = [Set::NONE; 2];
        for (set, side) in sets.iter_mut().zip(sides) {
            for value in side.iter().filter(|it| it.value == name) {
                *set = space.union(*set, space.set(value.rule))?;
            }
            *set = space.intersect(*set, region)?;
        }
        if sets[0] == sets[1] {
            regrouped.extend(buckets(space, kind, region, name, sides)?);
            continue;
        }
        let lost = space.subtract(sets[0], sets[1])?;
        let gained = space.subtract(sets[1], sets[0])?;
        let mut next = vec![];
        for (taking, set) in parts {
            let without = space.subtract(space.subtract(set, lost)?, gained)?;
            let (lost, gained) = (space.intersect(set, lost)?, space.intersect(set, gained)?);
            for (which, set) in [(None, without), (Some(0), lost), (Some(1), gained)] {
                if space.is_empty(set) {
                    continue;
                }
                let mut taking = taking.clone();
                if let Some(which) = which {
                    let list = [&mut taking.before, &mut taking.after];
                    let [before, after] = list;
                    [before, after][which].push(name.to_owned());
                    let responsible = sides[which].iter().filter(|it| it.value == name);
                    let lines = responsible.map(|it| it.origin.to_string());
                    let list = [&mut taking.lines.base, &mut taking.lines.head];
                    let [base, head] = list;
                    [base, head][which].extend(lines);
                }
                next.push((taking, set));
            }
        }
        if next.len() > MAX_CLASSES {
            return Err(Undecided::NotCompared(
                "more combinations of limits change than are told apart",
            ));
        }
        parts = next;
    }
    let differs = |(taking, _): &(Taking, Set)| *taking != Taking::default();
    let parts = parts.into_iter().filter(differs);
    let classes = parts.map(|(taking, set)| Class {
        kind,
        before: words(&taking.before),
        after: words(&taking.after),
        lines: taking.lines,
        set,
        is_access: false,
    });
    Ok(classes.chain(regrouped).collect())
}

/// Requests that one value takes on both sides, but beside others: each limit has a
/// bucket of its own, so two limits are more than one about the requests of both.
fn buckets(
    space: &Space,
    kind: ChangeKind,
    region: Set,
    name: &str,
    sides: &[Vec<&Valued<'_>>; 2],
) -> Result<Vec<Class>, Undecided> {
    let mut each: [Vec<(Set, &Valued<'_>)>; 2] = [vec![], vec![]];
    for (sets, side) in each.iter_mut().zip(sides) {
        for value in side.iter().filter(|it| it.is_counted && it.value == name) {
            sets.push((space.intersect(space.set(value.rule), region)?, value));
        }
    }
    let is_among = |set: Set, others: &[(Set, &Valued<'_>)]| others.iter().any(|it| it.0 == set);
    let mut classes = vec![];
    for (after, new) in each[1].iter().filter(|it| !is_among(it.0, &each[0])) {
        for (before, old) in each[0].iter().filter(|it| !is_among(it.0, &each[1])) {
            let set = space.intersect(*before, *after)?;
            if space.is_empty(set) {
                continue;
            }
            let others = if space.contains(*after, *before)? {
                "with more requests"
            } else if space.contains(*before, *after)? {
                "with fewer requests"
            } else {
                "with other requests"
            };
            if classes.len() == MAX_CLASSES {
                return Err(Undecided::NotCompared(
                    "more limits count together than are told apart",
                ));
            }
            classes.push(Class {
                kind,
                before: name.to_owned(),
                after: format!("{name}, counted together {others}"),
                lines: Lines {
                    base: vec![old.origin.to_string()],
                    head: vec![new.origin.to_string()],
                },
                set,
                is_access: false,
            });
        }
    }
    Ok(classes)
}

fn words(values: &[String]) -> String {
    if values.is_empty() {
        "none".to_owned()
    } else {
        values.join(" and ")
    }
}

impl Compared<'_, '_> {
    /// Shows a class by a witness that is decided on both sides, or says that the two
    /// ways of deciding disagree: never silence.
    pub(super) fn report(
        &self,
        class: Class,
        (shows, judges): (Shows, [Option<&Judge<'_>>; 2]),
        found: &mut Diff,
    ) {
        let Some(witness) = self.witness(&class, (shows, judges)) else {
            return;
        };
        let (target, site) = (&self.point.target, self.point.site());
        let from = shown::sender([self.base, self.head], witness.identity.as_ref(), target);
        let witnessed = confirm::witness(self, &witness, (&class, shows));
        if let Err(why) = witnessed {
            found.undecided.push(Open {
                from,
                to: target.to_string(),
                why,
                lines: class.lines,
            });
            return;
        }
        found.changes.push(Change {
            kind: class.kind,
            from,
            to: target.to_string(),
            witness: shown::example(&witness, target, site),
            before: class.before,
            after: class.after,
            lines: class.lines,
            environments: vec![],
            plaintext: class.kind == ChangeKind::Opened
                && witness.identity.is_none()
                && site.listener.is_none(),
        });
    }

    /// A request that gets through where one does: it shows more.
    fn witness(
        &self,
        class: &Class,
        (shows, judges): (Shows, [Option<&Judge<'_>>; 2]),
    ) -> Option<Witness> {
        let mut set = class.set;
        if shows == Shows::Admission {
            for judge in judges.into_iter().flatten() {
                let allowed = judge.allowed(self.space);
                let better = allowed.and_then(|it| self.space.intersect(set, it));
                set = better
                    .ok()
                    .filter(|it| !self.space.is_empty(*it))
                    .unwrap_or(set);
            }
        }
        self.space.witness(set)
    }
}
