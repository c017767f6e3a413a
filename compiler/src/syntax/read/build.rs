use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{Event, ScalarStyle, Span as YamlSpan, StructureStyle};

use super::{Budget, MAX_DEPTH, Meaning, meaning, quoted};
use crate::diagnostic::Span;
use crate::syntax::codes::{
    alias, ambiguous_scalar, duplicate_key, key_not_text, null_value, tag, too_deep, too_many_nodes,
};
use crate::syntax::node::{Entry, Node, NodeKind, Scalar};
use crate::syntax::report::{Read, Report};

/// How many entries one list or mapping may have.
const MAX_ENTRIES: usize = 10_000;

/// Builds trees from the events of one chunk. Give it every event in order.
pub(super) struct Builder<'a> {
    base: usize,
    open: Vec<Open<'a>>,
}

/// A collection whose end has not come yet.
struct Open<'a> {
    start: usize,
    /// The end of what it holds so far.
    end: usize,
    flow: bool,
    content: Content<'a>,
}

enum Content<'a> {
    List(Vec<Node<'a>>),
    Map {
        entries: Vec<Entry<'a>>,
        seen: BTreeMap<Cow<'a, str>, Span>,
        /// How many keys were written, wrong ones included.
        written: usize,
        key: Option<Key<'a>>,
    },
}

/// A key whose value comes next.
struct Key<'a> {
    /// None: the key is wrong, and what it leads to is dropped.
    text: Option<Cow<'a, str>>,
    span: Span,
}

impl<'a> Builder<'a> {
    /// For a chunk that starts at this byte of its file.
    pub(super) fn new(base: usize) -> Self {
        Self {
            base,
            open: Vec::new(),
        }
    }

    /// Takes the next event; gives a document's root when it is complete.
    pub(super) fn take(
        &mut self,
        event: Event<'a>,
        at: YamlSpan,
        report: &mut Report,
        budget: &mut Budget,
    ) -> Read<Option<Node<'a>>> {
        let span = self.span(at, report);
        if event.tag().is_some() {
            let tagged = at.tag_span().map_or(span, |at| self.span(at, report));
            report.push(tag::error(tagged));
        }
        if event.is_node() && !budget.spend() {
            return Err(report.push(too_many_nodes::in_file(span)));
        }
        match event {
            Event::Anchor(..) => {
                report.push(alias::anchor(span));
                Ok(None)
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                report.push(alias::error(span));
                self.add(NodeKind::Reported, span, report)
            }
            Event::Scalar(text, style, _, _) => self.scalar(text, style, span, report),
            Event::SequenceStart(style, _, _) => {
                self.begin(style, Content::List(Vec::new()), span, report)
            }
            Event::MappingStart(style, _, _) => {
                let content = Content::Map {
                    entries: Vec::new(),
                    seen: BTreeMap::new(),
                    written: 0,
                    key: None,
                };
                self.begin(style, content, span, report)
            }
            Event::SequenceEnd | Event::MappingEnd => self.finish(span, report),
            _ => Ok(None),
        }
    }

    fn begin(
        &mut self,
        style: StructureStyle,
        content: Content<'a>,
        span: Span,
        report: &mut Report,
    ) -> Read<Option<Node<'a>>> {
        if self.open.len() >= MAX_DEPTH {
            return Err(report.push(too_deep::error(span)));
        }
        self.open.push(Open {
            start: span.start as usize,
            end: span.end as usize,
            flow: style == StructureStyle::Flow,
            content,
        });
        Ok(None)
    }

    fn finish(&mut self, end: Span, report: &mut Report) -> Read<Option<Node<'a>>> {
        let Some(open) = self.open.pop() else {
            return Ok(None);
        };
        let last = if open.flow {
            end.end as usize
        } else {
            open.end
        };
        let kind = match open.content {
            Content::List(items) => NodeKind::List(items),
            Content::Map { entries, .. } => NodeKind::Map(entries),
        };
        let span = report.span(open.start, last);
        self.add(kind, span, report)
    }

    fn scalar(
        &mut self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        span: Span,
        report: &mut Report,
    ) -> Read<Option<Node<'a>>> {
        let plain = style == ScalarStyle::Plain;
        let is_empty = plain && span.start == span.end;
        if self.open.is_empty() && is_empty {
            // A document without content says nothing, and nothing is wrong with it.
            return Ok(None);
        }
        if plain && meaning(&text) == Meaning::Null && !self.expects_key() {
            let (at, of) = match self.open.last().map(|open| &open.content) {
                Some(Content::Map { key: Some(key), .. }) if is_empty => {
                    (key.span, key.text.as_deref())
                }
                _ => (span, None),
            };
            report.push(null_value::error(at, of));
            return self.add(NodeKind::Reported, span, report);
        }
        self.add(NodeKind::Scalar(Scalar { text, plain }), span, report)
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                content: Content::Map { key: None, .. },
                ..
            })
        )
    }

    /// A complete value: the root, an entry of a list, a key or the value of one.
    fn add(
        &mut self,
        kind: NodeKind<'a>,
        span: Span,
        report: &mut Report,
    ) -> Read<Option<Node<'a>>> {
        let node = Node { span, kind };
        let Some(open) = self.open.last_mut() else {
            return Ok(Some(node));
        };
        open.end = open.end.max(span.end as usize);
        match &mut open.content {
            Content::List(items) if items.len() >= MAX_ENTRIES => {
                return Err(report.push(too_many_nodes::in_collection(span, MAX_ENTRIES)));
            }
            Content::List(items) => items.push(node),
            Content::Map {
                entries,
                seen,
                written,
                key,
            } => match key.take() {
                Some(Key {
                    text: Some(text),
                    span: key_span,
                }) => entries.push(Entry {
                    key: text,
                    key_span,
                    value: node,
                }),
                Some(Key { text: None, .. }) => {}
                None if *written >= MAX_ENTRIES => {
                    return Err(report.push(too_many_nodes::in_collection(span, MAX_ENTRIES)));
                }
                None => {
                    *written += 1;
                    *key = Some(check_key(node, seen, report));
                }
            },
        }
        Ok(None)
    }

    fn span(&self, at: YamlSpan, report: &Report) -> Span {
        let start = at.start.byte_offset().unwrap_or_default();
        let end = at.end.byte_offset().unwrap_or(start);
        report.span(self.base + start, self.base + end)
    }
}

fn check_key<'a>(
    node: Node<'a>,
    seen: &mut BTreeMap<Cow<'a, str>, Span>,
    report: &mut Report,
) -> Key<'a> {
    let span = node.span;
    let wrong = Key { text: None, span };
    let NodeKind::Scalar(Scalar { text, plain }) = node.kind else {
        if !matches!(node.kind, NodeKind::Reported) {
            report.push(key_not_text::error(span));
        }
        return wrong;
    };
    if plain && text == "<<" {
        report.push(alias::merge_key(span));
        return wrong;
    }
    if plain {
        match meaning(&text) {
            Meaning::Text => {}
            Meaning::Null => {
                report.push(key_not_text::error(span));
                return wrong;
            }
            other => {
                report.push(ambiguous_scalar::error(span, &text, other, &quoted(&text)));
            }
        }
    }
    if let Some(first) = seen.get(&text) {
        report.push(duplicate_key::error(span, &text, *first));
        return wrong;
    }
    seen.insert(text.clone(), span);
    Key {
        text: Some(text),
        span,
    }
}
