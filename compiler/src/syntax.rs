use crate::diagnostic::{CodeInfo, Diagnostic};
use crate::source_set::SourceSet;
use crate::sources::Sources;

pub(crate) const CODES: &[CodeInfo] = &[];

pub(crate) struct Document;

pub(crate) fn parse(_set: &SourceSet, _sources: &Sources) -> (Vec<Document>, Vec<Diagnostic>) {
    (Vec::new(), Vec::new())
}
