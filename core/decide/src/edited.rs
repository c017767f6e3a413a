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

#[cfg(test)]
mod tests {
    use mesh_ir::{Action, HeaderEdits};

    use super::*;
    use crate::fixture::{calling, fields, forward, http, route_of, rule, tables, to_version};

    fn edit(name: &str, value: &str) -> HeaderEdit {
        HeaderEdit {
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn edits_are_set_then_added_then_removed_and_the_rule_comes_before_the_backend() {
        let mut backend = to_version("v1", 1);
        backend.request_headers = HeaderEdits {
            set: vec![edit("b", "backend")],
            add: vec![edit("a", "backend")],
            remove: vec!["c".to_owned()],
        };
        let mut edited = forward(vec![backend]);
        edited.request_headers = HeaderEdits {
            set: vec![edit("a", "rule"), edit("b", "rule"), edit("c", "rule")],
            add: vec![edit("b", "rule"), edit("d", "rule")],
            remove: vec!["d".to_owned()],
        };
        let mut snapshot = calling(vec![http("ratings")]);
        let only = rule("all", 0, vec![], Action::Forward(edited));
        snapshot.routes = vec![route_of("ratings", vec![only])];
        let tables = tables(&snapshot);
        // The edits of a rule are kept after those of its backends.
        let edits = [EditsIndex::at(1), EditsIndex::at(0)];
        let inner = fields(
            "ratings",
            &[("a", "client"), ("a", "client"), ("d", "client")],
        );
        let edited = Edited {
            inner: &inner,
            tables: &tables,
            edits: &edits,
        };
        let values = |name: &str| {
            let mut all = vec![];
            edited.for_each(name, &mut |value| {
                all.push(String::from_utf8(value.to_vec()).expect("fields are text"));
            });
            all
        };
        assert_eq!(values("a"), ["rule", "backend"]);
        assert_eq!(values("b"), ["backend"]);
        assert_eq!(values("c"), [""; 0]);
        assert_eq!(values("d"), [""; 0]);
        assert_eq!(values("host"), ["ratings"]);
    }
}
