use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::resolve::Program;
use crate::syntax::ast::Document;

/// Two documents of one kind, namespace and name: which one holds would depend on
/// the order of files.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(201),
    title: "two documents have one name",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0201.md"),
};

/// Documents whose name another has.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    let all = program.duplicates.iter();
    out.extend(all.map(|(document, first)| found(document, *first)));
}

/// The finding for a document whose name `first` has taken.
fn found(document: &Document, first: Span) -> Diagnostic {
    let (kind, name) = (document.kind(), document.name());
    let full = match document.namespace() {
        Some(namespace) => format!("{}/{}", namespace.value, name.value),
        None => name.value.to_string(),
    };
    Diagnostic::new(&INFO, name.span, format!("there are two {kind} `{full}`"))
        .marked("this name is taken")
        .label(first, "by this document")
        .help("rename one of them, or move its entries into the other")
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn one_name_in_one_namespace_is_taken_once() {
        check(
            "
kind: Service
metadata: {name: cart, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: cart, namespace: shop} # expect: M0201
spec: {ports: {http: 81}}
",
        );
    }

    #[test]
    fn another_namespace_or_kind_is_another_name() {
        check(
            "
kind: Service
metadata: {name: cart, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: cart, namespace: labs}
spec: {ports: {http: 80}}
---
kind: Route
metadata: {name: cart, namespace: shop}
spec: {service: cart, rules: [{name: all}]}
",
        );
    }
}
