use std::sync::Arc;

use mesh_compiler::render::{Record, records};
use mesh_compiler::{Compiler, Severity};
use mesh_ir::{Inventory, Mesh, Origin, Timestamp};
use mesh_source::SourceSet;

/// The diagnostics that are kept of one commit.
const KEPT: usize = 100;

/// What the compiler makes of a commit.
pub(super) enum Verdict {
    /// It means something.
    Compiled(Compiled),
    /// Why it does not: errors first.
    Rejected(Vec<Record>),
}

/// A commit that compiled.
pub(super) struct Compiled {
    pub(super) mesh: Arc<Mesh>,
    pub(super) warnings: Vec<Record>,
}

/// Compiles a commit. Pure: the commit's own time is what exceptions are held
/// against, so the same commit is judged the same after a restart.
pub(super) fn judge(
    compiler: &mut Compiler,
    set: &SourceSet,
    now: Timestamp,
    inventory: Option<&Inventory>,
) -> Verdict {
    compiler.options.now = now;
    compiler.options.inventory = inventory.cloned();
    let mut compilation = compiler.compile(set);
    // What only the data plane cannot do leaves a mesh for tools to judge, not to run.
    let is_wrong = compilation.has_errors();
    compilation
        .diagnostics
        .sort_by_key(|diagnostic| diagnostic.severity != Severity::Error);
    compilation.diagnostics.truncate(KEPT);
    let records = records(&compilation.diagnostics, &compilation.sources);
    match compilation.mesh.filter(|_| !is_wrong) {
        Some(mesh) => Verdict::Compiled(Compiled {
            mesh: Arc::new(mesh),
            warnings: records,
        }),
        None => Verdict::Rejected(records),
    }
}

/// A reason of the operator's own in the shape of the compiler's diagnostics.
pub(super) fn operator_error(code: &str, message: &str, origin: Option<&Origin>) -> Record {
    let line = origin.map_or(1, |origin| origin.line);
    let column = origin.map_or(1, |origin| origin.column);
    Record {
        code: code.to_owned(),
        severity: "error".to_owned(),
        message: message.to_owned(),
        help: None,
        file: origin.map_or_else(|| ".".to_owned(), |origin| origin.file.to_string()),
        line,
        column,
        end_line: line,
        end_column: column,
    }
}

/// `file:line:column: error[M0123]: text`.
pub(super) fn one_line(record: &Record) -> String {
    format!(
        "{}:{}:{}: {}[{}]: {}",
        record.file, record.line, record.column, record.severity, record.code, record.message
    )
}

#[cfg(test)]
mod tests {
    use mesh_compiler::{Options, SourceFile};

    use super::*;

    fn judged(balancing: &str) -> Verdict {
        let text = format!(
            "apiVersion: meshwright.dev/v1\n\
             kind: Mesh\n\
             metadata: {{name: shop}}\n\
             spec: {{trustDomain: shop.example}}\n\
             ---\n\
             apiVersion: meshwright.dev/v1\n\
             kind: Service\n\
             metadata: {{name: page, namespace: shop}}\n\
             spec: {{ports: {{http: 80}}, loadBalancing: {balancing}}}\n"
        );
        let file = SourceFile {
            path: "mesh.yaml".into(),
            content: text.into_bytes().into(),
        };
        let set = SourceSet {
            files: vec![file],
            ..SourceSet::default()
        };
        let mut compiler = Compiler::new(Options::at(Timestamp(0)));
        judge(&mut compiler, &set, Timestamp(0), None)
    }

    #[test]
    fn what_the_data_plane_cannot_do_is_rejected_though_it_means_something() {
        assert!(matches!(judged("{policy: random}"), Verdict::Compiled(_)));
        let Verdict::Rejected(records) = judged("{policy: random, slowStart: 30s}") else {
            panic!("it must be rejected");
        };
        assert_eq!(records[0].code, "M1101");
    }
}
