use super::Options;
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
    pub(super) fn fresh(options: &Options, sources: &Sources, parsed: Parsed) -> Self {
        Self {
            last: State::fresh(options, sources, parsed),
            whole: None,
        }
    }

    /// After an edit.
    pub(super) fn after(self, options: &Options, sources: &Sources, parsed: Parsed) -> Self {
        let Self { last, whole } = self;
        if let Some(edit) = last.edit_to(options, sources, &parsed) {
            let last = last.after(edit, sources, parsed);
            return Self { last, whole };
        }
        if let Some(state) = &whole
            && let Some(edit) = state.edit_to(options, sources, &parsed)
            && let Some(state) = whole
        {
            return Self {
                last: state.after(edit, sources, parsed),
                whole: None,
            };
        }
        let whole = if last.is_whole() { Some(last) } else { whole };
        let last = State::fresh(options, sources, parsed);
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
