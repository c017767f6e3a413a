use std::borrow::Cow;

use crate::diagnostic::Span;

/// A YAML value with the bytes it was read from.
///
/// At most [`super::read::MAX_DEPTH`] deep, so it may be walked and dropped by recursion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node<'a> {
    /// From the first to the last byte of the value.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: NodeKind<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeKind<'a> {
    /// A scalar.
    Scalar(Scalar<'a>),
    /// A sequence.
    List(Vec<Node<'a>>),
    /// A mapping, in the order written; every key once.
    Map(Vec<Entry<'a>>),
    /// Something that has been reported; whoever meets it says nothing more.
    Reported,
}

/// The text of a scalar, escapes processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar<'a> {
    /// The text.
    pub(crate) text: Cow<'a, str>,
    /// Without quotes, and not a block: YAML readers give it a type.
    pub(crate) plain: bool,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    /// The key's text.
    pub(crate) key: Cow<'a, str>,
    /// Where the key is.
    pub(crate) key_span: Span,
    /// The value.
    pub(crate) value: Node<'a>,
}

impl Node<'_> {
    /// What a message calls it.
    pub(super) fn describe(&self) -> &'static str {
        match &self.kind {
            NodeKind::Scalar(_) => "a scalar",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
            NodeKind::Reported => "nothing readable",
        }
    }
}
