//! What the tests of this phase share.

use super::decode::Shape;
use super::{Overlay, ParsedFile, parse_file};
use crate::diagnostic::{Diagnostic, FileId, Place};
use crate::source_set::{SourceFile, SourceSet};
use crate::sources::Sources;

/// Parses one file.
pub(in crate::syntax) fn parsed(content: &[u8]) -> (ParsedFile, Sources) {
    let set = SourceSet {
        files: vec![SourceFile::new("intents.yaml", content)],
        ..SourceSet::default()
    };
    let sources = Sources::new(&set);
    (
        parse_file(FileId(0), &set.files[0], &Overlay::default()),
        sources,
    )
}

/// The only finding in a text.
pub(in crate::syntax) fn only(content: &[u8]) -> Diagnostic {
    let mut findings = parsed(content).0.diagnostics;
    findings.retain(|finding| finding.code.0 != 108);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.remove(0)
}

/// A text after the fixes of its findings.
pub(in crate::syntax) fn fixed(content: &[u8]) -> String {
    let mut fixes: Vec<_> = parsed(content)
        .0
        .diagnostics
        .into_iter()
        .filter_map(|finding| finding.fix)
        .collect();
    fixes.sort_by_key(|fix| std::cmp::Reverse(fix.span.start));
    let mut bytes = content.to_vec();
    for fix in fixes {
        let range = fix.span.start as usize..fix.span.end as usize;
        bytes.splice(range, fix.replacement.into_bytes());
    }
    String::from_utf8(bytes).unwrap()
}

/// Checks that the findings are those that comments announce: `# expect: M0123 M0124` at
/// the end of a line, or `# expect-next: M0123` on the line before. A code that a line
/// has several times is announced once.
pub(in crate::syntax) fn check_annotated(content: &[u8]) {
    let (parsed, sources) = parsed(content);
    let mut found: Vec<(u32, String)> = parsed
        .diagnostics
        .iter()
        .map(|finding| {
            assert!(finding.message.chars().count() <= 80, "{}", finding.message);
            let Place::At(span) = &finding.primary else {
                return (0, finding.code.to_string());
            };
            let line = sources.position(FileId(0), span.start).line;
            (line, finding.code.to_string())
        })
        .collect();
    found.sort();
    found.dedup();
    let mut expected = Vec::new();
    for (number, line) in (1..).zip(String::from_utf8_lossy(content).lines()) {
        for (marker, line_number) in [("# expect: ", number), ("# expect-next: ", number + 1)] {
            if let Some((_, codes)) = line.split_once(marker) {
                let codes = codes.split_whitespace();
                expected.extend(codes.map(|code| (line_number, code.to_owned())));
            }
        }
    }
    expected.sort();
    expected.dedup();
    assert_eq!(found, expected, "{:#?}", parsed.diagnostics);
}

/// One document of every kind, with every field that this version has.
pub(in crate::syntax) const GOOD: &str = include_str!("testing/every_field.yaml");

/// Every mapping of the language.
pub(in crate::syntax) const SHAPES: &[&Shape] = super::kinds::SHAPES;
