use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Span;

/// What an environment has done to the documents of one file, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// Values of the documents that something was merged into, or in which a variable
    /// stands, and where that comes from.
    pub(crate) merged: BTreeMap<Span, Span>,
    /// Values of patches that stand in a document now, and the value that they replace or
    /// the mapping that they were added to.
    pub(crate) given: BTreeMap<Span, Span>,
    /// The variables that were used.
    pub(crate) variables: BTreeSet<String>,
    /// The patches that found their document, and whether they changed something there.
    pub(crate) patches: BTreeMap<Span, bool>,
    /// How many bytes variables have added to the file.
    pub(crate) grown: usize,
}

impl Trace {
    /// Notes that a patch has found its document.
    pub(crate) fn patched(&mut self, patch: Span, document: Span, changed: bool) {
        self.patches.insert(patch, changed);
        self.merged.insert(document, patch);
    }

    /// What the documents of another file have seen, too.
    pub(crate) fn extend(&mut self, other: &Self) {
        let both = |(a, b): (&Span, &Span)| (*a, *b);
        self.merged.extend(other.merged.iter().map(both));
        self.given.extend(other.given.iter().map(both));
        self.variables.extend(other.variables.iter().cloned());
        let patches = other.patches.iter();
        self.patches
            .extend(patches.map(|(at, changed)| (*at, *changed)));
    }

    /// The place in a document of what a patch gave.
    pub(crate) fn given_at(&self, span: Span) -> Option<Span> {
        let until = Span {
            end: u32::MAX,
            ..span
        };
        let before = self.given.range(..=until).next_back();
        before
            .filter(|(given, _)| given.file == span.file && span.end <= given.end)
            .map(|(_, place)| *place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;

    fn span(file: u32, start: u32, end: u32) -> Span {
        Span {
            file: FileId(file),
            start,
            end,
        }
    }

    #[test]
    fn what_stands_within_a_given_value_is_given_too() {
        let mut trace = Trace::default();
        trace.given.insert(span(1, 10, 20), span(0, 5, 6));
        trace.given.insert(span(1, 30, 40), span(0, 7, 8));
        let at = |start, end| trace.given_at(span(1, start, end));
        assert_eq!(at(10, 20), Some(span(0, 5, 6)));
        assert_eq!(at(12, 15), Some(span(0, 5, 6)));
        assert_eq!(at(31, 40), Some(span(0, 7, 8)));
        assert_eq!(at(15, 25), None);
        assert_eq!(at(22, 23), None);
        assert_eq!(trace.given_at(span(2, 12, 15)), None);
    }
}
