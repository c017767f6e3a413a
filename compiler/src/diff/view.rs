use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Origin, Role};

use super::caller::{bounding, is_listed};
use super::change::{Change, ChangeKind, Diff, Lines};
use super::point::sites;
use super::shown;
use super::side::{Side, Target};

/// Compares whom callers see: what is not in view is answered 403 by their own proxies.
///
/// Where access opens or closes for the same callers that is one change, said there.
pub(super) fn compare(base: &Side<'_>, head: &Side<'_>, found: &mut Diff) {
    let mut moved: BTreeMap<(Target, ChangeKind, bool), [&Role; 2]> = BTreeMap::new();
    for role in head.every_role() {
        let Some(old) = base.same_role(role) else {
            continue;
        };
        let gained_and_lost = [
            (ChangeKind::Opened, gained(old, role)),
            (ChangeKind::Closed, gained(role, old)),
        ];
        for (kind, targets) in gained_and_lost {
            for target in targets {
                let listed = [
                    is_listed(base, old, &target),
                    is_listed(head, role, &target),
                ];
                let by_list = role.gateways.is_empty() && listed[0] != listed[1];
                moved.entry((target, kind, by_list)).or_insert([old, role]);
            }
        }
    }
    for ((target, kind, by_list), caller) in moved {
        let to = target.to_string();
        let mut changes = found.changes.iter();
        // Of what a caller's own list does, access says nothing.
        let is_said = !by_list && changes.any(|it| it.kind == kind && it.to == to);
        let open = found.undecided.iter().any(|it| it.to == to);
        if !is_said && !open {
            let change = change(base, head, (&target, kind), caller);
            found.changes.extend(change);
        }
    }
}

/// What one role sees and another does not.
fn gained(old: &Role, new: &Role) -> Vec<Target> {
    if old.calls == new.calls && old.externals == new.externals {
        return vec![];
    }
    let known: BTreeSet<_> = old.calls.iter().collect();
    let services = new.calls.iter().filter(|it| !known.contains(it));
    let known: BTreeSet<_> = old.externals.iter().collect();
    let externals = new.externals.iter().filter(|it| !known.contains(it));
    let services = services.cloned().map(Target::Service);
    services
        .chain(externals.cloned().map(Target::External))
        .collect()
}

fn change(
    base: &Side<'_>,
    head: &Side<'_>,
    (target, kind): (&Target, ChangeKind),
    [old, new]: [&Role; 2],
) -> Option<Change> {
    let site = sites(head, target).into_iter().next();
    let site = site.or_else(|| sites(base, target).into_iter().next())?;
    let line = |side: &Side<'_>, role: &Role| -> Vec<String> {
        let calls = bounding(side, role, target);
        if !calls.is_empty() {
            return calls;
        }
        let served = role.serves.iter();
        let mut served = served.filter_map(|id| side.mesh.services.get(id));
        // A list without it hides it; without a list, access does.
        let listing = served.find(|it| it.calls.is_some());
        let subject = target.subject();
        let namespace = subject.namespace();
        let default: &Origin = &side.mesh.settings.access_default(namespace).origin;
        vec![listing.map_or(default, |it| &it.origin).to_string()]
    };
    let (hidden, seen) = ("403 not-visible".to_owned(), "in view".to_owned());
    let (before, after) = match kind {
        ChangeKind::Opened => (hidden, seen),
        _ => (seen, hidden),
    };
    Some(Change {
        kind,
        from: new.serves.first().map_or_else(
            || shown::sender([base, head], Some(&new.identity), target),
            ToString::to_string,
        ),
        to: target.to_string(),
        witness: shown::any(target, &site, "/"),
        before,
        after,
        lines: Lines {
            base: line(base, old),
            head: line(head, new),
        },
        environments: vec![],
        plaintext: false,
    })
}
