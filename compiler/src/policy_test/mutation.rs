//! Small faults in a repository, of the kind that slips through a review: a test that
//! holds all the same does not look at what is faulty.

mod faults;
mod requests;

use std::sync::Arc;

use mesh_ir::{Kind, Mesh, Name, ObjectRef, Timestamp};

use super::{Filter, Tests, run};
use crate::environment;
use crate::lower;
use crate::resolve::Program;
use crate::source_set::SourceSet;
use crate::sources::Sources;
use crate::syntax::Parser;
use crate::syntax::ast::Document;
use crate::view;

/// A repository whose intents can be made faulty, one at a time.
#[derive(Debug)]
pub struct Mutator {
    program: Program,
    sources: Sources,
    tests: Tests,
}

/// One small fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// What was done: `allow entry page-reads of Access shop/reviews: anyone may call`.
    pub what: String,
    /// Relative to the directory of intents.
    pub file: String,
    /// Of the entry.
    pub line: u32,
    edit: Edit,
}

/// What is done to the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Edit {
    /// This one takes the place of the one of its name.
    Replace(Box<Document>),
    /// It is gone.
    Remove(Kind, ObjectRef),
}

impl Mutator {
    /// The intents of one environment.
    pub fn new(set: &SourceSet, environment: Option<&Name>) -> Self {
        let sources = Sources::new(set);
        let parsed = Parser::default().parse(set, &sources);
        let mut memory = environment::Memory::default();
        let applied = environment::apply(parsed, &sources, environment, &mut memory);
        let program = Program::of(&applied.parsed);
        Self {
            tests: Tests::of(&program),
            program,
            sources: sources.traced(applied.trace),
        }
    }

    /// Every fault, in the order of files and lines.
    pub fn mutants(&self) -> Vec<Mutant> {
        let mut mutants = faults::all(&self.program, &self.sources);
        mutants.sort_by(|a, b| (&a.file, a.line, &a.what).cmp(&(&b.file, b.line, &b.what)));
        mutants
    }

    /// Whether a case that the filter takes fails with the fault. Without it all hold.
    pub fn is_noticed(&self, mutant: &Mutant, now: Timestamp, filter: &Filter) -> bool {
        let Some(mesh) = self.faulty(mutant) else {
            return true;
        };
        !run(&mesh, &self.tests, &self.sources, now, filter).holds()
    }

    /// What the documents mean with the fault.
    fn faulty(&self, mutant: &Mutant) -> Option<Mesh> {
        let mut program = self.program.clone();
        match &mutant.edit {
            Edit::Replace(document) => program.replace(document),
            Edit::Remove(Kind::Route, id) => drop(program.routes.remove(id)),
            Edit::Remove(_, id) => drop(program.access.remove(id)),
        }
        let lowered = lower::lower(&program, &program, None, &self.sources)?;
        let roles = Arc::new(view::roles(&lowered));
        Some(lowered.to_mesh(roles))
    }
}
