//! A tree to text.

use super::layout::on_one_line;
use super::scalar::written;
use super::tree::{Collection, Document, Item, LineComment, Stream, Trivia, Value};

/// Spaces of one level.
const INDENT: usize = 2;

/// The text of a file.
pub(super) fn stream(stream: &Stream) -> String {
    let mut printer = Printer::default();
    let has_content =
        |it: &&Document| it.root.is_some() || !it.header.is_empty() || !it.tail.is_empty();
    for (index, document) in stream.documents.iter().filter(has_content).enumerate() {
        if index > 0 {
            printer.lines.push("---".to_owned());
        }
        printer.document(document);
    }
    let mut text = printer.lines.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

#[derive(Default)]
struct Printer {
    lines: Vec<String>,
}

/// Where the next item is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// On a line of its own.
    Line,
    /// Behind the dash of the list that it is an entry of, whose lines stand above both.
    Dash,
}

impl Printer {
    fn document(&mut self, document: &Document) {
        let first = self.lines.len();
        self.trivia(&document.header, 0, first);
        if let Some(root) = &document.root {
            match (on_one_line(root, 0), root) {
                (Some(text), _) => self.lines.push(text),
                (None, Value::Collection(collection)) => {
                    self.items(collection, 0, Start::Line, first);
                }
                (None, _) => self.value(root, 0),
            }
        }
        self.trivia(&document.tail, 0, first);
    }

    /// Comments and blank lines; none of the latter where something begins.
    fn trivia(&mut self, trivia: &[Trivia], indent: usize, begin: usize) {
        for it in trivia {
            match it {
                Trivia::Blank => {
                    let after = self.lines.len() > begin;
                    if after && self.lines.last().is_some_and(|last| !last.is_empty()) {
                        self.lines.push(String::new());
                    }
                }
                Trivia::Comment(text) => self.lines.push(format!("{:indent$}{text}", "")),
            }
        }
    }

    /// The items of a collection, each on lines of its own. `begin` is the number of lines
    /// before it: nothing blank stands there.
    fn items(&mut self, collection: &Collection, indent: usize, start: Start, begin: usize) {
        for (index, item) in collection.items.iter().enumerate() {
            let behind_dash = index == 0 && start == Start::Dash;
            if !behind_dash {
                let above = above(item, indent);
                self.trivia(&above, indent, begin);
                self.lines.push(" ".repeat(indent));
            }
            let head = match &item.key {
                Some(key) => format!("{}:", written(key, false)),
                None => "-".to_owned(),
            };
            self.push(&head);
            self.item(item, indent);
        }
        self.trivia(&collection.tail, indent, begin);
    }

    fn item(&mut self, item: &Item, indent: usize) {
        if let Some(inner) = behind_dash(item, indent) {
            self.push(" ");
            let begin = self.lines.len();
            return self.items(inner, indent + INDENT, Start::Dash, begin);
        }
        let used = self.width() + 1;
        match (on_one_line(&item.value, used), &item.value) {
            (Some(text), _) => {
                self.push(" ");
                self.push(&text);
                self.comment(item.comment.as_ref());
            }
            (None, Value::Collection(inner)) => {
                self.comment(item.comment.as_ref());
                let begin = self.lines.len();
                self.items(inner, indent + INDENT, Start::Line, begin);
            }
            (None, value) => {
                if let Value::Block(block) = value {
                    self.push(" ");
                    self.push(&block.header);
                }
                self.comment(item.comment.as_ref());
                self.value(value, indent + INDENT);
            }
        }
    }

    /// The lines of a block scalar.
    fn value(&mut self, value: &Value, indent: usize) {
        let Value::Block(block) = value else { return };
        for line in &block.lines {
            self.lines.push(if line.is_empty() {
                String::new()
            } else {
                format!("{:indent$}{line}", "")
            });
        }
    }

    fn comment(&mut self, comment: Option<&LineComment>) {
        if let Some(LineComment { text, column }) = comment {
            let gap = column.saturating_sub(self.width()).max(1);
            self.push(&" ".repeat(gap));
            self.push(text);
        }
    }

    fn push(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push_str(text);
        }
    }

    fn width(&self) -> usize {
        self.lines.last().map_or(0, |line| line.chars().count())
    }
}

/// What stands above an item: of an entry of a list also what would stand above the
/// first line of its value, since that begins behind the dash.
fn above(item: &Item, indent: usize) -> Vec<Trivia> {
    let mut all = item.above.clone();
    if let Some(inner) = behind_dash(item, indent) {
        all.extend(
            item.comment
                .as_ref()
                .map(|it| Trivia::Comment(it.text.clone())),
        );
        all.extend(above(&inner.items[0], indent + INDENT));
    }
    all
}

/// The collection of an entry of a list that begins behind its dash.
fn behind_dash(item: &Item, indent: usize) -> Option<&Collection> {
    if item.key.is_some() || on_one_line(&item.value, indent + INDENT).is_some() {
        return None;
    }
    item.value.collection()
}
