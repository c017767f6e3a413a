mod kept;
mod state;

use std::collections::BTreeMap;

use mesh_ir::{Inventory, Mesh, Name, Timestamp};

use crate::check::NOT_ENFORCED;
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::invariant;
use crate::lower::Invariant;
use crate::policy_test::Tests;
use crate::source_set::SourceSet;
use crate::sources::Sources;
use crate::{environment, syntax};
use kept::Kept;

/// What a compilation depends on beside the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Today, for exceptions that expire; by default the commit's time.
    pub now: Timestamp,
    /// What exists, where it is known.
    pub inventory: Option<Inventory>,
    /// Which environment; may be left open where the files declare one at most.
    pub environment: Option<Name>,
}

impl Options {
    /// As of an instant, without an inventory.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            inventory: None,
            environment: None,
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
    environment: environment::Memory,
    /// Of each environment that was compiled.
    states: BTreeMap<Option<Name>, Kept>,
}

/// What came out: a mesh, or why not.
#[derive(Debug)]
pub struct Compilation {
    /// None as soon as there is one error, but for those that say only that the data plane
    /// cannot do something yet: what it means is clear, and tools may ask.
    pub mesh: Option<Mesh>,
    /// In the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, for renderers.
    pub sources: Sources,
    /// Files below the directory that are not read, as `check` lists them.
    pub ignored: Vec<String>,
    /// What must hold of it, by name; empty without a `Mesh`.
    pub invariants: Vec<Invariant>,
    /// The tests of policy.
    pub tests: Tests,
    /// Which environment it is for; `None` is none.
    pub environment: Option<Name>,
    /// Every environment that the files declare, sorted.
    pub environments: Vec<Name>,
}

impl Compilation {
    /// Whether there is an error, and so no mesh.
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

impl Compilation {
    /// Whether it is clear what the files mean, whoever can carry it out.
    fn is_meant(&self) -> bool {
        is_meant(&self.diagnostics)
    }
}

fn is_meant(diagnostics: &[Diagnostic]) -> bool {
    let mut errors = diagnostics.iter();
    !errors.any(|it| it.severity == Severity::Error && it.code != NOT_ENFORCED.code)
}

impl Compiler {
    /// A compiler for one date and inventory.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            parser: syntax::Parser::default(),
            environment: environment::Memory::default(),
            states: BTreeMap::new(),
        }
    }

    /// Compiles one set. Same bytes in, same bytes out, whatever the order of
    /// files; never fails, and does not stop at the first error.
    pub fn compile(&mut self, set: &SourceSet) -> Compilation {
        let sources = Sources::new(set);
        let parsed = self.parser.parse(set, &sources);
        let environments = environment::declared(&parsed);
        let wanted = self.options.environment.as_ref();
        let applied = environment::apply(parsed, &sources, wanted, &mut self.environment);
        let sources = sources.traced(applied.trace);
        let parsed = applied.parsed;
        let inventory = self.options.inventory.as_ref();
        let kept = match self.states.remove(&applied.name) {
            Some(kept) => kept.after(inventory, &sources, parsed),
            None => Kept::fresh(inventory, &sources, parsed),
        };
        let state = kept.last();
        let mut diagnostics = applied.diagnostics;
        let mesh = state.judge(self.options.now, &mut diagnostics);
        let (invariants, tests) = (state.invariants(), state.tests());
        self.states.insert(applied.name.clone(), kept);
        self.states
            .retain(|name, _| name.as_ref().is_none_or(|it| environments.contains(it)));
        for found in &mut diagnostics {
            if let Place::At(span) = found.primary
                && let Some(document) = sources.patched_document(span)
            {
                let at = (document.start(), "patched here".to_owned());
                found.labels.push(at);
            }
        }
        if let Some(mesh) = mesh.as_ref().filter(|_| is_meant(&diagnostics)) {
            diagnostics.extend(invariant::check(mesh, &invariants, self.options.now));
        }
        diagnostics.sort_by(Diagnostic::report_order);
        diagnostics.dedup();
        let mut compilation = Compilation {
            mesh,
            diagnostics,
            sources,
            ignored: set.ignored.clone(),
            invariants,
            tests,
            environment: applied.name,
            environments,
        };
        if !compilation.is_meant() {
            compilation.mesh = None;
        }
        compilation
    }

    /// Compiles one set for each environment that it declares, or once where it declares
    /// none or the options name one. [`merged`](crate::merged) makes one list of what was
    /// found.
    pub fn compile_each(&mut self, set: &SourceSet) -> Vec<Compilation> {
        let sources = Sources::new(set);
        let environments = environment::declared(&self.parser.parse(set, &sources));
        if self.options.environment.is_some() || environments.is_empty() {
            return vec![self.compile(set)];
        }
        let compiled = environments
            .into_iter()
            .map(|name| {
                self.options.environment = Some(name);
                self.compile(set)
            })
            .collect();
        self.options.environment = None;
        compiled
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
        let limit = "apiVersion: meshwright.dev/v1\nkind: RateLimit\nmetadata: {name: a, namespace: b}\nspec: {service: a, limits: [{match: [{methods: [GET]}], rate: 1/s}]}\n";
        let wrong_key = format!("{limit}? [a]\n: b\n");
        let steps: [&[(&str, &str)]; 10] = [
            &[("m.yaml", mesh), ("s.yaml", service)],
            &[("m.yaml", mesh), ("s.yaml", &moved)],
            &[("a.yaml", service), ("m.yaml", mesh), ("s.yaml", service)],
            &[("m.yaml", mesh), ("s.yaml", "kind: [")],
            &[("s.yaml", service)],
            &[("n.yaml", mesh), ("s.yaml", service)],
            &[("l.yaml", limit)],
            // A finding, and a document that is whole.
            &[("l.yaml", &wrong_key)],
            &[("l.yaml", "kind: [")],
            &[("l.yaml", limit)],
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
