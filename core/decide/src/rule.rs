use std::fmt;

use mesh_ir::{Kind, ObjectRef, Origin, RuleId};

/// What decided, or was looked at: an entry of [`crate::Tables::rule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIndex(pub(crate) u32);

/// A rule, a document or the `access.default` line, as logs and tools name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleMeta {
    /// The kind of the document.
    pub kind: Kind,
    /// Its namespace and name; the `Mesh` document has none.
    pub object: Option<ObjectRef>,
    /// The entry in it; `None` is the document as a whole.
    pub rule: Option<RuleId>,
    /// Where it stands.
    pub origin: Origin,
}

/// `Access shop/reviews allow-get`, `Mesh access.default`.
impl fmt::Display for RuleMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(object) = &self.object {
            write!(f, " {object}")?;
        }
        if let Some(rule) = &self.rule {
            write!(f, " {rule}")?;
        }
        Ok(())
    }
}

impl RuleIndex {
    /// The position in its list.
    pub fn position(self) -> usize {
        self.0 as usize
    }
}
