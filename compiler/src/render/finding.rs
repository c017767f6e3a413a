use crate::diagnostic::{Diagnostic, FileId, Place, Severity, Span};
use crate::sources::Sources;

/// Something that a tool of ours says of a repository, in the one shape that every format
/// for machines is written from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What class of thing is said: `M0123`, or a word like `opened`.
    pub rule: String,
    /// The class in a few words.
    pub title: String,
    /// How grave it is.
    pub level: Level,
    /// One line.
    pub message: String,
    /// What to do, or what else is to be known; may have several lines.
    pub help: Option<String>,
    /// Where, unless it is the repository as a whole.
    pub location: Option<Location>,
    /// Other places, and what they have to do with it.
    pub related: Vec<(Location, String)>,
    /// The edit that ends it, where it is mechanical.
    pub fix: Option<(Location, String)>,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It must not go on like this.
    Error,
    /// Somebody should look.
    Warning,
    /// It is told, no more.
    Note,
}

/// A place in a file, or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Relative to the directory of intents, with `/` between its parts.
    pub file: String,
    /// `None`: the file as a whole.
    pub region: Option<Region>,
}

/// One-based; the end is exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Where it starts.
    pub start: Mark,
    /// Where it ends.
    pub end: Mark,
    /// The first line without the white space around it: what stays the same when lines
    /// move.
    pub line_text: String,
}

/// A line and a column of it, counted in the two ways that formats ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// One-based.
    pub line: u32,
    /// One-based, in characters.
    pub column: u32,
    /// One-based, in UTF-16 code units.
    pub column_utf16: u32,
}

impl Level {
    /// `error`, `warning` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
        }
    }
}

impl Location {
    /// The bytes of a span.
    pub fn of(span: Span, sources: &Sources) -> Self {
        Self {
            file: sources.path(span.file).to_string(),
            region: Some(Region {
                start: mark(span.file, span.start, sources),
                end: mark(span.file, span.end, sources),
                line_text: line_text(span, sources),
            }),
        }
    }

    /// The beginning of a line: where something stands that is known by its line only.
    pub fn line(file: impl Into<String>, line: u32) -> Self {
        let mark = Mark {
            line,
            column: 1,
            column_utf16: 1,
        };
        Self {
            file: file.into(),
            region: Some(Region {
                start: mark,
                end: mark,
                line_text: String::new(),
            }),
        }
    }

    /// Its first line; 1 of a file as a whole.
    pub fn first_line(&self) -> u32 {
        self.region.as_ref().map_or(1, |region| region.start.line)
    }
}

/// Diagnostics of a compilation as findings, in the same order.
pub fn findings(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<Finding> {
    let all = diagnostics.iter();
    all.map(|diagnostic| finding(diagnostic, sources)).collect()
}

fn finding(diagnostic: &Diagnostic, sources: &Sources) -> Finding {
    let rule = diagnostic.code.to_string();
    let location = match &diagnostic.primary {
        Place::At(span) => Some(Location::of(*span, sources)),
        Place::Path(path) => Some(Location {
            file: path.clone(),
            region: None,
        }),
        Place::Repository => None,
    };
    let related = diagnostic.labels.iter();
    let fix = diagnostic.fix.as_ref();
    Finding {
        title: diagnostic.title.to_owned(),
        rule,
        level: diagnostic.severity.into(),
        message: diagnostic.message.clone(),
        help: diagnostic.help.clone(),
        location,
        related: related
            .map(|(span, text)| (Location::of(*span, sources), text.clone()))
            .collect(),
        fix: fix.map(|fix| (Location::of(fix.span, sources), fix.replacement.clone())),
    }
}

fn mark(file: FileId, byte: u32, sources: &Sources) -> Mark {
    let position = sources.position(file, byte);
    let before = before(file, byte, sources);
    let units = String::from_utf8_lossy(before).encode_utf16().count();
    Mark {
        line: position.line,
        column: position.column,
        column_utf16: u32::try_from(units + 1).unwrap_or(u32::MAX),
    }
}

/// The bytes of a line before a byte of it.
fn before(file: FileId, byte: u32, sources: &Sources) -> &[u8] {
    let content = &sources.file(file).content;
    let until = &content[..(byte as usize).min(content.len())];
    let start = until.iter().rposition(|byte| *byte == b'\n');
    &until[start.map_or(0, |at| at + 1)..]
}

fn line_text(span: Span, sources: &Sources) -> String {
    let content = &sources.file(span.file).content;
    let start = span.start as usize - before(span.file, span.start, sources).len();
    let line = content[start.min(content.len())..].split(|byte| *byte == b'\n');
    let line = line.into_iter().next().unwrap_or_default();
    String::from_utf8_lossy(line).trim().to_owned()
}
