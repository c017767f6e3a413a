use mesh_ir::{HostPattern, Name, PathPattern};

use super::Spanned;
use crate::diagnostic::Span;

/// `spec` of a `Team`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Team {
    /// What belongs to it.
    pub(crate) owns: Owns,
    /// How to reach it; no meaning.
    pub(crate) contact: Option<Spanned<String>>,
}

/// `owns`; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owns {
    /// Where `mesh: true` is written.
    pub(crate) mesh: Option<Span>,
    /// Relative to the directory of intents, no `.` or `..`, no slash at either end; `.` alone is all of it.
    pub(crate) directories: Vec<Spanned<String>>,
    /// Whole namespaces.
    pub(crate) namespaces: Vec<Spanned<Name>>,
    /// Hosts, perhaps below a path.
    pub(crate) hosts: Vec<Spanned<OwnedHost>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// `shop.example` or `shop.example/search/**`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OwnedHost {
    /// Which hosts.
    pub(crate) host: HostPattern,
    /// Only these paths.
    pub(crate) path: Option<PathPattern>,
}
