use std::collections::BTreeMap;

use mesh_ir::Name;

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::resolve::Program;

/// The name of an entry is its id in logs and metrics: two would be one there.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(208),
    title: "two entries of one document have one name",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0208.md"),
};

/// Entries of one document that share a name, over all of its lists.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    check_document(
        program.routes.values().map(|route| {
            let names = route.spec.rules.iter().filter_map(|it| it.name.as_ref());
            names.map(|name| (&name.value, name.span)).collect()
        }),
        out,
    );
    check_document(
        program.access.values().map(|access| {
            let spec = &access.spec;
            let all = spec.allow.iter().chain(&spec.deny).chain(&spec.audit);
            let names = all.filter_map(|it| it.name.as_ref());
            names.map(|name| (&name.value, name.span)).collect()
        }),
        out,
    );
    check_document(
        program.limits.values().map(|object| {
            let names = object.spec.limits.iter().filter_map(|it| it.name.as_ref());
            names.map(|name| (&name.value, name.span)).collect()
        }),
        out,
    );
}

fn check_document<'a>(
    documents: impl Iterator<Item = Vec<(&'a Name, Span)>>,
    out: &mut Vec<Diagnostic>,
) {
    for names in documents {
        let mut seen: BTreeMap<&Name, Span> = BTreeMap::new();
        for (name, span) in names {
            if let Some(first) = seen.get(name) {
                out.push(
                    Diagnostic::new(&INFO, span, format!("there are two entries named `{name}`"))
                        .label(*first, "the first is here")
                        .help("give each its own name: it is what logs and metrics show"),
                );
            } else {
                seen.insert(name, span);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn names_are_unique_over_the_lists_of_a_document() {
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
    - {name: page, from: [{namespace: shop}], match: [{methods: [GET]}]}
  deny:
    - {name: page, match: [{paths: [/admin/**]}]} # expect: M0208
",
        );
    }
}
