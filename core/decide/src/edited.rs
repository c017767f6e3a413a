use mesh_ir::HeaderEdit;

use crate::index::EditsIndex;
use crate::request::Headers;
use crate::tables::Tables;

/// A header section as the edits of a rule leave it: what the routes of the next
/// service see.
pub(crate) struct Edited<'a> {
    pub(crate) inner: &'a dyn Headers,
    pub(crate) tables: &'a Tables,
    /// In the order in which they apply.
    pub(crate) edits: &'a [EditsIndex],
}

impl Headers for Edited<'_> {
    fn for_each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        self.after(self.edits, name, f);
    }
}

impl Edited<'_> {
    /// Each set of edits: set, then add, then remove.
    fn after(&self, edits: &[EditsIndex], name: &str, f: &mut dyn FnMut(&[u8])) {
        let Some((last, before)) = edits.split_last() else {
            return self.inner.for_each(name, f);
        };
        let edits = self.tables.edits(*last);
        if edits.remove.iter().any(|removed| removed == name) {
            return;
        }
        match values(&edits.set, name).next_back() {
            Some(value) => f(value),
            None => self.after(before, name, f),
        }
        values(&edits.add, name).for_each(f);
    }
}

fn values<'a>(edits: &'a [HeaderEdit], name: &str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
    edits
        .iter()
        .filter(move |edit| edit.name == name)
        .map(|edit| edit.value.as_bytes())
}
