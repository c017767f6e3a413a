use mesh_ir::{Inventory, Mesh, Timestamp};

use crate::check::{self, Subject};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source_set::SourceSet;
use crate::sources::Sources;
use crate::{lower, resolve, syntax, view};

/// What a compilation depends on beside the files.
#[derive(Debug, Clone)]
pub struct Options {
    /// Today, for exceptions that expire; by default the commit's time.
    pub now: Timestamp,
    /// What exists, where it is known.
    pub inventory: Option<Inventory>,
}

impl Options {
    /// As of an instant, without an inventory.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            inventory: None,
        }
    }
}

/// Compiles sets of files. What it remembers between calls is invisible: the result
/// equals that of a fresh one, and a file that has not changed is not parsed again.
#[derive(Debug)]
pub struct Compiler {
    /// What the next compilation depends on beside the files.
    pub options: Options,
    parser: syntax::Parser,
}

/// What came out: a mesh, or why not.
#[derive(Debug)]
pub struct Compilation {
    /// None as soon as there is one error.
    pub mesh: Option<Mesh>,
    /// In the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, for renderers.
    pub sources: Sources,
    /// Files below the directory that are not read, as `check` lists them.
    pub ignored: Vec<String>,
}

impl Compilation {
    /// Whether there is an error, and so no mesh.
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

impl Compiler {
    /// A compiler for one date and inventory.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            parser: syntax::Parser::default(),
        }
    }

    /// Compiles one set. Same bytes in, same bytes out, whatever the order of
    /// files; never fails, and does not stop at the first error.
    pub fn compile(&mut self, set: &SourceSet) -> Compilation {
        let sources = Sources::new(set);
        let parsed = self.parser.parse(set, &sources);
        let mut diagnostics: Vec<Diagnostic> = parsed.diagnostics().cloned().collect();
        let (program, names) = resolve::resolve(&parsed, &sources);
        diagnostics.extend(names);
        let lowered = lower::lower(&program, &program, &sources);
        let mesh = lowered.map(|lowered| {
            let roles = view::roles(&lowered);
            let inventory = self.options.inventory.as_ref();
            let now = self.options.now;
            let subject = Subject::new(&program, &lowered, &roles, inventory, now, &sources);
            diagnostics.extend(check::check(&subject));
            lowered.to_mesh(roles)
        });
        diagnostics.sort_by(Diagnostic::report_order);
        let mut compilation = Compilation {
            mesh,
            diagnostics,
            sources,
            ignored: set.ignored.clone(),
        };
        if compilation.has_errors() {
            compilation.mesh = None;
        }
        compilation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source_set::SourceFile;

    fn set(files: &[(&str, &str)]) -> SourceSet {
        let file = |(path, text): &(&str, &str)| SourceFile::new(*path, text.as_bytes());
        SourceSet {
            files: files.iter().map(file).collect(),
            ..SourceSet::default()
        }
    }

    #[test]
    fn after_any_edit_the_result_equals_that_of_a_fresh_compiler() {
        let mesh = "apiVersion: meshwright.dev/v1\nkind: Mesh\nmetadata: {name: a}\nspec: {trustDomain: a.example}\n";
        let service = "apiVersion: meshwright.dev/v1\nkind: Service\nmetadata: {name: a, namespace: b}\nspec: {ports: {http: 80}}\n";
        let moved = format!("# moved\n{service}");
        let options = Options::at(Timestamp(0));
        let mut compiler = Compiler::new(options.clone());
        let steps: [&[(&str, &str)]; 6] = [
            &[("m.yaml", mesh), ("s.yaml", service)],
            &[("m.yaml", mesh), ("s.yaml", &moved)],
            &[("a.yaml", service), ("m.yaml", mesh), ("s.yaml", service)],
            &[("m.yaml", mesh), ("s.yaml", "kind: [")],
            &[("s.yaml", service)],
            &[("n.yaml", mesh), ("s.yaml", service)],
        ];
        for files in steps {
            let set = set(files);
            let fresh = Compiler::new(options.clone()).compile(&set);
            let again = compiler.compile(&set);
            assert_eq!(again.diagnostics, fresh.diagnostics);
            assert_eq!(again.mesh, fresh.mesh);
        }
    }
}
