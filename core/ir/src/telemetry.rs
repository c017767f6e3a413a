use std::time::Duration;

use crate::{Key, ObjectRef, Origin, Percent, Target};

/// A `Telemetry`: what is written down about the requests of its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// Namespace and name.
    pub id: ObjectRef,
    /// Where the document begins.
    pub origin: Origin,
    /// What it speaks of.
    pub target: Target,
    /// Which requests are written to the log, and how.
    pub access_log: Option<AccessLog>,
    /// The share of requests without a parent whose trace is kept.
    pub traces: Option<Percent>,
    /// More labels of metrics, and what gives their values. Sorted.
    pub labels: Vec<(String, Key)>,
}

/// `accessLog`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLog {
    /// How.
    pub format: LogFormat,
    /// Where to.
    pub exporter: LogExporter,
    /// These always. Sorted; empty: no status is singled out.
    pub statuses: Vec<StatusPattern>,
    /// And those that took longer.
    pub slower_than: Option<Duration>,
    /// Of the others this share.
    pub sample: Percent,
    /// More fields, and what gives their values. Sorted.
    pub fields: Vec<(String, Key)>,
}

/// How a line of the access log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogFormat {
    /// One object a line.
    Json,
    /// One line for people.
    Text,
}

/// Where the access log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogExporter {
    /// Standard output.
    Stdout,
    /// The collector of the mesh.
    Otlp,
}

/// `503` or `5xx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusPattern {
    /// One status, 100 to 599.
    Exactly(u16),
    /// Its first digit, 1 to 5.
    Class(u8),
}

impl StatusPattern {
    /// Whether a status is meant.
    pub fn matches(self, status: u16) -> bool {
        match self {
            Self::Exactly(exact) => exact == status,
            Self::Class(class) => u16::from(class) == status / 100,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_every_status_of_its_first_digit() {
        let class = StatusPattern::Class(5);
        assert!(class.matches(500) && class.matches(599) && !class.matches(499));
        assert!(StatusPattern::Exactly(403).matches(403));
    }
}
