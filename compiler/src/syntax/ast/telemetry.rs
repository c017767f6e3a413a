use std::time::Duration;

use mesh_ir::{Key, Percent};

use super::{Named, Spanned, Target};
use crate::diagnostic::Span;

/// `spec` of a `Telemetry`; says at least one of its three parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Telemetry {
    /// What it speaks of.
    pub(crate) target: Target,
    /// Which requests are written to the log, and how.
    pub(crate) access_log: Option<AccessLog>,
    /// `traces.sample`: the share of requests without a parent whose trace is kept.
    pub(crate) traces: Option<Spanned<Percent>>,
    /// `metrics.labels`: more labels, and what gives their values.
    pub(crate) labels: Vec<Named<Key>>,
}

/// `accessLog`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessLog {
    /// Left out: `json`.
    pub(crate) format: Option<Spanned<LogFormat>>,
    /// Left out: standard output.
    pub(crate) exporter: Option<Spanned<LogExporter>>,
    /// `when.status`: these always; empty: no status is singled out.
    pub(crate) statuses: Vec<Spanned<StatusPattern>>,
    /// `when.slowerThan`: and these.
    pub(crate) slower_than: Option<Spanned<Duration>>,
    /// Of the others this share; left out: all of them, none where `when` is written.
    pub(crate) sample: Option<Spanned<Percent>>,
    /// More fields, and what gives their values.
    pub(crate) fields: Vec<Named<Key>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// A word of `accessLog.format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LogFormat {
    /// One object a line.
    Json,
    /// One line for people.
    Text,
}

/// A word of `accessLog.exporter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LogExporter {
    /// Standard output.
    Stdout,
    /// The collector of `Mesh.telemetry`.
    Otlp,
}

/// `503` or `5xx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StatusPattern {
    /// One status, 100 to 599.
    Exactly(u16),
    /// Its first digit, 1 to 5.
    Class(u8),
}
