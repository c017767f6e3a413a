/// How a condition is judged where readers of a request may disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Routes and limits: the one reading without repeated slashes and parameters;
    /// any of several values.
    Plain,
    /// What opens (`allow`, and a `not` inside a `deny`): every reading and every
    /// value must match, exactly.
    Strict,
    /// What closes (`deny`, `audit`, and a `not` inside an `allow`): one reading or
    /// one value is enough; literal path segments and regexes compare without
    /// ASCII case, paths with every escape decoded and one trailing slash more or less.
    Lenient,
}

impl Mode {
    /// How a `not` inside is judged, so that in doubt the whole fails closed.
    pub(crate) fn inside_not(self) -> Self {
        match self {
            Self::Plain => Self::Plain,
            Self::Strict => Self::Lenient,
            Self::Lenient => Self::Strict,
        }
    }
}
