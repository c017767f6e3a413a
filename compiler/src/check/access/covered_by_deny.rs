use mesh_ir::{Kind, Target};

use super::ports::{Port, ports};
use super::undecided;
use crate::algebra::{Cover, Mode, Rule, Undecided, cover};
use crate::check::Subject;
use crate::check::sets::{access_rule, universe};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::lower::LoweredAccess;

/// Deny beats allow: what is allowed here is refused there, always.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(602),
    title: "a deny takes all of what this allows",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0602.md"),
};

/// The most entries that are pointed at beside the covered one.
const MAX_LABELS: usize = 5;

/// `allow` entries all of whose requests enforced `deny` entries take.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let denies = Denies::of(subject);
    for access in subject.lowered.access.values() {
        let target = &access.ir.target;
        if access.ir.shadow || subject.is_crowded(Kind::Access, &target.scope) {
            continue;
        }
        let near = denies.near(subject, access);
        if near.is_empty() {
            continue;
        }
        for (written, rule) in access.allow() {
            let at = written.name.as_ref().map_or(written.span, |name| name.span);
            let rule = access_rule(subject, target, rule, Mode::Allow);
            match taken(subject, target, &rule, &near) {
                Ok(by) if by.is_empty() => {}
                Ok(by) => out.push(found(at, by.into_iter())),
                Err(why) => out.extend(undecided::found(at, &why)),
            }
        }
    }
}

/// Where the denies stand that take all of an entry, at every port that it is about;
/// nowhere if some request is left.
fn taken<'t, 'c: 't>(
    subject: &Subject<'c>,
    target: &'t Target,
    rule: &Rule<'_>,
    near: &[&Deny<'_>],
) -> Result<Vec<Span>, Undecided> {
    let mut by = vec![];
    let mut asked: Vec<Vec<Span>> = vec![];
    for port in ports(subject, target, rule) {
        let there = near
            .iter()
            .filter(|it| port.is_about(&it.access.target, &it.rule));
        let there: Vec<_> = there.collect();
        let places: Vec<Span> = there.iter().map(|it| it.at).collect();
        if asked.contains(&places) {
            continue;
        }
        let rules: Vec<Rule<'_>> = there.iter().map(|it| it.rule).collect();
        let Cover::Covered(covering) = cover(rule, &rules, universe(subject, target))? else {
            return Ok(vec![]);
        };
        by.extend(covering.iter().map(|it| places[*it]));
        asked.push(places);
    }
    by.sort();
    by.dedup();
    Ok(by)
}

fn found(at: Span, by: impl ExactSizeIterator<Item = Span>) -> Diagnostic {
    let (message, text) = if by.len() == 1 {
        ("a deny entry takes all of what this allows", "this one")
    } else {
        (
            "deny entries take all of what this allows",
            "this one takes some",
        )
    };
    let found = Diagnostic::new(&INFO, at, message);
    let found = by
        .take(MAX_LABELS)
        .fold(found, |found, at| found.label(at, text));
    found.help("narrow the deny with `not`, or remove this entry")
}

struct Deny<'c> {
    access: &'c mesh_ir::Access,
    rule: Rule<'c>,
    at: Span,
}

/// Every enforced deny entry; those of one document lie together.
struct Denies<'c>(Vec<Deny<'c>>);

impl<'c> Denies<'c> {
    fn of(subject: &Subject<'c>) -> Self {
        let enforced =
            subject.lowered.access.values().filter(|it| {
                !it.ir.shadow && !subject.is_crowded(Kind::Access, &it.ir.target.scope)
            });
        let all = enforced.flat_map(|access| {
            let target = &access.ir.target;
            access.deny().map(move |(written, rule)| Deny {
                access: &access.ir,
                rule: access_rule(subject, target, rule, Mode::Deny),
                at: written.span,
            })
        });
        Self(all.collect())
    }

    /// Those that are about something that a document is about.
    fn near(&self, subject: &Subject<'_>, access: &LoweredAccess) -> Vec<&Deny<'c>> {
        let mesh_ir::Scope::Service(service) = &access.ir.target.scope else {
            let whole = Port::Every(&access.ir.target);
            let about = |it: &&Deny<'c>| whole.is_about(&it.access.target, &it.rule);
            return self.0.iter().filter(about).collect();
        };
        // Entries are sorted by document, as the documents are.
        let documents = subject.access_of(service);
        documents
            .flat_map(|other| {
                let first = self.0.partition_point(|it| it.access.id < other.ir.id);
                let of_document = move |it: &&Deny<'c>| it.access.id == other.ir.id;
                self.0[first..].iter().take_while(of_document)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn what_is_denied_cannot_be_allowed() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - {name: admin, from: [{namespace: shop}], match: [{paths: [/admin/x]}]} # expect: M0602
    - {name: some, from: [{namespace: shop}], match: [{methods: [GET], paths: [/**]}]}
---
kind: Access
metadata: {name: guard, namespace: shop}
spec:
  all: namespace
  deny:
    - match: [{paths: [/admin/**]}]
",
        );
    }

    #[test]
    fn several_denies_may_take_it_together_and_case_does_not_help() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - {name: both, from: [{namespace: shop}], match: [{methods: [PUT, POST], paths: [/Admin]}]} # expect: M0602
    - {name: more, from: [{namespace: shop}], match: [{methods: [PUT, GET], paths: [/admin]}]}
  deny:
    - match: [{methods: [PUT], paths: [/admin/**]}]
    - match: [{methods: [POST], paths: [{regex: '/a.*'}]}]
",
        );
    }

    #[test]
    fn a_shadow_refuses_nothing() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow: [{from: [{namespace: shop}]}]
---
kind: Access
metadata: {name: guard, namespace: shop}
spec:
  service: a
  shadow: true
  deny: [{from: [{authenticated: true}]}]
",
        );
    }

    #[test]
    fn documents_about_one_port_each_take_it_together() {
        let text = "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80, admin: {port: 81, protocol: http}}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  ports: [http, admin]
  allow: [{name: both, from: [{namespace: shop}], match: [{paths: [/x]}]}] # expect: M0602
---
kind: Access
metadata: {name: one, namespace: shop}
spec: {service: a, ports: [http], deny: [{match: [{paths: [/x]}]}]}
---
kind: Access
metadata: {name: two, namespace: shop}
spec: {service: a, ports: [admin], deny: [{from: [{namespace: shop}]}]}
";
        check(text);
        let open = text.replace(" # expect: M0602", "");
        check(&open.replace(
            "ports: [admin], deny: [{from: [{namespace: shop}]}]",
            "ports: [admin], deny: [{match: [{paths: [/y]}]}]",
        ));
    }

    #[test]
    fn what_reads_requests_takes_nothing_of_a_port_of_bytes() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80, tcp: 81}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec: {service: a, ports: [http, tcp], allow: [{from: [{namespace: shop}]}]}
---
kind: Access
metadata: {name: guard, namespace: shop}
spec: {all: namespace, deny: [{match: [{paths: [{regex: '(?s).*'}]}]}]}
",
        );
    }
}
