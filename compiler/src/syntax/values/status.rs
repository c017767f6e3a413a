use crate::syntax::ast::{Spanned, StatusPattern};
use crate::syntax::decode::scalar::{integer, scalar, word};
use crate::syntax::node::Node;
use crate::syntax::read::{Meaning, meaning};
use crate::syntax::report::{Read, Report};

/// `503` or `5xx`.
pub(in crate::syntax) fn status_pattern(
    node: &Node<'_>,
    report: &mut Report,
) -> Read<Spanned<StatusPattern>> {
    let written = scalar(node, report, "a status")?;
    if written.plain && meaning(&written.text) != Meaning::Text {
        let status = integer(node, report, 100_u16..=599)?;
        return Ok(Spanned::new(
            StatusPattern::Exactly(status.value),
            status.span,
        ));
    }
    word(node, report, &CLASSES)
}

pub(in crate::syntax) const CLASSES: [(&str, StatusPattern); 5] = [
    ("1xx", StatusPattern::Class(1)),
    ("2xx", StatusPattern::Class(2)),
    ("3xx", StatusPattern::Class(3)),
    ("4xx", StatusPattern::Class(4)),
    ("5xx", StatusPattern::Class(5)),
];
