use std::cmp::Ordering;
use std::fmt;

/// The stable number of a diagnostic. `Display` prints `M0123`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{:04}", self.0)
    }
}

/// Whether a finding stops a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The commit gives no mesh.
    Error,
    /// The commit compiles; somebody should look.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of a code: what `mesh explain` prints. One per file of a
/// diagnostic, beside its check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeInfo {
    /// The number.
    pub code: Code,
    /// A few words, as in an index.
    pub title: &'static str,
    /// What it is reported as.
    pub severity: Severity,
    /// The page `docs/diagnostics/M0123.md`.
    pub page: &'static str,
}

/// A file of the compilation: its index among the files sorted by path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Bytes of a file, `start` included, `end` not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Which file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// An empty span where this one starts.
    #[must_use]
    pub fn start(self) -> Self {
        Self {
            end: self.start,
            ..self
        }
    }
}

/// Where a diagnostic points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Into a file that was read.
    At(Span),
    /// At a path that was not.
    Path(String),
    /// At no place: the repository as a whole.
    Repository,
}

/// A finding of the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its number.
    pub code: Code,
    /// What the number means, in a few words.
    pub title: &'static str,
    /// Whether it stops the commit.
    pub severity: Severity,
    /// Stands alone, in at most 80 columns; lower case, no full stop.
    pub message: String,
    /// Where the reader should look first.
    pub primary: Place,
    /// A word under the primary place.
    pub primary_label: Option<String>,
    /// Other places, and what they have to do with it.
    pub labels: Vec<(Span, String)>,
    /// What to type.
    pub help: Option<String>,
    /// The edit itself, where it is mechanical.
    pub fix: Option<Fix>,
}

/// A mechanical edit that ends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What to replace.
    pub span: Span,
    /// By what; by nothing, where the whole entry goes: see [`edit`](crate::fix::edit).
    pub replacement: String,
    /// Whether only the author can say that it is meant: another name means somebody else.
    pub is_guess: bool,
}

impl Diagnostic {
    /// A finding of a code at a span.
    pub fn new(info: &CodeInfo, at: Span, message: impl Into<String>) -> Self {
        Self::at(info, Place::At(at), message)
    }

    /// A finding of a code at any place.
    pub fn at(info: &CodeInfo, primary: Place, message: impl Into<String>) -> Self {
        Self {
            code: info.code,
            title: info.title,
            severity: info.severity,
            message: fit(shown(message.into())),
            primary,
            primary_label: None,
            labels: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// With a word under the primary place.
    #[must_use]
    pub fn marked(mut self, text: impl Into<String>) -> Self {
        self.primary_label = Some(shown(text.into()));
        self
    }

    /// With another place.
    #[must_use]
    pub fn label(mut self, at: Span, text: impl Into<String>) -> Self {
        self.labels.push((at, shown(text.into())));
        self
    }

    /// With what to type.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(shown(text.into()));
        self
    }

    /// With the edit that ends it.
    #[must_use]
    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix {
            span,
            replacement: replacement.into(),
            is_guess: false,
        });
        self
    }

    /// With an edit that ends it and may not be what the author means: offered by editors,
    /// never made by `check --fix`.
    #[must_use]
    pub fn guess(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix {
            span,
            replacement: replacement.into(),
            is_guess: true,
        });
        self
    }

    /// The order of reports: by place, then code, then words.
    pub fn report_order(&self, other: &Self) -> Ordering {
        (&self.primary, self.code, &self.message).cmp(&(&other.primary, other.code, &other.message))
    }
}

/// A text that may quote intents, with what would steer a terminal or turn the
/// direction of writing as an escape.
fn shown(text: String) -> String {
    let steers = |character: char| {
        let turns = matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        );
        turns || (character.is_control() && character != '\n')
    };
    if !text.contains(steers) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if steers(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The widest message, in characters.
const MAX_COLUMNS: usize = 80;

/// Cuts the longest quoted word of a message that is too wide: what is quoted comes
/// from intents and may be long, and stands in the excerpt anyway.
fn fit(message: String) -> String {
    let width = message.chars().count();
    let Some(excess) = width.checked_sub(MAX_COLUMNS).filter(|it| *it > 0) else {
        return message;
    };
    let parts: Vec<&str> = message.split('`').collect();
    let quoted = (1..parts.len()).step_by(2);
    let Some(longest) = quoted.max_by_key(|index| parts[*index].chars().count()) else {
        return message.chars().take(MAX_COLUMNS - 1).chain(['…']).collect();
    };
    let kept = parts[longest].chars().count().saturating_sub(excess + 1);
    let short: String = parts[longest].chars().take(kept).chain(['…']).collect();
    let mut parts = parts;
    parts[longest] = &short;
    let cut = parts.join("`");
    // Several long words are cut one after the other.
    if cut.chars().count() < width {
        fit(cut)
    } else {
        message.chars().take(MAX_COLUMNS - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_as_an_escape() {
        let quoted = shown("`\u{1b}[2J\r\u{202e}x`".to_owned());
        assert_eq!(quoted, r"`\u{1b}[2J\u{d}\u{202e}x`");
        assert_eq!(shown("two\nlines".to_owned()), "two\nlines");
    }

    #[test]
    fn the_longest_quoted_words_of_a_wide_message_are_cut() {
        let long = "a".repeat(70);
        let fitted = fit(format!("there is no service `{long}` in `{long}`"));
        assert_eq!(fitted.chars().count(), 80, "{fitted}");
        assert!(fitted.starts_with("there is no service `a"), "{fitted}");
        assert!(fitted.ends_with("…` in `…`"), "{fitted}");
        assert_eq!(fit("short `word`".into()), "short `word`");
        assert_eq!(fit("x".repeat(100)).chars().count(), 80);
    }
}
