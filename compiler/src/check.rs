//! What a program means, judged: one file per diagnostic, with its tests.

use crate::diagnostic::CodeInfo;

/// The codes of this phase.
pub(crate) const CODES: &[CodeInfo] = &[];
