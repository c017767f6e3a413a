//! A file as it was written: values, and what only people read.

use crate::syntax::{Meaning, meaning};

/// The documents of a file.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) documents: Vec<Document>,
}

/// One document; empty but for comments where there is no value.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Comments and blank lines before the first key.
    pub(super) header: Vec<Trivia>,
    pub(super) root: Option<Value>,
    /// Comments and blank lines after the last value.
    pub(super) tail: Vec<Trivia>,
}

/// What stands on lines of its own and is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trivia {
    /// One or more lines without anything.
    Blank,
    /// From `#` to the end of the line.
    Comment(String),
}

/// A comment behind a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineComment {
    pub(super) text: String,
    /// In characters from the start of the line: authors align them.
    pub(super) column: usize,
}

/// An entry of a list or mapping.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) above: Vec<Trivia>,
    /// In mappings.
    pub(super) key: Option<Scalar>,
    pub(super) value: Value,
    pub(super) comment: Option<LineComment>,
}

#[derive(Debug)]
pub(super) enum Value {
    Scalar(Scalar),
    Block(BlockScalar),
    Collection(Collection),
}

/// A list or mapping.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) is_map: bool,
    /// Written with brackets.
    pub(super) flow: bool,
    pub(super) items: Vec<Item>,
    /// After the last item.
    pub(super) tail: Vec<Trivia>,
}

#[derive(Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    /// Written without quotes.
    pub(super) plain: bool,
}

/// `|` or `>` and lines, without the indentation that all of them share.
#[derive(Debug)]
pub(super) struct BlockScalar {
    pub(super) text: String,
    /// `|`, `|-`, `>` or `>-`.
    pub(super) header: String,
    pub(super) lines: Vec<String>,
}

impl Stream {
    /// Makes a document of comments alone a part of the next one: written above its marker
    /// they would be read as that.
    pub(super) fn join_comments(&mut self) {
        let mut joined: Vec<Document> = Vec::with_capacity(self.documents.len());
        for mut document in self.documents.drain(..) {
            if let Some(mut before) = joined.pop_if(|it| it.root.is_none()) {
                before.header.append(&mut before.tail);
                before.header.append(&mut document.header);
                document.header = before.header;
            }
            joined.push(document);
        }
        self.documents = joined;
    }

    /// Whether a reader gets the same from both, but for the order of keys.
    pub(super) fn means_the_same(&self, other: &Self) -> bool {
        self.roots().count() == other.roots().count()
            && self
                .roots()
                .zip(other.roots())
                .all(|(a, b)| a.means_the_same(b))
            && self.comments() == other.comments()
    }

    fn roots(&self) -> impl Iterator<Item = &Value> {
        self.documents.iter().filter_map(|it| it.root.as_ref())
    }

    /// Every comment, sorted: none is lost, none is made.
    fn comments(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for document in &self.documents {
            collect(&document.header, &mut found);
            if let Some(root) = &document.root {
                root.comments(&mut found);
            }
            collect(&document.tail, &mut found);
        }
        found.sort_unstable();
        found
    }
}

impl Value {
    /// The collection, if it is one.
    pub(super) fn collection(&self) -> Option<&Collection> {
        match self {
            Self::Collection(it) => Some(it),
            Self::Scalar(_) | Self::Block(_) => None,
        }
    }

    fn means_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Collection(a), Self::Collection(b)) => {
                a.is_map == b.is_map
                    && a.items.len() == b.items.len()
                    && a.items.iter().zip(&b.items).all(|(a, b)| {
                        let key = |it: &Item| it.key.as_ref().map(|it| it.text.clone());
                        key(a) == key(b) && a.value.means_the_same(&b.value)
                    })
            }
            (Self::Collection(_), _) | (_, Self::Collection(_)) => false,
            (a, b) => a.read() == b.read(),
        }
    }

    /// What a reader gets from a scalar.
    fn read(&self) -> (&str, Meaning) {
        match self {
            Self::Scalar(it) if it.plain => (&it.text, meaning(&it.text)),
            Self::Scalar(it) => (&it.text, Meaning::Text),
            Self::Block(it) => (&it.text, Meaning::Text),
            Self::Collection(_) => ("", Meaning::Null),
        }
    }

    fn comments<'t>(&'t self, found: &mut Vec<&'t str>) {
        let Some(collection) = self.collection() else {
            return;
        };
        for item in &collection.items {
            collect(&item.above, found);
            found.extend(item.comment.as_ref().map(|it| it.text.as_str()));
            item.value.comments(found);
        }
        collect(&collection.tail, found);
    }
}

fn collect<'t>(trivia: &'t [Trivia], found: &mut Vec<&'t str>) {
    found.extend(trivia.iter().filter_map(|it| match it {
        Trivia::Comment(text) => Some(text.as_str()),
        Trivia::Blank => None,
    }));
}
