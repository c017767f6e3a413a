use crate::diagnostic::Span;
use crate::syntax::ast::Spanned;
use crate::syntax::codes::{empty, exclusive_fields, missing_field, unknown_field};
use crate::syntax::node::{Entry, Node, NodeKind};
use crate::syntax::report::{Read, Report, Reported};

use super::{list_of, mismatch};

/// The fields of one mapping of the language.
#[derive(Debug)]
pub(in crate::syntax) struct Shape {
    /// What a message calls it, `a rule of a Route`.
    pub(in crate::syntax) what: &'static str,
    /// What it may hold.
    pub(in crate::syntax) fields: &'static [&'static str],
}

/// A mapping that is being decoded. Unknown fields are reported when it is opened;
/// [`Fields::end`] says so, after the known ones have been looked at.
pub(in crate::syntax) struct Fields<'n, 'a, 'r> {
    shape: &'static Shape,
    entries: &'n [Entry<'a>],
    sound: bool,
    /// The whole mapping.
    pub(in crate::syntax) span: Span,
    /// For what only the caller can judge.
    pub(in crate::syntax) report: &'r mut Report,
}

impl<'n, 'a, 'r> Fields<'n, 'a, 'r> {
    /// Opens a mapping that is not empty.
    pub(in crate::syntax) fn open(
        node: &'n Node<'a>,
        shape: &'static Shape,
        report: &'r mut Report,
    ) -> Read<Self> {
        let fields = Self::open_empty(node, shape, report)?;
        if fields.entries.is_empty() {
            return Err(fields.report.push(empty::mapping(node.span)));
        }
        Ok(fields)
    }

    /// Opens a mapping that may be `{}`.
    pub(in crate::syntax) fn open_empty(
        node: &'n Node<'a>,
        shape: &'static Shape,
        report: &'r mut Report,
    ) -> Read<Self> {
        let NodeKind::Map(entries) = &node.kind else {
            return Err(mismatch(node, report, "a mapping"));
        };
        let mut sound = true;
        let mut taken = None;
        for entry in entries {
            let name = entry.key.as_ref();
            if !shape.fields.contains(&name) {
                sound = false;
                let keys = || entries.iter().map(|it| it.key.as_ref()).collect();
                report.push(unknown_field::error(
                    entry.key_span,
                    name,
                    shape.what,
                    shape.fields,
                    taken.get_or_insert_with(keys),
                ));
            }
        }
        Ok(Self {
            shape,
            entries,
            sound,
            span: node.span,
            report,
        })
    }

    /// A field that must be there.
    pub(in crate::syntax) fn required<T>(
        &mut self,
        name: &'static str,
        decode: impl FnOnce(&Node<'_>, &mut Report) -> Read<T>,
    ) -> Read<T> {
        match self.find(name) {
            Some(entry) => decode(&entry.value, self.report),
            None => Err(self.missing(name)),
        }
    }

    /// A field that may be left out.
    pub(in crate::syntax) fn optional<T>(
        &mut self,
        name: &'static str,
        decode: impl FnOnce(&Node<'_>, &mut Report) -> Read<T>,
    ) -> Read<Option<T>> {
        match self.find(name) {
            Some(entry) => decode(&entry.value, self.report).map(Some),
            None => Ok(None),
        }
    }

    /// A list that may be left out, and is empty then.
    pub(in crate::syntax) fn list<T>(
        &mut self,
        name: &'static str,
        decode: impl FnMut(&Node<'_>, &mut Report) -> Read<T>,
    ) -> Read<Vec<T>> {
        let list = self.optional(name, |node, report| list_of(node, report, decode))?;
        Ok(list.unwrap_or_default())
    }

    /// The one field of these that is there; none and several are errors.
    pub(in crate::syntax) fn one_of(
        &mut self,
        names: &'static [&'static str],
    ) -> Read<&'static str> {
        let mut found = names.iter().filter_map(|name| self.find(name));
        match (found.next(), found.next()) {
            (Some(first), None) => Ok(names
                .iter()
                .find(|name| **name == first.key)
                .copied()
                .unwrap_or_default()),
            (Some(first), Some(second)) => {
                let (first, second) = (keyed(first), keyed(second));
                Err(self.report.push(exclusive_fields::error(first, second)))
            }
            // What is there may be a field that is not known: then that has been said.
            (None, _) if !self.sound => Err(Reported),
            (None, _) => {
                let error = missing_field::one_of(self.place(), names, self.shape.what);
                Err(self.report.push(error))
            }
        }
    }

    /// Reports each of `others` that stands beside `name`.
    pub(in crate::syntax) fn excludes(&mut self, name: &'static str, others: &[&'static str]) {
        let Some(this) = self.find(name) else { return };
        let found: Vec<_> = others.iter().filter_map(|name| self.find(name)).collect();
        for other in found {
            let error = exclusive_fields::error(keyed(this), keyed(other));
            self.report.push(error);
            self.sound = false;
        }
    }

    /// Whether a field is there.
    pub(in crate::syntax) fn has(&self, name: &'static str) -> bool {
        self.find(name).is_some()
    }

    /// Reports a field as missing that only these circumstances require.
    pub(in crate::syntax) fn missing(&mut self, name: &'static str) -> Reported {
        let error = missing_field::error(self.place(), name, self.shape.what);
        self.report.push(error)
    }

    /// Whether the mapping held nothing but what it may hold.
    pub(in crate::syntax) fn end(self) -> Read<()> {
        if self.sound { Ok(()) } else { Err(Reported) }
    }

    /// As [`Self::end`], for what only the whole mapping shows.
    pub(in crate::syntax) fn end_with(self) -> Read<&'r mut Report> {
        if self.sound {
            Ok(self.report)
        } else {
            Err(Reported)
        }
    }

    /// Where something is missing: a mapping in braces as a whole, the first key of
    /// one that goes over lines.
    pub(in crate::syntax) fn place(&self) -> Span {
        self.entries
            .first()
            .filter(|first| first.key_span.start == self.span.start)
            .map_or(self.span, |first| first.key_span)
    }

    fn find(&self, name: &str) -> Option<&'n Entry<'a>> {
        debug_assert!(self.shape.fields.contains(&name), "{name} is in its shape");
        self.entries.iter().find(|entry| entry.key == name)
    }
}

fn keyed<'n>(entry: &'n Entry<'_>) -> Spanned<&'n str> {
    Spanned::new(entry.key.as_ref(), entry.key_span)
}
