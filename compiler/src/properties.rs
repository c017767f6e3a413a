//! What holds whatever bytes come in: one function for each fuzz target, which panics
//! where its property does not hold.
//!
//! `fuzz/` looks for bytes that break one; what it found worth keeping is replayed by
//! the tests of this module.

mod intents;
mod patches;
mod paths;
mod regexes;
mod sets;

pub use intents::intents;
pub use patches::patches;
pub use paths::paths;
pub use regexes::regexes;
pub use sets::sets;

use mesh_ir::Timestamp;

use crate::diagnostic::Place;
use crate::{Compilation, Compiler, Options, SourceFile, SourceSet, render};

/// Stands between the parts of an input: the first two, the second empty where it is missing.
const BETWEEN: u8 = 0x0c;

fn halves(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == BETWEEN);
    let first = parts.next().unwrap_or_default();
    (first, parts.next().unwrap_or_default())
}

fn compiler() -> Compiler {
    // 2026-11-01.
    Compiler::new(Options::at(Timestamp(1_793_491_200)))
}

fn set_of(files: &[(&str, &[u8])]) -> SourceSet {
    let files = files
        .iter()
        .map(|(path, text)| SourceFile::new(*path, *text));
    SourceSet {
        files: files.collect(),
        ..SourceSet::default()
    }
}

/// A mesh comes with no error but what says that it cannot be carried out yet, and every
/// finding points at text that is there.
fn assert_sound(compilation: &Compilation) {
    assert!(compilation.mesh.is_some() || compilation.has_errors());
    for found in &compilation.diagnostics {
        let spans = found.labels.iter().map(|(span, _)| *span);
        let primary = match &found.primary {
            Place::At(span) => Some(*span),
            _ => None,
        };
        for span in spans
            .chain(primary)
            .chain(found.fix.iter().map(|it| it.span))
        {
            let text = compilation.sources.file(span.file).content.len();
            assert!(
                span.start <= span.end && span.end as usize <= text,
                "{found:?}"
            );
            if let Some(text) = compilation.sources.text(span.file) {
                let there = text.get(span.start as usize..span.end as usize);
                assert!(there.is_some(), "{found:?}");
            }
        }
    }
}

/// The findings as text.
fn report(compilation: &Compilation) -> String {
    render::concise(&compilation.diagnostics, &compilation.sources)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the corpus is files")]
mod tests {
    use std::fs;
    use std::path::Path;

    fn replay(target: &str, holds: fn(&[u8])) {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
        let mut count = 0;
        for entry in fs::read_dir(corpus.join(target)).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let found = std::panic::catch_unwind(|| holds(&bytes));
            assert!(found.is_ok(), "{} breaks the property", path.display());
            count += 1;
        }
        assert!(count > 0, "the corpus of {target} is empty");
    }

    #[test]
    fn the_corpus_of_intents_holds() {
        replay("intents", super::intents);
    }

    #[test]
    fn the_corpus_of_patches_holds() {
        replay("patches", super::patches);
    }

    #[test]
    fn the_corpus_of_sets_holds() {
        replay("sets", super::sets);
    }

    #[test]
    fn the_corpus_of_paths_holds() {
        replay("paths", super::paths);
    }

    #[test]
    fn the_corpus_of_regexes_holds() {
        replay("regexes", super::regexes);
    }
}
