//! From files of intents to the mesh they mean, or why not.
//!
//! [`Compiler::compile`] takes a [`SourceSet`] and gives a [`Compilation`]: the
//! mesh, and every diagnostic of every file. The phases, in order: `syntax` (text
//! to typed documents with spans), `resolve` (names to documents, ownership),
//! `check` (one file per diagnostic, over the `algebra` of request sets), `lower`
//! (to the intermediate representation) and `view` (what each role sees).
//!
//! Pure and deterministic: the same bytes give the same result, whatever the
//! order of files; time and inventory are options. A phase returns what it made
//! together with its diagnostics and never stops at the first error.

mod algebra;
mod check;
mod codes;
mod compile;
mod diagnostic;
pub mod diff;
mod environment;
pub mod fix;
mod format;
pub mod graph;
mod invariant;
pub mod inventory;
pub mod language;
mod lower;
mod placeless;
pub mod policy_test;
#[cfg(any(test, fuzzing))]
#[expect(
    clippy::missing_panics_doc,
    reason = "a panic says that a property does not hold"
)]
pub mod properties;
pub mod prove;
pub mod reach;
pub mod render;
mod resolve;
pub mod schema;
pub mod simulate;
mod source_set;
mod sources;
mod syntax;
#[cfg(test)]
mod testing;
mod view;
mod vocabulary;

pub use codes::{codes, find_code};
pub use compile::{Compilation, Compiler, Options};
pub use diagnostic::{Code, CodeInfo, Diagnostic, FileId, Fix, Place, Severity, Span};
pub use environment::merged;
pub use format::{Unformatted, format};
pub use lower::{Claim, Invariant};
pub use source_set::{ProblemKind, SourceFile, SourceProblem, SourceSet};
pub use sources::{Position, Sources};
pub use syntax::unread;
pub use vocabulary::{Place as FieldPlace, Vocabulary};
