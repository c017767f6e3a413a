//! Mechanical fixes: [`Fix`](crate::Fix)es of diagnostics spliced into the text.
//!
//! What is around a fix stays as it is, comments included. Fixes that touch are applied
//! one after the other, in rounds; after each round the files are compiled again, until
//! nothing more can be fixed.

mod edit;

pub use edit::{Edit, edit};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, FileId, Fix, Place};
use crate::source_set::{SourceFile, SourceSet};
use crate::sources::Sources;

/// A fix may bring to light what another ends; more rounds than this help nobody.
const MAX_ROUNDS: usize = 10;

/// What came of fixing.
#[derive(Debug)]
pub struct Fixed {
    /// The files with their new bytes, those that are as before left out.
    pub files: BTreeMap<Arc<str>, Arc<[u8]>>,
    /// What was done, by round and place.
    pub applied: Vec<Applied>,
    /// Every file as it is now.
    pub set: SourceSet,
}

/// One fix that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// In which file.
    pub path: Arc<str>,
    /// The line at which the finding pointed, in the text of its round; one-based.
    pub line: u32,
    /// Of the finding.
    pub code: Code,
    /// What was wrong.
    pub message: String,
}

/// Fixes what `find` finds, over and over: it compiles a set, as whoever asks would.
pub fn fix(set: &SourceSet, mut find: impl FnMut(&SourceSet) -> Vec<Diagnostic>) -> Fixed {
    let mut set = set.clone();
    let (mut files, mut applied) = (BTreeMap::new(), Vec::new());
    for _ in 0..MAX_ROUNDS {
        let findings = find(&set);
        let sources = Sources::new(&set);
        let changed = round(&findings, &sources, &mut applied);
        if changed.is_empty() {
            break;
        }
        for file in &mut set.files {
            if let Some(content) = changed.get(&file.path) {
                file.content = Arc::clone(content);
            }
        }
        files.extend(changed);
    }
    Fixed {
        files,
        applied,
        set,
    }
}

/// The fixes of one round: of those that touch, the first.
fn round(
    findings: &[Diagnostic],
    sources: &Sources,
    applied: &mut Vec<Applied>,
) -> BTreeMap<Arc<str>, Arc<[u8]>> {
    let mut by_file: BTreeMap<FileId, Vec<(&Diagnostic, &Fix)>> = BTreeMap::new();
    for finding in findings {
        if let Some(fix) = finding.fix.as_ref().filter(|it| !it.is_guess) {
            by_file
                .entry(fix.span.file)
                .or_default()
                .push((finding, fix));
        }
    }
    let mut changed = BTreeMap::new();
    for (id, fixes) in by_file {
        let file = sources.file(id);
        if let Some(text) = spliced(file, id, fixes, sources, applied) {
            changed.insert(Arc::clone(&file.path), text.into_bytes().into());
        }
    }
    changed
}

fn spliced(
    file: &SourceFile,
    id: FileId,
    fixes: Vec<(&Diagnostic, &Fix)>,
    sources: &Sources,
    applied: &mut Vec<Applied>,
) -> Option<String> {
    let text = sources.text(id)?;
    let each = fixes.into_iter();
    let mut edits: Vec<(Edit, &Diagnostic)> = each
        .filter_map(|(finding, fix)| Some((edit(text, fix)?, finding)))
        .collect();
    edits.sort_by(|(a, _), (b, _)| (a.start, a.end, &a.text).cmp(&(b.start, b.end, &b.text)));
    edits.dedup_by(|(a, _), (b, _)| a == b);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (index, (edit, finding)) in edits.iter().enumerate() {
        if edit.start < done || (index > 0 && edit.start == done) {
            continue;
        }
        out.push_str(text.get(done..edit.start)?);
        out.push_str(&edit.text);
        done = edit.end;
        let at = match &finding.primary {
            Place::At(span) if span.file == id => span.start,
            _ => u32::try_from(edit.start).unwrap_or(u32::MAX),
        };
        applied.push(Applied {
            path: Arc::clone(&file.path),
            line: sources.position(id, at).line,
            code: finding.code,
            message: finding.message.clone(),
        });
    }
    out.push_str(text.get(done..)?);
    (done > 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{CodeInfo, Severity, Span};

    const INFO: CodeInfo = CodeInfo {
        code: Code(999),
        title: "a test",
        severity: Severity::Error,
        page: "",
    };

    fn set(text: &str) -> SourceSet {
        SourceSet {
            files: vec![SourceFile::new("a.yaml", text.as_bytes())],
            ..SourceSet::default()
        }
    }

    fn text(set: &SourceSet) -> &str {
        std::str::from_utf8(&set.files[0].content).unwrap()
    }

    /// Finds every occurrence of some words, each with a fix.
    fn finds(words: &[(&str, &str)], set: &SourceSet) -> Vec<Diagnostic> {
        let text = text(set);
        let found = words.iter().flat_map(|(word, better)| {
            text.match_indices(word).map(move |(at, _)| {
                let byte = |at: usize| u32::try_from(at).unwrap();
                let span = Span {
                    file: FileId(0),
                    start: byte(at),
                    end: byte(at + word.len()),
                };
                Diagnostic::new(&INFO, span, format!("`{word}`")).fix(span, *better)
            })
        });
        found.collect()
    }

    #[test]
    fn fixes_that_touch_take_rounds() {
        let words = [("aab", "c"), ("ab", "b"), ("cx", "done")];
        let fixed = fix(&set("aabx # kept\nab\n"), |set| finds(&words, set));
        assert_eq!(text(&fixed.set), "done # kept\nb\n");
        let done: Vec<_> = fixed
            .applied
            .iter()
            .map(|it| (it.line, it.message.as_str()))
            .collect();
        assert_eq!(done, [(1, "`aab`"), (2, "`ab`"), (1, "`cx`")]);
        assert_eq!(&*fixed.files["a.yaml"], b"done # kept\nb\n");
    }

    #[test]
    fn a_fix_that_does_not_end_its_finding_is_given_up() {
        let fixed = fix(&set("a\n"), |set| finds(&[("a", "aa")], set));
        assert!(fixed.applied.len() <= 1 << MAX_ROUNDS);
    }

    #[test]
    fn a_guess_is_left_to_the_author() {
        let guess = |set: &SourceSet| {
            let mut found = finds(&[("cart", "card")], set);
            let fixes = found.iter_mut().filter_map(|it| it.fix.as_mut());
            fixes.for_each(|it| it.is_guess = true);
            found
        };
        let fixed = fix(&set("from cart"), guess);
        assert!(fixed.applied.is_empty());
    }

    #[test]
    fn nothing_to_fix_changes_nothing() {
        let fixed = fix(&set("a\n"), |_| vec![]);
        assert!(fixed.files.is_empty() && fixed.applied.is_empty());
    }
}
