use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::LogExporter;

/// Lines for a collector that nobody named are lost.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(937),
    title: "the log goes to a collector that is not named",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0937.md"),
};

/// `exporter: otlp` where `Mesh` names no collector.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let Some(mesh) = &subject.program.mesh else {
        return;
    };
    if mesh.spec.otlp.is_some() {
        return;
    }
    for telemetry in subject.program.telemetry.values() {
        let log = telemetry.spec.access_log.as_ref();
        if let Some(exporter) = log.and_then(|it| it.exporter)
            && exporter.value == LogExporter::Otlp
        {
            let found = Diagnostic::new(&INFO, exporter.span, "`Mesh` names no collector");
            out.push(found.help("add `telemetry: {otlp: {service: …, port: grpc}}` to `Mesh`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn log_without_collector() {
        check(
            "
kind: Telemetry
metadata: {name: default, namespace: shop}
spec:
  all: namespace
  accessLog:
    exporter: otlp # expect: M0937
",
        );
    }
}
