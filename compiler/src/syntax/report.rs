use super::codes::more_findings;
use crate::diagnostic::{Diagnostic, FileId, Place, Span};

/// How many findings one file may have before the rest is only counted.
pub(super) const MAX_FINDINGS: usize = 100;

/// The findings of one file, bounded.
#[derive(Debug)]
pub(super) struct Report {
    file: FileId,
    findings: Vec<Diagnostic>,
    more: usize,
    first_dropped: Option<Span>,
}

/// Proof that an error has been reported: the caller says nothing more about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reported;

/// What decoding gives: a value, or the promise that its error is in the report.
pub(super) type Read<T> = Result<T, Reported>;

impl Report {
    pub(super) fn new(file: FileId) -> Self {
        Self {
            file,
            findings: Vec::new(),
            more: 0,
            first_dropped: None,
        }
    }

    /// Takes a finding; after the first [`MAX_FINDINGS`] only counts it.
    pub(super) fn push(&mut self, finding: Diagnostic) -> Reported {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            if let (None, Place::At(span)) = (self.first_dropped, &finding.primary) {
                self.first_dropped = Some(*span);
            }
            self.more += 1;
        }
        Reported
    }

    /// How many findings there were, those that are only counted included.
    pub(super) fn count(&self) -> usize {
        self.findings.len() + self.more
    }

    /// A span of this file.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let clamp = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        Span {
            file: self.file,
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }

    /// The findings, with a last one for those that are only counted.
    pub(super) fn into_findings(mut self) -> Vec<Diagnostic> {
        if self.more > 0 {
            let at = self.first_dropped.unwrap_or_else(|| self.span(0, 0));
            self.findings.push(more_findings::error(at, self.more));
        }
        self.findings
    }
}
