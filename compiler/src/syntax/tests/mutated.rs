use proptest::prelude::*;

use crate::diagnostic::{Place, Span};
use crate::syntax::report::MAX_FINDINGS;
use crate::syntax::testing::{GOOD, parsed};

/// Whatever comes in: no panic, bounded findings, and spans that lie in the file.
fn check(content: &[u8]) {
    let (parsed, sources) = parsed(content);
    assert!(parsed.diagnostics.len() <= MAX_FINDINGS + 1);
    let fits = |span: &Span| span.start <= span.end && span.end as usize <= content.len();
    for finding in &parsed.diagnostics {
        let Place::At(span) = &finding.primary else {
            panic!("{finding:?}")
        };
        assert!(fits(span), "{finding:?}");
        assert!(finding.labels.iter().all(|(span, _)| fits(span)));
        sources.position(span.file, span.start);
        if let Some(fix) = &finding.fix {
            assert!(fits(&fix.span), "{finding:?}");
        }
    }
    assert!(
        parsed
            .documents
            .iter()
            .all(|document| fits(&document.span()))
    );
    // Not the other way: what leads from a wrong key is dropped, and the rest is a document.
    assert!(parsed.broken.is_empty() || !parsed.diagnostics.is_empty());
}

/// A cut or an insertion at a place of a good file.
fn mutation() -> impl Strategy<Value = (prop::sample::Index, usize, String)> {
    let pieces = prop::sample::select(vec![
        "", " ", "\n", "\n\n", "\t", ":", ": ", "- ", "[", "]", "{", "}", ",", "\"", "'", "#",
        "&a ", "*a", "!t ", "~", "<<: ", "|", ">", "%", "@", "\u{FEFF}", "\0", "\r", "é", "🦀",
        "---\n", "...\n", "1.10", "on", "0123", "null", "{}", "[]", "? ",
    ]);
    (
        any::<prop::sample::Index>(),
        0_usize..12,
        pieces.prop_map(str::to_owned),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn arbitrary_bytes_never_panic(content in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&content);
    }

    #[test]
    fn arbitrary_text_never_panics(content in "[-a-z0-9:{}\\[\\]#&*!|>'\"%@, \n\t?é~]{0,200}") {
        check(content.as_bytes());
    }

    #[test]
    fn mutated_good_documents_never_panic(mutations in prop::collection::vec(mutation(), 1..6)) {
        let mut content = GOOD.as_bytes().to_vec();
        for (at, cut, insert) in mutations {
            let start = at.index(content.len().max(1)).min(content.len());
            let end = (start + cut).min(content.len());
            content.splice(start..end, insert.into_bytes());
        }
        check(&content);
    }
}

#[test]
fn a_document_that_is_only_an_anchor_or_a_tag_is_broken() {
    for text in ["&a", "!t", "--- &a\n...\n", "&é"] {
        check(text.as_bytes());
    }
}

#[test]
fn the_good_documents_are_good() {
    let (parsed, _) = parsed(GOOD.as_bytes());
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.broken, []);
    let kinds: std::collections::BTreeSet<_> = parsed
        .documents
        .iter()
        .map(crate::syntax::ast::Document::kind)
        .collect();
    assert_eq!(kinds.len(), mesh_ir::Kind::ALL.len());
}
