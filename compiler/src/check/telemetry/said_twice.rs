use std::collections::BTreeMap;

use mesh_ir::Target;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::lower::LoweredTelemetry;

/// Which of the two holds would depend on their names.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(936),
    title: "two Telemetry documents say one thing about one target",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0936.md"),
};

/// Documents about the same target that both say how it is logged, traced or measured.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let mut known: BTreeMap<&Target, Vec<&LoweredTelemetry>> = BTreeMap::new();
    for document in subject.lowered.telemetry.values() {
        let others = known.entry(&document.ir.target).or_default();
        let both = others
            .iter()
            .find_map(|it| Some((*it, both(it, document)?)));
        if let Some((other, what)) = both {
            let message = format!(
                "`{}` says `{what}` of the same target",
                other.object.name.value
            );
            out.push(
                Diagnostic::new(&INFO, document.object.name.span, message)
                    .label(other.object.name.span, "the other is here")
                    .help("leave it to one of the two, or merge them"),
            );
        }
        others.push(document);
    }
}

fn both(a: &LoweredTelemetry, b: &LoweredTelemetry) -> Option<&'static str> {
    let (a, b) = (&a.ir, &b.ir);
    if a.access_log.is_some() && b.access_log.is_some() {
        Some("accessLog")
    } else if a.traces.is_some() && b.traces.is_some() {
        Some("traces")
    } else {
        (!a.labels.is_empty() && !b.labels.is_empty()).then_some("metrics")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn telemetry_said_twice() {
        check(
            "
kind: Telemetry
metadata: {name: a, namespace: shop}
spec: {all: namespace, traces: {sample: 1%}}
---
kind: Telemetry
metadata: {name: b, namespace: shop} # expect: M0936
spec: {all: namespace, traces: {sample: 10%}}
",
        );
    }
}
