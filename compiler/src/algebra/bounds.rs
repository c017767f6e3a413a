/// How much work a question may take before it stays undecided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// States of the automaton of one kind of text.
    pub(crate) states: usize,
    /// Classes of values of one dimension.
    pub(crate) atoms: usize,
    /// Nodes of all decision diagrams of a space.
    pub(crate) nodes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            states: 100_000,
            atoms: 8_192,
            nodes: 200_000,
        }
    }
}

/// Why a question has no answer: a bound was reached. Reported, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Undecided {
    /// Too many states.
    #[error("the patterns of {what} together need more than {states} states")]
    States {
        /// `paths`, `header x-user`.
        what: String,
        /// The bound.
        states: usize,
    },
    /// Too many classes.
    #[error("the rules tell more than {atoms} kinds of {what} apart")]
    Atoms {
        /// `paths`, `header x-user`.
        what: String,
        /// The bound.
        atoms: usize,
    },
    /// Too many nodes.
    #[error("the rules together divide requests into more than {0} pieces")]
    Nodes(usize),
    /// A regex that does not become an automaton within its bound.
    #[error("the automaton of the regex `{0}` is too large")]
    Regex(String),
    /// A regex that is none, which is said elsewhere.
    #[error("`{0}` is no regex")]
    NoRegex(String),
    /// Two ways of reading one thing that are not compared with each other.
    #[error("{0}")]
    NotCompared(&'static str),
}

impl Undecided {
    /// Whether there is a finding of its own about the cause.
    pub(crate) fn is_said_elsewhere(&self) -> bool {
        matches!(self, Self::NoRegex(_))
    }
}
