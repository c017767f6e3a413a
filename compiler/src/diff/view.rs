use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Origin, Role, SpiffeId};

use super::caller::bounding;
use super::change::{Change, ChangeKind, Diff, Lines};
use super::point::sites;
use super::shown;
use super::side::{Side, Target};

/// Compares whom callers see: what is not in view is answered 403 by their own proxies.
///
/// Where access opens or closes for the same callers that is one change, said there.
pub(super) fn compare(base: &Side<'_>, head: &Side<'_>, found: &mut Diff) {
    let mut moved: BTreeMap<(Target, ChangeKind), &SpiffeId> = BTreeMap::new();
    for role in &head.roles {
        let Some(old) = base.role(&role.identity) else {
            continue;
        };
        for target in gained(old, role) {
            let key = (target, ChangeKind::Opened);
            moved.entry(key).or_insert(&role.identity);
        }
        for target in gained(role, old) {
            let key = (target, ChangeKind::Closed);
            moved.entry(key).or_insert(&role.identity);
        }
    }
    for ((target, kind), caller) in moved {
        let to = target.to_string();
        let mut changes = found.changes.iter();
        let is_said = changes.any(|it| it.kind == kind && it.to == to);
        let open = found.undecided.iter().any(|it| it.to == to);
        if !is_said && !open {
            found
                .changes
                .extend(change(base, head, (&target, kind), caller));
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
    caller: &SpiffeId,
) -> Option<Change> {
    let site = sites(head, target).into_iter().next();
    let site = site.or_else(|| sites(base, target).into_iter().next())?;
    let line = |side: &Side<'_>| -> Vec<String> {
        let calls = bounding(side, caller, target);
        if !calls.is_empty() {
            return calls;
        }
        let served = side.role(caller).into_iter().flat_map(|it| &it.serves);
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
        from: shown::sender([base, head], Some(caller), target),
        to: target.to_string(),
        witness: shown::any(target, &site),
        before,
        after,
        lines: Lines {
            base: line(base),
            head: line(head),
        },
        environments: vec![],
        plaintext: false,
    })
}
