use super::change::{ChangeKind, Diff, Lines};
use super::classes::{Class, Compared, Shows, pairs, values};
use super::judge::{Cell, Judge, Valued};
use super::point::Point;
use super::side::Side;
use super::words;
use crate::algebra::{Bounds, Set, Side as Place, Space, SpaceBuilder, Undecided, Universe};

/// What a shadow document says where it says nothing else than what is enforced.
pub(super) const AS_ENFORCED: &str = "as enforced";

/// Compares what the two sides admit at a point, and what they count, note and try out.
pub(super) fn compare(
    base: &Side<'_>,
    head: &Side<'_>,
    point: &Point<'_>,
    found: &mut Diff,
) -> Result<(), Undecided> {
    if !point.is_comparable() {
        return Ok(());
    }
    let mut builder = space_of(head, point);
    let before = point.base.as_ref();
    let before = before.map(|site| Judge::gather(&mut builder, base, (point, site)));
    let after = point.head.as_ref();
    let after = after.map(|site| Judge::gather(&mut builder, head, (point, site)));
    let space = builder.build()?;
    let both = Both {
        space: &space,
        judges: [before.as_ref(), after.as_ref()],
    };
    let mut classes = both.access()?;
    classes.extend(both.beside()?);
    classes.extend(both.noted()?);
    classes.extend(both.tried()?);
    let compared = Compared {
        base,
        head,
        point,
        space: &space,
    };
    for class in classes {
        compared.report(class, (Shows::Admission, both.judges), found);
    }
    Ok(())
}

/// A space of what arrives at a point.
pub(crate) fn space_of<'a>(head: &'a Side<'_>, point: &'a Point<'_>) -> SpaceBuilder<'a> {
    let site = point.site();
    let slash =
        |site: &Option<super::point::Site<'_>>| site.as_ref().is_none_or(|site| site.encoded_slash);
    let universe = Universe {
        side: Place::Callee,
        protocol: site.protocol,
        encoded_slash: slash(&point.base) && slash(&point.head),
        hosts: &site.hosts,
        identities: &head.identities,
    };
    SpaceBuilder::new(universe, Bounds::default())
}

/// The judges of both sides; one may be missing with its side.
struct Both<'b, 'm> {
    space: &'b Space,
    judges: [Option<&'b Judge<'m>>; 2],
}

impl<'m> Both<'_, 'm> {
    fn allowed(&self) -> Result<[Set; 2], Undecided> {
        let allowed = |judge: Option<&Judge<'_>>| match judge {
            Some(judge) => judge.allowed(self.space),
            None => Ok(Set::NONE),
        };
        Ok([allowed(self.judges[0])?, allowed(self.judges[1])?])
    }

    /// Where both have something to say.
    fn universe(&self) -> Result<Set, Undecided> {
        let mut all = self.space.everything();
        for judge in self.judges.into_iter().flatten() {
            all = self.space.intersect(all, judge.universe(self.space)?)?;
        }
        Ok(all)
    }

    fn access(&self) -> Result<Vec<Class>, Undecided> {
        let space = self.space;
        let [before, after] = self.allowed()?;
        let opened = space.subtract(after, before)?;
        let closed = space.subtract(before, after)?;
        let sides = [
            (
                ChangeKind::Opened,
                self.refusing(0, opened)?,
                self.allowing(1, opened)?,
            ),
            (
                ChangeKind::Closed,
                self.allowing(0, closed)?,
                self.refusing(1, closed)?,
            ),
        ];
        let mut classes = vec![];
        for (kind, before, after) in sides {
            classes.extend(pairs(space, kind, (&before, &after))?);
        }
        for class in &mut classes {
            class.is_access = true;
        }
        Ok(classes)
    }

    fn refusing(&self, side: usize, within: Set) -> Result<Vec<Cell>, Undecided> {
        match self.judges[side] {
            Some(judge) => judge.refusing(self.space, within),
            None => Ok(vec![Cell {
                what: "not there".to_owned(),
                lines: vec![],
                set: within,
            }]),
        }
    }

    fn allowing(&self, side: usize, within: Set) -> Result<Vec<Cell>, Undecided> {
        match self.judges[side] {
            Some(judge) => judge.allowing(self.space, within),
            None => Ok(vec![]),
        }
    }

    /// Limits and authorizers, where both sides let in.
    fn beside(&self) -> Result<Vec<Class>, Undecided> {
        let space = self.space;
        let [before, after] = self.allowed()?;
        let both = space.intersect(before, after)?;
        if space.is_empty(both) {
            return Ok(vec![]);
        }
        let limits = |shadow: bool| self.valued(move |it| (&it.limits, shadow));
        let mut classes = values(space, ChangeKind::Relimited, both, &limits(false))?;
        classes.extend(values(space, ChangeKind::Shadowed, both, &limits(true))?);
        let asked = self.valued(|it| (&it.authorizers, false));
        for mut class in values(space, ChangeKind::Closed, both, &asked)? {
            let fails_closed = words::without_fail_open(&class.before) == class.after;
            if !class.lines.base.is_empty() && !fails_closed {
                class.kind = ChangeKind::Opened;
            }
            for what in [&mut class.before, &mut class.after] {
                *what = match what.as_str() {
                    "none" => "allowed".to_owned(),
                    asked => format!("allowed {asked}"),
                };
            }
            classes.push(class);
        }
        Ok(classes)
    }

    fn valued(
        &self,
        list: impl for<'j> Fn(&'j Judge<'m>) -> (&'j Vec<Valued<'m>>, bool),
    ) -> [Vec<&Valued<'m>>; 2] {
        self.judges.map(|judge| {
            let (all, shadow) = match judge {
                Some(judge) => list(judge),
                None => return vec![],
            };
            all.iter().filter(|it| it.shadow == shadow).collect()
        })
    }

    /// What `audit` entries note.
    fn noted(&self) -> Result<Vec<Class>, Undecided> {
        let [Some(before), Some(after)] = self.judges else {
            return Ok(vec![]);
        };
        let space = self.space;
        let within = self.universe()?;
        let noted = [
            before.audited(space, within)?,
            after.audited(space, within)?,
        ];
        let mut sets = [Set::NONE; 2];
        for (set, cells) in sets.iter_mut().zip(&noted) {
            for cell in cells {
                *set = space.union(*set, cell.set)?;
            }
        }
        let not_noted = |set| Cell {
            what: "not noted".to_owned(),
            lines: vec![],
            set,
        };
        let gained = not_noted(space.subtract(sets[1], sets[0])?);
        let lost = not_noted(space.subtract(sets[0], sets[1])?);
        let mut classes = pairs(space, ChangeKind::Audited, (&[gained], &noted[1]))?;
        classes.extend(pairs(space, ChangeKind::Audited, (&noted[0], &[lost]))?);
        Ok(classes)
    }

    /// What shadow documents would let in or refuse besides.
    fn tried(&self) -> Result<Vec<Class>, Undecided> {
        let [Some(before), Some(after)] = self.judges else {
            return Ok(vec![]);
        };
        let space = self.space;
        let within = self.universe()?;
        let cells = |judge: &Judge<'_>| -> Result<Vec<Cell>, Undecided> {
            let (opens, closes) = judge.shadowed(space)?;
            let rest = space.subtract(space.subtract(within, opens)?, closes)?;
            let cell = |what: &str, set| Cell {
                what: what.to_owned(),
                lines: vec![],
                set,
            };
            Ok(vec![
                cell("would be let in", opens),
                cell("would be refused", closes),
                cell(AS_ENFORCED, rest),
            ])
        };
        let mut classes = pairs(
            space,
            ChangeKind::Shadowed,
            (&cells(before)?, &cells(after)?),
        )?;
        classes.retain(|class| class.before != class.after);
        for class in &mut classes {
            class.is_access = true;
            class.lines = Lines {
                base: before.shadow_lines(space, class.set)?,
                head: after.shadow_lines(space, class.set)?,
            };
        }
        Ok(classes)
    }
}
