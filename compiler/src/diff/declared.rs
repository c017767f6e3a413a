//! What objects say of themselves: who they are, what they speak, where they run.
//!
//! No decision of a proxy shows most of it; the example is a request that it is about,
//! from somebody who calls it.

use mesh_ir::{AccessRule, ObjectRef, Origin};

use super::caller::Callers;
use super::change::{Change, ChangeKind, Diff, Example, Lines};
use super::concerned::changed;
use super::facts::{Fact, facts, of_issuer};
use super::point::sites;
use super::shown;
use super::side::{Side, Target};

/// Who everybody is, and whose tokens count.
pub(super) fn mesh(base: &Side<'_>, head: &Side<'_>, found: &mut Diff) {
    let (before, after) = (&base.mesh.settings, &head.mesh.settings);
    if before.trust_domain != after.trust_domain {
        let first = head.mesh.services.keys().next();
        let first = first.map(|id| Target::Service(id.clone()));
        let words = [before, after].map(|it| format!("trust domain {}", it.trust_domain));
        found.changes.push(Change {
            witness: first.map_or_else(nothing, |it| example([base, head], &it, None)),
            lines: lines([Some(&before.origin), Some(&after.origin)]),
            ..change(ChangeKind::Reidentified, "every service", words)
        });
    }
    for (id, old, new) in changed(&base.mesh.issuers, &head.mesh.issuers) {
        let (Some(old), Some(new)) = (old, new) else {
            continue;
        };
        let asking = asking(head, id).or_else(|| asking(base, id));
        let (before, after) = (of_issuer(old), of_issuer(new));
        let to = format!("{}.{}", id.name, id.namespace);
        for pair in paired(&before, &after) {
            let Some(change) = differing(pair, &to) else {
                continue;
            };
            let asking = asking.as_ref();
            found.changes.push(Change {
                witness: asking.map_or_else(nothing, |it| example([base, head], it, None)),
                ..change
            });
        }
    }
}

/// Something that asks for the tokens of an issuer.
fn asking(side: &Side<'_>, issuer: &ObjectRef) -> Option<Target> {
    let asks = |rule: &AccessRule| {
        let mut tokens = rule.from.iter().filter_map(|it| it.token.as_ref());
        tokens.any(|token| token.issuer == *issuer)
    };
    let documents = side.mesh.access.values();
    let mut documents = documents.filter(|it| it.allow.iter().chain(&it.deny).any(asks));
    let subject = documents.find_map(|it| it.target.scope.subject())?;
    Some(Target::of(subject))
}

/// Compares what an object says of itself on both sides.
pub(super) fn object(base: &Side<'_>, head: &Side<'_>, target: &Target, found: &mut Diff) {
    let (Some(before), Some(after)) = (facts(base, target), facts(head, target)) else {
        return;
    };
    let to = target.to_string();
    let mut changes = vec![];
    for (old, new) in paired(&before, &after) {
        let Some(change) = differing((old, new), &to) else {
            continue;
        };
        changes.push(Change {
            witness: example([base, head], target, new.or(old)),
            ..change
        });
    }
    if changes.is_empty() {
        return;
    }
    let callers = Callers::of(base, head, target);
    let mut callers = callers.iter().flat_map(|it| &it.identities);
    let from = match target {
        Target::Gateway(_) => Some(shown::sender([base, head], None, target)),
        _ => callers
            .next()
            .map(|it| shown::sender([base, head], Some(it), target)),
    };
    for change in &mut changes {
        change.from = from.clone().unwrap_or_else(|| "anyone".to_owned());
    }
    found.changes.extend(changes);
}

/// A request that a fact is about.
fn example(sides: [&Side<'_>; 2], target: &Target, fact: Option<&Fact<'_>>) -> Example {
    let [base, head] = sides;
    let port = fact.and_then(|it| it.port);
    let all = sites(head, target).into_iter().chain(sites(base, target));
    let mut all = all.filter(|site| port.is_none_or(|it| it == site.name));
    let Some(mut site) = all.next() else {
        return nothing();
    };
    if let Some(host) = fact.and_then(|it| it.host.clone()) {
        site.hosts = vec![host];
    }
    let path = fact.map_or("/", |it| it.path);
    shown::any(target, &site, path)
}

fn nothing() -> Example {
    Example {
        method: "GET".to_owned(),
        url: String::new(),
        headers: std::collections::BTreeMap::new(),
        claims: serde_json::Map::new(),
    }
}

type Pair<'f, 'm> = (Option<&'f Fact<'m>>, Option<&'f Fact<'m>>);

fn paired<'f, 'm>(before: &'f [Fact<'m>], after: &'f [Fact<'m>]) -> Vec<Pair<'f, 'm>> {
    let both = before.iter().map(|old| {
        let new = after.iter().find(|it| it.about == old.about);
        (Some(old), new)
    });
    let is_new = |it: &&Fact<'_>| !before.iter().any(|old| old.about == it.about);
    let new = after.iter().filter(is_new).map(|it| (None, Some(it)));
    both.chain(new).collect()
}

/// The change from one fact to another, if they differ.
fn differing((old, new): Pair<'_, '_>, to: &str) -> Option<Change> {
    let words = [old, new].map(|it| it.map_or("none".to_owned(), |it| it.what.clone()));
    if words[0] == words[1] {
        return None;
    }
    let kind = new.map(|it| it.kind).or(old.map(|it| it.gone))?;
    Some(Change {
        plaintext: new.is_some_and(|it| it.plaintext) && !old.is_some_and(|it| it.plaintext),
        lines: lines([old, new].map(|it| it.map(|it| it.origin))),
        ..change(kind, to, words)
    })
}

fn lines(origins: [Option<&Origin>; 2]) -> Lines {
    let [base, head] = origins.map(|it| it.map(ToString::to_string).into_iter().collect());
    Lines { base, head }
}

fn change(kind: ChangeKind, to: &str, [before, after]: [String; 2]) -> Change {
    Change {
        kind,
        from: "anyone".to_owned(),
        to: to.to_owned(),
        witness: nothing(),
        before,
        after,
        lines: Lines::default(),
        environments: vec![],
        plaintext: false,
    }
}
