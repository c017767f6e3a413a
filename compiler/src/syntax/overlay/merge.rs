use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Tree;
use super::codes::{document_head, unknown_entry};
use super::owned::{owned, owned_entry, same};
use crate::diagnostic::Span;
use crate::sources::Trace;
use crate::syntax::node::{Entry, Node, NodeKind};
use crate::syntax::report::Report;

/// Merges a patch into a document.
///
/// Mappings are merged by key; a list of named entries is merged by `name`, and each name
/// must be there; whatever else a patch says stands in place of what was there. Nothing is
/// removed.
pub(super) struct Merger<'t> {
    report: &'t mut Report,
    trace: &'t mut Trace,
}

/// What is above `spec`, which is no patch's to change.
const HEAD: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];

impl<'t> Merger<'t> {
    pub(super) fn new(report: &'t mut Report, trace: &'t mut Trace) -> Self {
        Self { report, trace }
    }

    /// Merges into `spec`; whether that changed something.
    pub(super) fn merge_spec(&mut self, spec: &mut Node<'_>, patch: &Tree) -> bool {
        let NodeKind::Map(entries) = &patch.kind else {
            return false;
        };
        let head = entries
            .iter()
            .find(|entry| HEAD.contains(&entry.key.as_ref()));
        if let Some(entry) = head {
            self.report
                .push(document_head::error(entry.key_span, &entry.key));
            return true;
        }
        self.merge(spec, patch)
    }

    fn merge(&mut self, base: &mut Node<'_>, patch: &Tree) -> bool {
        if same(base, patch) {
            return false;
        }
        match (&mut base.kind, &patch.kind) {
            (NodeKind::Reported, _) | (_, NodeKind::Reported) => true,
            (NodeKind::Map(entries), NodeKind::Map(patches)) => {
                self.trace.merged.insert(base.span, patch.span);
                self.merge_entries(base.span, entries, patches)
            }
            (NodeKind::List(items), NodeKind::List(patches)) if patches.iter().any(is_named) => {
                self.trace.merged.insert(base.span, patch.span);
                self.merge_named(items, patches)
            }
            _ => {
                self.trace.given.insert(patch.span, base.span);
                *base = owned(patch);
                true
            }
        }
    }

    fn merge_entries(
        &mut self,
        place: Span,
        entries: &mut Vec<Entry<'_>>,
        patches: &[Entry<'static>],
    ) -> bool {
        let known = entries.iter().enumerate();
        let known: BTreeMap<String, usize> = known
            .map(|(at, entry)| (entry.key.clone().into_owned(), at))
            .collect();
        let mut changed = false;
        for patch in patches {
            if let Some(at) = known.get(patch.key.as_ref()) {
                let entry = &mut entries[*at];
                self.trace.merged.insert(entry.key_span, patch.key_span);
                changed |= self.merge(&mut entry.value, &patch.value);
            } else {
                let whole = Span {
                    end: patch.value.span.end,
                    ..patch.key_span
                };
                self.trace.given.insert(whole, place);
                entries.push(owned_entry(patch));
                changed = true;
            }
        }
        changed
    }

    fn merge_named(&mut self, items: &mut [Node<'_>], patches: &[Tree]) -> bool {
        let known: BTreeMap<String, usize> = items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| Some((name_of(item)?.0.to_owned(), at)))
            .collect();
        let mut changed = false;
        for patch in patches {
            let Some((name, at)) = name_of(patch) else {
                self.report.push(unknown_entry::nameless(patch.span));
                changed = true;
                continue;
            };
            let Some(place) = known.get(name) else {
                let names = known.keys().map(String::as_str);
                self.report.push(unknown_entry::error(at, name, names));
                changed = true;
                continue;
            };
            changed |= self.merge(&mut items[*place], patch);
        }
        changed
    }
}

fn is_named(node: &Tree) -> bool {
    name_of(node).is_some()
}

/// The `name` of an entry of a list, and where it stands.
fn name_of<'n>(node: &'n Node<'_>) -> Option<(&'n str, Span)> {
    let NodeKind::Map(entries) = &node.kind else {
        return None;
    };
    let entry = entries.iter().find(|entry| entry.key == "name")?;
    match &entry.value.kind {
        NodeKind::Scalar(scalar) => Some((Cow::as_ref(&scalar.text), entry.value.span)),
        _ => None,
    }
}
