//! Where comments stand in a text, until it is known what they belong to.

use super::tree::Trivia;

/// Comments that have not found their place yet, in order.
#[derive(Debug, Default)]
pub(super) struct Comments(Vec<Waiting>);

#[derive(Debug)]
struct Waiting {
    text: String,
    column: usize,
    /// Whether a blank line stands before it.
    blank: bool,
}

impl Comments {
    pub(super) fn push(&mut self, text: String, column: usize, blank: bool) {
        self.0.push(Waiting {
            text,
            column,
            blank,
        });
    }

    /// All of them.
    pub(super) fn take(&mut self) -> Vec<Trivia> {
        trivia(self.0.drain(..))
    }

    /// All of them, above something before which a blank line may stand.
    pub(super) fn take_above(&mut self, blank: bool) -> Vec<Trivia> {
        let mut above = self.take();
        if blank {
            above.push(Trivia::Blank);
        }
        above
    }

    /// Those up to the first that stands left of a column.
    pub(super) fn take_from(&mut self, column: usize) -> Vec<Trivia> {
        let end = self.0.iter().position(|it| it.column < column);
        trivia(self.0.drain(..end.unwrap_or(self.0.len())))
    }
}

fn trivia(waiting: impl Iterator<Item = Waiting>) -> Vec<Trivia> {
    let each = |it: Waiting| {
        let blank = it.blank.then_some(Trivia::Blank);
        blank.into_iter().chain([Trivia::Comment(it.text)])
    };
    waiting.flat_map(each).collect()
}

/// A text by bytes and lines.
pub(super) struct Text<'t> {
    text: &'t str,
    /// Where each line starts.
    lines: Vec<usize>,
}

impl<'t> Text<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        Self { text, lines }
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The line of a byte, from 0.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte).max(1) - 1
    }

    /// A line without its end.
    pub(super) fn whole_line(&self, line: usize) -> &'t str {
        let start = self.lines.get(line).copied().unwrap_or(self.text.len());
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        self.slice(start, end).trim_end_matches(['\n', '\r'])
    }

    /// The last line before another on which anything stands.
    pub(super) fn filled_line_before(&self, line: usize) -> usize {
        let before = (0..line).rev();
        let mut filled = before.filter(|it| !self.whole_line(*it).trim().is_empty());
        filled.next().unwrap_or(line)
    }

    /// In characters, from 0.
    pub(super) fn column(&self, byte: usize) -> usize {
        self.slice(self.lines[self.line(byte)], byte)
            .chars()
            .count()
    }

    /// Whether nothing stands before a byte on its line.
    pub(super) fn is_alone(&self, byte: usize) -> bool {
        let before = self.slice(self.lines[self.line(byte)], byte);
        before.trim().is_empty()
    }

    /// Whether the line before that of a byte is blank.
    pub(super) fn is_blank_above(&self, byte: usize) -> bool {
        let line = self.line(byte);
        line > 0 && {
            let above = self.slice(self.lines[line - 1], self.lines[line]);
            above.trim().is_empty()
        }
    }
}
