use mesh_ir::Inventory;

use super::state::State;
use crate::sources::Sources;
use crate::syntax::Parsed;

/// What is kept of one environment between compilations: how far the last set of files got
/// and, while that holds broken documents, how far the last one got that held none.
///
/// A text that is being typed is broken most of the time: once it is whole again, it is an
/// edit of what it was when it was last whole.
#[derive(Debug)]
pub(super) struct Kept {
    last: State,
    whole: Option<State>,
}

impl Kept {
    /// Of a set of files that nothing is known about.
    pub(super) fn fresh(inventory: Option<&Inventory>, sources: &Sources, parsed: Parsed) -> Self {
        Self {
            last: State::fresh(inventory, sources, parsed),
            whole: None,
        }
    }

    /// After an edit.
    pub(super) fn after(
        self,
        inventory: Option<&Inventory>,
        sources: &Sources,
        parsed: Parsed,
    ) -> Self {
        let Self { last, whole } = self;
        if let Some(edit) = last.edit_to(inventory, sources, &parsed) {
            let last = last.after(edit, sources, parsed);
            return Self { last, whole };
        }
        if let Some(state) = &whole
            && let Some(edit) = state.edit_to(inventory, sources, &parsed)
            && let Some(state) = whole
        {
            return Self {
                last: state.after(edit, sources, parsed),
                whole: None,
            };
        }
        let whole = if last.is_whole() { Some(last) } else { whole };
        let last = State::fresh(inventory, sources, parsed);
        Self {
            whole: whole.filter(|_| !last.is_whole()),
            last,
        }
    }

    /// How far the last set of files got.
    pub(super) fn last(&self) -> &State {
        &self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source_set::{SourceFile, SourceSet};
    use crate::syntax::Parser;

    const SERVICE: &str = "apiVersion: meshwright.dev/v1\nkind: Service\nmetadata: {name: a, namespace: b}\nspec: {ports: {http: 80}}\n";
    const ACCESS: &str = "apiVersion: meshwright.dev/v1\nkind: Access\nmetadata: {name: a, namespace: b}\nspec: {service: a, allow: [{from: [{service: a}]}]}\n";

    struct Edited {
        parser: Parser,
        kept: Option<Kept>,
    }

    impl Edited {
        /// Whether the next texts were an edit of what is kept.
        fn takes(&mut self, access: &str) -> bool {
            let mesh = "apiVersion: meshwright.dev/v1\nkind: Mesh\nmetadata: {name: a}\nspec: {trustDomain: a.example}\n";
            let files = [("a.yaml", access), ("m.yaml", mesh), ("s.yaml", SERVICE)];
            let files = files.map(|(path, text)| SourceFile::new(path, text.as_bytes()));
            let set = SourceSet {
                files: files.to_vec(),
                ..SourceSet::default()
            };
            let sources = Sources::new(&set);
            let parsed = self.parser.parse(&set, &sources);
            let Some(kept) = self.kept.take() else {
                self.kept = Some(Kept::fresh(None, &sources, parsed));
                return false;
            };
            let whole = kept.whole.as_ref();
            let mut states = std::iter::once(&kept.last).chain(whole);
            let is_edit = states.any(|it| it.edit_to(None, &sources, &parsed).is_some());
            self.kept = Some(kept.after(None, &sources, parsed));
            is_edit
        }
    }

    #[test]
    fn what_is_mended_is_an_edit_of_what_was_whole() {
        let mut edited = Edited {
            parser: Parser::default(),
            kept: None,
        };
        assert!(!edited.takes(ACCESS));
        assert!(edited.takes(&ACCESS.replace("{service: a}]", "{service: a}, {namespace: b}]")));
        for broken in ["service: [", "srevice: "] {
            assert!(!edited.takes(&ACCESS.replace("service: ", broken)));
            assert!(edited.kept.as_ref().unwrap().whole.is_some());
        }
        assert!(edited.takes(ACCESS));
        assert!(edited.kept.unwrap().whole.is_none());
    }
}
