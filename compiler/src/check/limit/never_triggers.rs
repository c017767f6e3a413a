use std::collections::BTreeMap;

use mesh_ir::{DefaultAccess, Kind, Limit, LimitScope, Name, Rate, Scope, Target};

use super::undecided;
use crate::algebra::{Cover, Mode, RuleSet, Undecided, cover, meets};
use crate::check::Subject;
use crate::check::sets::{access_rule, limit_rule, universe};
use crate::check::subject::covers;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// A limit that nothing can reach protects nothing.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(701),
    title: "a limit that can never trigger",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0701.md"),
};

/// Limits behind a stricter one, and limits of what no access lets in.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let all = entries(subject);
    for group in groups(&all).values() {
        for (index, entry) in group.iter().enumerate() {
            let stricter = group.iter().enumerate().find(|(other, it)| {
                *other != index && it.precedes(entry) && (*other < index || !entry.precedes(it))
            });
            if let Some((_, stricter)) = stricter {
                out.push(
                    Diagnostic::new(&INFO, entry.at, "another limit is always reached first")
                        .label(stricter.at, "this one")
                        .help("remove it, or make it stricter than the other"),
                );
                continue;
            }
            match is_let_in(subject, entry) {
                Ok(true) => {}
                Ok(false) => out.push(
                    Diagnostic::new(&INFO, entry.at, "no access lets in what this would limit")
                        .help("look at its `from` and `match`, or at the `Access` documents"),
                ),
                Err(why) => out.extend(undecided::found(entry.at, &why)),
            }
        }
    }
}

struct Entry<'c> {
    target: &'c Target,
    limit: &'c Limit,
    set: RuleSet,
    at: Span,
}

fn entries<'c>(subject: &Subject<'c>) -> Vec<Entry<'c>> {
    let limits = subject.lowered.limits.values();
    let limits = limits.filter(|it| !subject.is_crowded(Kind::RateLimit, &it.ir.target.scope));
    let limits = limits.flat_map(|object| {
        let entries = object.limits();
        entries.map(|(written, limit)| Entry {
            target: &object.ir.target,
            limit,
            set: subject.set(&limit.from, &limit.matches),
            at: written.name.as_ref().map_or(written.span, |name| name.span),
        })
    });
    limits.collect()
}

/// Entries that may meet: by target, since a wider one hides no narrower bucket
/// that is kept elsewhere.
fn groups<'e, 'c>(all: &'e [Entry<'c>]) -> BTreeMap<&'c Scope, Vec<&'e Entry<'c>>> {
    let mut groups: BTreeMap<&Scope, Vec<&Entry<'_>>> = BTreeMap::new();
    for entry in all {
        groups.entry(&entry.target.scope).or_default().push(entry);
    }
    groups
}

impl Entry<'_> {
    /// Whether this limit refuses whenever `other` would: it charges at least the
    /// same requests to a bucket that is never fuller. The buckets of many proxies
    /// hold more than each of them.
    fn precedes(&self, other: &Self) -> bool {
        let of_one =
            (self.limit.scope, other.limit.scope) == (LimitScope::Proxy, LimitScope::Fleet);
        !self.limit.shadow
            && !of_one
            && (self.limit.per.is_empty() || self.limit.per == other.limit.per)
            && self.limit.burst <= other.limit.burst
            && at_most(self.limit.rate, other.limit.rate)
            && covers(self.target, other.target)
            && self.set.contains(&other.set)
    }
}

fn at_most(a: Rate, b: Rate) -> bool {
    u128::from(a.count) * b.per.as_nanos() <= u128::from(b.count) * a.per.as_nanos()
}

/// Whether access lets in a request of the limit; true where that is not the
/// business of one service.
fn is_let_in(subject: &Subject<'_>, entry: &Entry<'_>) -> Result<bool, Undecided> {
    let rule = limit_rule(subject, entry.target, entry.limit);
    let universe = universe(subject, entry.target);
    let takes_some = || Ok(cover(&rule, &[], universe)? != Cover::Empty);
    let Scope::Service(service) = &entry.target.scope else {
        return takes_some();
    };
    if subject.is_crowded(Kind::Access, &entry.target.scope) {
        return takes_some();
    }
    let default = subject.lowered.settings.access_default(&service.namespace);
    let (mut allows, mut denies) = (vec![], vec![]);
    let limited = &entry.target.ports;
    for access in subject.access_of(service) {
        let target = &access.ir.target;
        let every = |ports: &[Name]| target.ports.is_empty() || ports == target.ports;
        let shares = |port: &Name| limited.contains(port);
        if every(limited) || limited.is_empty() || target.ports.iter().any(shares) {
            let all = access.ir.allow.iter();
            allows.extend(all.map(|rule| access_rule(subject, target, rule, Mode::Allow)));
        }
        if every(limited) {
            let all = access.ir.deny.iter();
            denies.extend(all.map(|rule| access_rule(subject, target, rule, Mode::Deny)));
        }
    }
    if default.mode == DefaultAccess::Allow || allows.is_empty() {
        return takes_some();
    }
    meets(&rule, &allows, &denies, universe)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    const SERVICE: &str = "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
";

    #[test]
    fn a_stricter_limit_comes_first() {
        check(&format!(
            "{SERVICE}kind: RateLimit
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  limits:
    - {{name: all, rate: 10/s, burst: 10}}
    - {{name: posts, match: [{{methods: [POST]}}], rate: 20/s, burst: 20}} # expect: M0701
    - {{name: gets, match: [{{methods: [GET]}}], rate: 5/s, burst: 5}}
    - {{name: each, per: [caller], rate: 600/m, burst: 10}} # expect: M0701
"
        ));
    }

    #[test]
    fn what_is_denied_needs_no_limit() {
        check(&format!(
            "{SERVICE}kind: Access
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  allow: [{{from: [{{namespace: shop}}], match: [{{paths: [/a/**]}}]}}]
  deny: [{{match: [{{paths: [/a/b/**]}}]}}]
---
kind: RateLimit
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  limits:
    - {{name: denied, match: [{{paths: [/a/b/*]}}], rate: 20/s}} # expect: M0701
    - {{name: let-in, match: [{{paths: [/a/*]}}], rate: 20/s}}
"
        ));
    }

    #[test]
    fn what_is_not_let_in_needs_no_limit() {
        check(&format!(
            "{SERVICE}kind: Access
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  allow: [{{from: [{{namespace: shop}}], match: [{{methods: [GET]}}]}}]
---
kind: RateLimit
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  limits:
    - {{name: posts, match: [{{methods: [POST]}}], rate: 20/s}} # expect: M0701
    - {{name: gets, match: [{{methods: [GET]}}], rate: 20/s}}
"
        ));
    }
}
