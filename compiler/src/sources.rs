mod trace;

pub(crate) use trace::Trace;

use std::sync::{Arc, OnceLock};

use mesh_ir::{Origin, Place};

use crate::diagnostic::{FileId, Span};
use crate::source_set::{SourceFile, SourceSet};

/// The files of a compilation, sorted by path, with their lines.
///
/// A [`FileId`] indexes them. Lines are found when first asked for.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Arc<[Indexed]>,
    /// What an environment has changed in their documents.
    trace: Arc<Trace>,
}

#[derive(Debug, Clone)]
struct Indexed {
    file: SourceFile,
    /// The byte at which each line starts.
    lines: OnceLock<Vec<u32>>,
}

/// A place for people: one-based, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl Sources {
    /// Takes the files of a set; the bytes are shared, not copied.
    pub fn new(set: &SourceSet) -> Self {
        let mut files: Vec<SourceFile> = set.files.clone();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let indexed = |file| Indexed {
            file,
            lines: OnceLock::new(),
        };
        Self {
            files: files.into_iter().map(indexed).collect(),
            trace: Arc::default(),
        }
    }

    /// Every file with its id, in order.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..)
            .map(FileId)
            .zip(self.files.iter().map(|indexed| &indexed.file))
    }

    /// One file.
    ///
    /// # Panics
    /// On an id of another compilation.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.indexed(id).file
    }

    /// The path of a file.
    pub fn path(&self, id: FileId) -> &Arc<str> {
        &self.file(id).path
    }

    /// A file's text, unless it is not UTF-8.
    pub fn text(&self, id: FileId) -> Option<&str> {
        std::str::from_utf8(&self.file(id).content).ok()
    }

    /// What a span covers; empty where it does not lie on character boundaries.
    pub fn excerpt(&self, span: Span) -> &str {
        let content = &self.file(span.file).content;
        content
            .get(span.start as usize..span.end as usize)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    /// Line and column of a byte; one past the end is allowed.
    pub fn position(&self, file: FileId, byte: u32) -> Position {
        let indexed = self.indexed(file);
        let lines = indexed.lines();
        let line = lines.partition_point(|start| *start <= byte).max(1);
        let start = lines[line - 1] as usize;
        let content = &indexed.file.content;
        let before = &content[start.min(content.len())..(byte as usize).min(content.len())];
        let column = match std::str::from_utf8(before) {
            Ok(text) => text.chars().count(),
            Err(_) => String::from_utf8_lossy(before).chars().count(),
        };
        Position {
            line: count(line),
            column: count(column + 1),
        }
    }

    /// With what an environment has changed in the documents.
    pub(crate) fn traced(self, trace: Trace) -> Self {
        let trace = Arc::new(trace);
        Self { trace, ..self }
    }

    /// Where a span starts, as the IR carries it: of what an environment wrote or changed,
    /// the place in the document and beside it the place in the environment.
    pub fn origin(&self, span: Span) -> Origin {
        let (document, patch) = match self.trace.given_at(span) {
            Some(document) => (document, Some(span)),
            None => (span, self.trace.merged.get(&span).copied()),
        };
        let Position { line, column } = self.position(document.file, document.start);
        let origin = Origin::new(Arc::clone(self.path(document.file)), line, column);
        let Some(patch) = patch else { return origin };
        let Position { line, column } = self.position(patch.file, patch.start);
        origin.patched(Arc::new(Place {
            file: Arc::clone(self.path(patch.file)),
            line,
            column,
        }))
    }

    /// Where in a document something stands that an environment wrote.
    pub(crate) fn patched_document(&self, span: Span) -> Option<Span> {
        self.trace.given_at(span)
    }

    /// Where an origin points, up to the end of its line or the comment there.
    pub(crate) fn span(&self, origin: &Origin) -> Option<Span> {
        let (path, line, column) = match &origin.patch {
            Some(patch) => (&patch.file, patch.line, patch.column),
            None => (&origin.file, origin.line, origin.column),
        };
        let place = self
            .files
            .binary_search_by(|it| it.file.path.cmp(path))
            .ok()?;
        let indexed = &self.files[place];
        let start = *indexed.lines().get((line as usize).checked_sub(1)?)? as usize;
        let text = std::str::from_utf8(indexed.file.content.get(start..)?).ok()?;
        let line = text.split('\n').next().unwrap_or_default();
        let text = without_comment(line);
        let skipped = text.char_indices().nth((column as usize).saturating_sub(1));
        let begin = start + skipped.map_or(text.len(), |(byte, _)| byte);
        Some(Span {
            file: FileId(count(place)),
            start: count(begin),
            end: count(start + text.trim_end().len()).max(count(begin)),
        })
    }

    fn indexed(&self, id: FileId) -> &Indexed {
        &self.files[id.0 as usize]
    }
}

/// A line up to its comment. What stands in quotes is no comment; a quote that an earlier
/// line opened is not looked for.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (byte, it) in line.char_indices() {
        match (quote, it) {
            (None, '#') if before.is_ascii_whitespace() => return &line[..byte],
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(it),
            (Some(open), _) if it == open => quote = None,
            _ => {}
        }
        before = it;
    }
    line
}

impl Indexed {
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let after_break = self
                .file
                .content
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte == b'\n')
                .map(|(index, _)| count(index + 1));
            std::iter::once(0).chain(after_break).collect()
        })
    }
}

/// Files are far below 4 GiB; what is not stays at the last place.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str) -> Sources {
        let file = SourceFile {
            path: "a.yaml".into(),
            content: text.as_bytes().into(),
        };
        Sources::new(&SourceSet {
            files: vec![file],
            ignored: vec![],
            problems: vec![],
        })
    }

    #[test]
    fn columns_are_one_based_characters() {
        let sources = sources("a: é: x\nb\n");
        let at = |byte| sources.position(FileId(0), byte);
        assert_eq!(at(0), Position { line: 1, column: 1 });
        assert_eq!(at(5), Position { line: 1, column: 5 });
        assert_eq!(at(9), Position { line: 2, column: 1 });
        assert_eq!(at(11), Position { line: 3, column: 1 });
        assert_eq!(at(99), Position { line: 3, column: 1 });
    }

    #[test]
    fn files_are_sorted_by_path() {
        let file = |path: &str| SourceFile {
            path: path.into(),
            content: [].into(),
        };
        let sources = Sources::new(&SourceSet {
            files: vec![file("b"), file("a/c"), file("a")],
            ignored: vec![],
            problems: vec![],
        });
        let paths: Vec<_> = sources
            .files()
            .map(|(_, file)| file.path.to_string())
            .collect();
        assert_eq!(paths, ["a", "a/c", "b"]);
    }
}
