use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Origin, Role, SpiffeId};
use serde_json::Map;

use super::change::{Change, ChangeKind, Diff, Example, Lines};
use super::point::sites;
use super::side::{Side, Target};

/// Compares whom callers see: what is not in view is answered 403 by their own proxies.
///
/// Where access opens or closes for the same callers that is one change, said there.
pub(super) fn compare(base: &Side<'_>, head: &Side<'_>, found: &mut Diff) {
    let before = views(base);
    let after = views(head);
    let mut moved: BTreeMap<(Target, ChangeKind), Vec<String>> = BTreeMap::new();
    for (identity, role) in &after {
        let Some(old) = before.get(identity) else {
            continue;
        };
        let name = head
            .name_of(identity)
            .unwrap_or_else(|| identity.to_string());
        for target in gained(old, role) {
            let key = (target, ChangeKind::Opened);
            moved.entry(key).or_default().push(name.clone());
        }
        for target in gained(role, old) {
            let key = (target, ChangeKind::Closed);
            moved.entry(key).or_default().push(name.clone());
        }
    }
    for ((target, kind), callers) in moved {
        let to = target.to_string();
        let mut changes = found.changes.iter();
        let is_said = changes.any(|it| it.kind == kind && it.to == to);
        let open = found.undecided.iter().any(|it| it.to == to);
        if !is_said && !open {
            found
                .changes
                .extend(change(base, head, (&target, kind), &callers));
        }
    }
}

fn views<'m>(side: &Side<'m>) -> BTreeMap<&'m SpiffeId, &'m Role> {
    let mut views = BTreeMap::new();
    for role in side.mesh.roles.iter() {
        views.entry(&role.identity).or_insert(role);
    }
    views
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
    callers: &[String],
) -> Option<Change> {
    let site = sites(head, target).into_iter().next();
    let site = site.or_else(|| sites(base, target).into_iter().next())?;
    let host = site.hosts.first()?;
    let line = |side: &Side<'_>| -> Vec<String> {
        let subject = target.subject();
        let namespace = subject.namespace();
        let default: &Origin = &side.mesh.settings.access_default(namespace).origin;
        vec![default.to_string()]
    };
    let (method, scheme) = if site.protocol.is_http() {
        ("GET", "http")
    } else {
        ("TCP", "tcp")
    };
    let number = if site.says_number || !site.protocol.is_http() {
        format!(":{}", site.number)
    } else {
        String::new()
    };
    let (hidden, seen) = ("403 not-visible".to_owned(), "in view".to_owned());
    let (before, after) = match kind {
        ChangeKind::Opened => (hidden, seen),
        _ => (seen, hidden),
    };
    Some(Change {
        kind,
        from: callers.first()?.clone(),
        to: target.to_string(),
        witness: Example {
            method: method.to_owned(),
            url: format!("{scheme}://{}{number}/", host.as_str()),
            headers: BTreeMap::new(),
            claims: Map::new(),
        },
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
