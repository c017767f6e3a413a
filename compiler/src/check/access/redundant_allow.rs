use std::collections::BTreeMap;

use mesh_ir::{DefaultAccess, Kind, Scope, Target};

use super::ports::ports;
use crate::algebra::{Cover, Mode, Rule, RuleSet, cover};
use crate::check::Subject;
use crate::check::sets::{access_rule, universe};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::lower::LoweredAccess;

/// Whoever takes the entry away later would believe to have closed something.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(608),
    title: "others allow all of what this allows",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0608.md"),
};

/// The most entries that are pointed at beside the one that is too much.
const MAX_LABELS: usize = 5;
/// The most entries that are looked at together for one.
const MAX_MET: usize = 32;

/// `allow` entries without which the others about the same object allow as much. What
/// documents about several objects allow is apart: who writes for one service does not
/// answer for them.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let mut by_scope: BTreeMap<&Scope, Vec<&LoweredAccess>> = BTreeMap::new();
    for access in subject.lowered.access.values() {
        let target = &access.ir.target;
        // Where the default allows, an entry also says that the default is silent.
        let speaks = default_allows(subject, &target.scope);
        if access.ir.shadow || speaks || subject.is_crowded(Kind::Access, &target.scope) {
            continue;
        }
        by_scope.entry(&target.scope).or_default().push(access);
    }
    for documents in by_scope.into_values() {
        let mut entries: Vec<_> = documents
            .into_iter()
            .flat_map(|it| lasting(subject, it))
            .collect();
        // The last of two that say the same is the one too many.
        for place in (0..entries.len()).rev() {
            let by = covering(subject, &entries, place);
            if !by.is_empty() {
                out.push(found(entries[place].at, &by));
                entries.remove(place);
            }
        }
    }
}

/// The entries of a document but for exceptions: those are there for a time, whatever else
/// is allowed now.
fn lasting<'c>(
    subject: &Subject<'c>,
    access: &'c LoweredAccess,
) -> impl Iterator<Item = Entry<'c>> {
    let target = &access.ir.target;
    let lasting = access.allow().filter(|(_, it)| it.expires.is_none());
    lasting.map(move |(written, meant)| Entry {
        target,
        set: subject.set(&meant.from, &meant.matches),
        rule: access_rule(subject, target, meant, Mode::Allow),
        at: written.name.as_ref().map_or(written.span, |name| name.span),
    })
}

fn default_allows(subject: &Subject<'_>, scope: &Scope) -> bool {
    let settings = &subject.lowered.settings;
    let default = match (scope.subject(), scope) {
        (Some(subject), _) => settings.access_default(subject.namespace()),
        (None, Scope::Namespace(namespace)) => settings.access_default(namespace),
        (None, _) => return true,
    };
    default.mode == DefaultAccess::Allow
}

struct Entry<'c> {
    target: &'c Target,
    set: RuleSet,
    rule: Rule<'c>,
    at: Span,
}

/// Where the entries stand that take all of one, at every port; nowhere if some request
/// is left, or if it cannot be told: an entry too many does no harm.
fn covering<'e, 'c: 'e>(subject: &Subject<'c>, entries: &[Entry<'e>], place: usize) -> Vec<Span> {
    let own = &entries[place];
    let others = entries.iter().enumerate();
    let others = others.filter(|(other, _)| *other != place);
    let met = others.filter(|(_, it)| !it.set.is_disjoint(&own.set));
    let met: Vec<&Entry<'_>> = met.map(|(_, it)| it).take(MAX_MET + 1).collect();
    if met.is_empty() || met.len() > MAX_MET {
        return vec![];
    }
    let mut by = vec![];
    let mut asked: Vec<Vec<Span>> = vec![];
    for port in ports(subject, own.target, &own.rule) {
        let there = met.iter().filter(|it| port.is_about(it.target, &it.rule));
        let there: Vec<_> = there.collect();
        let key: Vec<Span> = there.iter().map(|it| it.at).collect();
        if asked.contains(&key) {
            continue;
        }
        asked.push(key);
        let rules: Vec<Rule<'_>> = there.iter().map(|it| it.rule).collect();
        match cover(&own.rule, &rules, universe(subject, own.target)) {
            Ok(Cover::Covered(covering)) => by.extend(covering.iter().map(|it| there[*it].at)),
            Ok(Cover::Open | Cover::Empty) | Err(_) => return vec![],
        }
    }
    by.sort();
    by.dedup();
    by
}

fn found(at: Span, by: &[Span]) -> Diagnostic {
    let (message, text) = if by.len() == 1 {
        ("another entry allows all of what this allows", "this one")
    } else {
        (
            "other entries allow all of what this allows",
            "this one allows some",
        )
    };
    let found = Diagnostic::new(&INFO, at, message);
    let shown = by.iter().take(MAX_LABELS);
    let found = shown.fold(found, |found, at| found.label(*at, text));
    found.help("remove it, or narrow what allows more than it should")
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    fn entries(ports: &str, entries: &str) -> String {
        format!(
            "
kind: Service
metadata: {{name: a, namespace: shop}}
spec: {{ports: {ports}}}
---
kind: Access
metadata: {{name: a, namespace: shop}}
spec:
  service: a
{entries}"
        )
    }

    #[test]
    fn what_is_said_twice_is_found_at_its_second_place() {
        check(&entries(
            "{http: 80}",
            "  allow:
    - {from: [{namespace: shop}], match: [{methods: [GET], paths: [/a/**]}]}
    - {from: [{namespace: shop}], match: [{paths: [/a/b]}]}
---
kind: Access
metadata: {name: again, namespace: shop}
spec:
  service: a
  allow:
    - {name: same, from: [{namespace: shop}], match: [{paths: [/a/**], methods: [GET]}]} # expect: M0608
",
        ));
    }

    #[test]
    fn several_may_allow_all_of_it_together() {
        check(&entries(
            "{http: 80}",
            "  allow:
    - {name: both, from: [{service: a}], match: [{methods: [PUT, POST], paths: [/x]}]} # expect: M0608
    - {name: put, from: [{namespace: shop}], match: [{methods: [PUT]}]}
    - {name: post, from: [{authenticated: true}], match: [{methods: [POST], paths: [/**]}]}
    - {name: case, from: [{namespace: shop}], match: [{methods: [DELETE], paths: [/A]}]}
    - {name: lower, from: [{namespace: shop}], match: [{methods: [DELETE], paths: [/a]}]}
",
        ));
    }

    #[test]
    fn what_ends_or_is_about_another_port_covers_nothing() {
        check(&entries(
            "{http: 80, admin: {port: 81, protocol: http}}",
            "  ports: [http]
  allow:
    - {name: longer, from: [{namespace: shop}], match: [{paths: [/a]}]}
    - {name: ends, from: [{namespace: shop}], exception: {owner: a, reason: b, expires: 2098-01-01}}
    - {name: sooner, from: [{service: a}], exception: {owner: a, reason: b, expires: 2097-01-01}}
    - {name: lasting, from: [{service: a}]}
---
kind: Access
metadata: {name: b, namespace: shop}
spec:
  service: a
  ports: [http, admin]
  allow: [{name: wide, from: [{namespace: shop}], match: [{paths: [/b/c]}]}]
---
kind: Access
metadata: {name: c, namespace: shop}
spec:
  service: a
  ports: [http]
  allow: [{name: one, from: [{namespace: shop}], match: [{paths: [/b/**]}]}]
",
        ));
    }

    #[test]
    fn a_document_about_several_services_makes_nothing_redundant() {
        check(&entries(
            "{http: 80}",
            "  allow: [{from: [{namespace: shop}], match: [{paths: [/a]}]}]
---
kind: Access
metadata: {name: all, namespace: shop}
spec: {all: namespace, allow: [{from: [{authenticated: true}]}]}
",
        ));
    }
}
