//! Diagnostics of the compiler as those of the protocol.

use std::collections::BTreeMap;
use std::sync::Arc;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location,
    NumberOrString, Position, Range,
};
use mesh_compiler::fix::{Edit, edit};
use mesh_compiler::language::position_of;
use mesh_compiler::{Place, Severity, Sources, Span};

use super::files::Files;

/// What was found in each file, and how it is fixed.
pub(super) type ByFile = BTreeMap<Arc<str>, Vec<Finding>>;

/// One finding in a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    pub(super) diagnostic: Diagnostic,
    /// The edit that ends it, if there is one; always of the same file.
    pub(super) fix: Option<Edit>,
}

/// The findings of a compilation by the files that they point at; those that point at no
/// text are left out, since no editor could show them.
pub(super) fn by_file(
    found: &[mesh_compiler::Diagnostic],
    sources: &Sources,
    files: &Files,
) -> ByFile {
    let mut all = ByFile::new();
    for one in found {
        let Place::At(span) = &one.primary else {
            continue;
        };
        let text = sources.text(span.file).unwrap_or_default();
        let fix = one.fix.as_ref().filter(|fix| fix.span.file == span.file);
        let finding = Finding {
            diagnostic: diagnostic(one, *span, sources, files),
            fix: fix.and_then(|fix| edit(text, fix)),
        };
        let path = Arc::clone(sources.path(span.file));
        all.entry(path).or_default().push(finding);
    }
    all
}

fn diagnostic(
    one: &mesh_compiler::Diagnostic,
    span: Span,
    sources: &Sources,
    files: &Files,
) -> Diagnostic {
    let mut message = one.message.clone();
    for more in one.primary_label.iter().chain(&one.help) {
        message = format!("{message}\n{more}");
    }
    let related = one.labels.iter().filter_map(|(at, text)| {
        let uri = files.uri_of(sources.path(at.file))?;
        let range = range(sources, *at);
        Some(DiagnosticRelatedInformation {
            location: Location { uri, range },
            message: text.clone(),
        })
    });
    let related: Vec<_> = related.collect();
    Diagnostic {
        range: range(sources, span),
        severity: Some(match one.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(one.code.to_string())),
        code_description: None::<CodeDescription>,
        source: Some("mesh".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        tags: None,
        data: None,
    }
}

fn range(sources: &Sources, span: Span) -> Range {
    let text = sources.text(span.file).unwrap_or_default();
    Range {
        start: position(text, span.start as usize),
        end: position(text, span.end as usize),
    }
}

/// A byte of a text as the protocol counts.
pub(super) fn position(text: &str, byte: usize) -> Position {
    let at = position_of(text, byte);
    Position {
        line: at.line,
        character: at.unit,
    }
}
