use mesh_ir::{Key, Kind};

use crate::algebra::RuleSet;
use crate::check::Subject;
use crate::check::subject::covers;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// Who writes the key writes a new one for each request: such a limit needs one
/// beside it whose key the client does not choose.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(702),
    title: "the client chooses its own bucket",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0702.md"),
};

/// Limits keyed by headers, query, cookies or paths without another one that
/// charges the same requests.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let mut steady: Vec<(&mesh_ir::Target, RuleSet)> = Vec::new();
    let mut chosen: Vec<(&mesh_ir::Target, RuleSet, Span)> = Vec::new();
    let limits = subject.lowered.limits.values();
    let limits = limits.filter(|it| !subject.is_crowded(Kind::RateLimit, &it.ir.target.scope));
    for object in limits {
        for (written, limit) in object.limits() {
            let set = || subject.set(&limit.from, &limit.matches);
            let key = written.per.iter().find(|key| is_chosen(&key.value));
            match key {
                Some(key) => chosen.push((&object.ir.target, set(), key.span)),
                None if limit.shadow => {}
                None => steady.push((&object.ir.target, set())),
            }
        }
    }
    for (target, set, at) in chosen {
        let mut beside = steady.iter();
        if beside.any(|(other, wide)| covers(other, target) && wide.contains(&set)) {
            continue;
        }
        out.push(
            Diagnostic::new(
                &INFO,
                at,
                "the client chooses this key, and no other limit holds",
            )
            .help("add a limit on the same requests without `per`, or per `caller`"),
        );
    }
}

/// Whether a client can have a value that nobody had before.
fn is_chosen(key: &Key) -> bool {
    match key {
        Key::Caller | Key::Address | Key::Claim(_) => false,
        Key::Header(_) | Key::Query(_) | Key::Cookie(_) | Key::Capture(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_chosen_key_has_a_steady_one_beside_it() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: RateLimit
metadata: {name: a, namespace: shop}
spec:
  service: a
  limits:
    - {name: user, match: [{methods: [POST]}], per: ['header:x-user'], rate: 1/s}
    - {name: posts, match: [{methods: [POST]}], rate: 100/s}
    - name: session
      match: [{methods: [GET]}]
      per: ['cookie:session'] # expect: M0702
      rate: 1/s
",
        );
    }
}
