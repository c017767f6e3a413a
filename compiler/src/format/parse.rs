//! Text to a tree with comments, over the parser that the compiler reads with.

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StructureStyle};

use super::comments::{Comments, Text};
use super::tree::{
    BlockScalar, Collection, Document, Item, LineComment, Scalar, Stream, Trivia, Value,
};

/// More comments than this follow one another in no file of intents.
const MAX_COMMENTS: usize = 100_000;

/// The documents of a text; `None` if it is not what [`crate::syntax`] takes.
pub(super) fn stream(text: &str) -> Option<Stream> {
    let mut builder = Builder::new(text);
    for next in Parser::new_from_str_with_options(text, options()) {
        let (event, span) = next.ok()?;
        builder.take(event, span)?;
    }
    Some(builder.finish())
}

fn options() -> Options {
    granit_parser::options! {
        disallow_directives: true,
        emit_comments: true,
        max_buffered_comment_events: MAX_COMMENTS,
    }
}

struct Builder<'t> {
    text: Text<'t>,
    comments: Comments,
    open: Vec<Open>,
    stream: Stream,
    document: Document,
}

/// A collection whose end has not come yet.
struct Open {
    collection: Collection,
    /// The column of its items.
    column: usize,
    /// Comments above it, where it is an entry of a list.
    above: Vec<Trivia>,
    /// In mappings: the key whose value comes next.
    key: Option<Key>,
    /// The lines on which the last item begins and ends.
    last: Option<(usize, usize)>,
    first_line: usize,
}

struct Key {
    above: Vec<Trivia>,
    name: Scalar,
    comment: Option<LineComment>,
    line: usize,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text: Text::new(text),
            comments: Comments::default(),
            open: Vec::new(),
            stream: Stream::default(),
            document: Document::default(),
        }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let (start, end) = (span.start.byte_offset()?, span.end.byte_offset()?);
        match event {
            Event::Comment(..) => self.comment(start, end),
            Event::Scalar(text, style, ..) => self.scalar(text.into_owned(), style, start, end),
            Event::SequenceStart(style, ..) => self.begin(false, style, start),
            Event::MappingStart(style, ..) => self.begin(true, style, start),
            Event::SequenceEnd | Event::MappingEnd => self.end(end),
            Event::DocumentEnd => {
                self.document.tail = self.comments.take();
                self.stream
                    .documents
                    .push(std::mem::take(&mut self.document));
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) | Event::Anchor(..) => return None,
            _ => {}
        }
        Some(())
    }

    /// Comments after the last document, or in a file without one.
    fn finish(mut self) -> Stream {
        let rest = self.comments.take();
        match self.stream.documents.last_mut() {
            Some(last) => last.tail.extend(rest),
            None => self.document.tail = rest,
        }
        if self.stream.documents.is_empty() && !self.document.tail.is_empty() {
            self.stream.documents.push(self.document);
        }
        self.stream.join_comments();
        self.stream
    }

    fn comment(&mut self, start: usize, end: usize) {
        let text = self.text.slice(start, end).trim_end().to_owned();
        let column = self.text.column(start);
        if !self.text.is_alone(start) {
            let line = self.text.line(start);
            if let Some(slot) = self.beside(line) {
                slot.replace(LineComment { text, column });
                return;
            }
        }
        let blank = self.text.is_blank_above(start);
        self.comments.push(text, column, blank);
    }

    /// Where a comment at the end of a line belongs, if something on that line can have it.
    fn beside(&mut self, line: usize) -> Option<&mut Option<LineComment>> {
        let open = self.open.last_mut()?;
        let slot = match &mut open.key {
            Some(key) if key.line == line && !open.collection.flow => &mut key.comment,
            Some(_) => return None,
            None => {
                let (first, last) = open.last?;
                if line < first || line > last {
                    return None;
                }
                &mut open.collection.items.last_mut()?.comment
            }
        };
        slot.is_none().then_some(slot)
    }

    fn begin(&mut self, is_map: bool, style: StructureStyle, start: usize) {
        let flow = style == StructureStyle::Flow;
        let above = match self.open.last_mut() {
            None if !flow => vec![],
            None => {
                self.document.header = self.comments.take();
                vec![]
            }
            Some(open) => match &mut open.key {
                None => self.comments.take_above(self.text.is_blank_above(start)),
                Some(key) if flow => {
                    key.above.append(&mut self.comments.take());
                    vec![]
                }
                Some(_) => vec![],
            },
        };
        self.open.push(Open {
            collection: Collection {
                is_map,
                flow,
                items: vec![],
                tail: vec![],
            },
            column: self.text.column(start),
            above,
            key: None,
            last: None,
            first_line: self.text.line(start),
        });
    }

    fn end(&mut self, end: usize) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let mut collection = open.collection;
        let mut above = open.above;
        collection.tail = if collection.flow {
            self.comments.take()
        } else {
            self.comments
                .take_from(self.tail_column(&collection, open.column))
        };
        if collection.items.is_empty() {
            above.append(&mut collection.tail);
        }
        let last = if collection.flow {
            self.text.line(end.saturating_sub(1))
        } else {
            open.last.map_or(open.first_line, |(_, last)| last)
        };
        self.add(
            Value::Collection(collection),
            above,
            (open.first_line, last),
        );
    }

    /// From which column on a comment still belongs to a collection that ends. Under a list
    /// that is not indented, a comment at its column belongs to what follows.
    fn tail_column(&self, collection: &Collection, column: usize) -> usize {
        let not_indented = |it: &Open| it.collection.is_map && it.column == column;
        let parent = self.open.last();
        if !collection.is_map && parent.is_some_and(not_indented) {
            column + 1
        } else {
            column
        }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, start: usize, end: usize) {
        if start == end && self.open.is_empty() && style == ScalarStyle::Plain {
            return; // What the parser gives for a document without anything.
        }
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let mut lines = (
            self.text.line(start),
            self.text.line(end.saturating_sub(1).max(start)),
        );
        if is_block {
            // The span begins behind the first indentation and may end behind that of
            // whatever follows.
            lines.0 = self.text.filled_line_before(lines.0);
            let slice = self.text.slice(start, end);
            match slice.rfind('\n') {
                Some(last) if slice[last..].trim().is_empty() => {
                    lines.1 = self.text.line(start + last);
                }
                None if slice.trim().is_empty() => lines.1 = lines.0,
                _ => {}
            }
        }
        let plain = style == ScalarStyle::Plain;
        let awaits_key = |it: &&mut Open| it.collection.is_map && it.key.is_none();
        if let Some(open) = self.open.last_mut().filter(awaits_key) {
            let above = self.comments.take_above(self.text.is_blank_above(start));
            open.key = Some(Key {
                above,
                name: Scalar { text, plain },
                comment: None,
                line: lines.1,
            });
            return;
        }
        let value = if is_block && !self.open.is_empty() {
            self.block(text, lines)
        } else {
            Value::Scalar(Scalar { text, plain })
        };
        let in_list = self.open.last().is_some_and(|it| !it.collection.is_map);
        let above = if in_list {
            self.comments.take_above(self.text.is_blank_above(start))
        } else {
            self.comments.take()
        };
        self.add(value, above, lines);
    }

    /// A block scalar keeps its lines; one with an indicator of its own is written quoted.
    fn block(&self, text: String, lines: (usize, usize)) -> Value {
        let header = block_header(self.text.whole_line(lines.0));
        let lines: Vec<&str> = (lines.0 + 1..=lines.1)
            .map(|line| self.text.whole_line(line))
            .collect();
        let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
        let filled = lines.iter().filter(|line| !line.trim().is_empty());
        let shared = filled.map(indent).min().unwrap_or_default();
        let mut lines: Vec<String> = lines
            .iter()
            .map(|line| line.get(shared..).unwrap_or_default().to_owned())
            .collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        // Spaces alone at the end are not seen, and lost by many an editor.
        let last = text.trim_end_matches('\n').rsplit('\n').next();
        let ends_in_spaces = last.is_some_and(|it| !it.is_empty() && it.trim().is_empty());
        match header {
            Some(header) if shared > 0 && !lines.is_empty() && !ends_in_spaces => {
                Value::Block(BlockScalar {
                    text,
                    header,
                    lines,
                })
            }
            _ => Value::Scalar(Scalar { text, plain: false }),
        }
    }

    fn add(&mut self, value: Value, mut above: Vec<Trivia>, lines: (usize, usize)) {
        let Some(open) = self.open.last_mut() else {
            self.document.header.append(&mut above);
            self.document.root = Some(value);
            return;
        };
        let mut first = lines.0;
        let (key, comment) = match open.key.take() {
            Some(mut key) => {
                first = key.line;
                key.above.append(&mut above);
                above = key.above;
                (Some(key.name), key.comment)
            }
            None => (None, None),
        };
        open.last = Some((first, lines.1));
        open.collection.items.push(Item {
            above,
            key,
            value,
            comment,
        });
    }
}

/// `|`, `|-`, `>` or `>-` at the end of a line, whatever comment follows it.
fn block_header(line: &str) -> Option<String> {
    let mut candidates = line.match_indices(['|', '>']);
    candidates.find_map(|(at, _)| {
        let rest = &line[at..];
        let header = rest.split([' ', '\t']).next()?;
        let after = rest[header.len()..].trim();
        let is_header = matches!(header, "|" | "|-" | ">" | ">-");
        (is_header && (after.is_empty() || after.starts_with('#'))).then(|| header.to_owned())
    })
}
