use std::borrow::Cow;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, FileId, Place, Severity, Span};
use crate::sources::Sources;

/// Whether terminal colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Plain text, the same bytes everywhere.
    Never,
    /// ANSI colours.
    Always,
}

/// With the lines of the source, in the manner of rustc.
pub fn human(diagnostics: &[Diagnostic], sources: &Sources, colour: Colour) -> String {
    let renderer = match colour {
        Colour::Never => Renderer::plain(),
        Colour::Always => Renderer::styled(),
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&[report(diagnostic, sources)]));
        out.push_str("\n\n");
    }
    out
}

fn report<'d>(diagnostic: &'d Diagnostic, sources: &'d Sources) -> Group<'d> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(Cow::from(diagnostic.message.as_str()))
        .id(diagnostic.code.to_string());
    let mut group = title.elements(places(diagnostic, sources));
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}

/// One excerpt per file, the primary place's first.
fn places<'d>(diagnostic: &'d Diagnostic, sources: &'d Sources) -> Vec<Element<'d>> {
    let mut elements = Vec::new();
    let mut files: Vec<FileId> = Vec::new();
    match &diagnostic.primary {
        Place::At(span) => files.push(span.file),
        Place::Path(path) => elements.push(Origin::path(path.as_str()).into()),
        Place::Repository => {}
    }
    for (span, _) in &diagnostic.labels {
        if !files.contains(&span.file) {
            files.push(span.file);
        }
    }
    let excerpts = files
        .into_iter()
        .map(|file| excerpt(diagnostic, file, sources));
    elements.extend(excerpts);
    elements
}

fn excerpt<'d>(diagnostic: &'d Diagnostic, file: FileId, sources: &'d Sources) -> Element<'d> {
    let path = sources.path(file).as_ref();
    let Some(text) = sources.text(file) else {
        return Origin::path(path).into();
    };
    let mut snippet = Snippet::source(text).path(path);
    if let Place::At(span) = &diagnostic.primary
        && span.file == file
    {
        let mark = AnnotationKind::Primary.span(range(*span, text));
        snippet = snippet.annotation(mark.label(diagnostic.primary_label.as_deref()));
    }
    let labels = diagnostic.labels.iter().filter(|it| it.0.file == file);
    let labels = labels.map(|(span, label)| {
        let mark = AnnotationKind::Context.span(range(*span, text));
        mark.label(label.as_str())
    });
    snippet.annotations(labels).into()
}

/// The bytes of a span that are there, up to the end of its first line: a whole
/// document would be no excerpt.
fn range(span: Span, text: &str) -> std::ops::Range<usize> {
    let start = boundary(span.start as usize, text);
    let end = boundary(span.end as usize, text).max(start);
    let line = text[start..end].find('\n').map_or(end, |at| start + at);
    start..line
}

fn boundary(byte: usize, text: &str) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}
