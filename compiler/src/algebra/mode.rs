/// How a rule is judged where readers of a request may disagree; as in `mesh-decide`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    /// Routes and limits: one reading of the path, any of several values.
    Plain,
    /// `allow`: every reading and every value.
    Allow,
    /// `deny` and `audit`: any reading and any value, without case.
    Deny,
}

impl Mode {
    /// How a `not` inside is judged.
    pub(super) fn inside_not(self) -> Self {
        match self {
            Self::Plain => Self::Plain,
            Self::Allow => Self::Deny,
            Self::Deny => Self::Allow,
        }
    }
}
