use std::fmt::Display;

use crate::syntax::ast::Spanned;
use crate::syntax::codes::{ambiguous_scalar, invalid_value};
use crate::syntax::node::{Node, NodeKind, Scalar};
use crate::syntax::read::{Meaning, meaning, quoted};
use crate::syntax::report::{Read, Report};

use super::{closest, mismatch};

/// What a scalar of the language is: how a message calls it, and how it is read.
///
/// The field decides the type. A plain scalar that some YAML reader takes for
/// something else than text is refused where it would be right as text.
pub(in crate::syntax) fn parsed<T, E: Display>(
    node: &Node<'_>,
    report: &mut Report,
    what: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Read<Spanned<T>> {
    parsed_except(node, report, what, &[], parse)
}

/// As [`parsed`], for dates, which may stand without quotes.
pub(in crate::syntax) fn parsed_date<T, E: Display>(
    node: &Node<'_>,
    report: &mut Report,
    what: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Read<Spanned<T>> {
    parsed_except(node, report, what, &[Meaning::Date], parse)
}

fn parsed_except<T, E: Display>(
    node: &Node<'_>,
    report: &mut Report,
    what: &'static str,
    unquoted: &[Meaning],
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Read<Spanned<T>> {
    let scalar = scalar(node, report, what)?;
    let text = scalar.text.as_ref();
    let value = parse(text)
        .map_err(|reason| report.push(invalid_value::error(node.span, text, what, reason)))?;
    let taken_for = meaning(text);
    if scalar.plain && taken_for != Meaning::Text && !unquoted.contains(&taken_for) {
        let error = ambiguous_scalar::error(node.span, text, taken_for, &quoted(text));
        return Err(report.push(error));
    }
    Ok(Spanned::new(value, node.span))
}

/// `true` or `false`, without quotes.
pub(in crate::syntax) fn boolean(node: &Node<'_>, report: &mut Report) -> Read<Spanned<bool>> {
    let scalar = scalar(node, report, "`true` or `false`")?;
    let text = scalar.text.as_ref();
    match (scalar.plain, meaning(text)) {
        (true, Meaning::Boolean) => Ok(Spanned::new(text == "true", node.span)),
        (true, Meaning::MaybeBoolean) => {
            let is_true = text.starts_with(['y', 'Y', 't', 'T']) || text.eq_ignore_ascii_case("on");
            let word = if is_true { "true" } else { "false" };
            let error = ambiguous_scalar::error(node.span, text, Meaning::MaybeBoolean, word);
            Err(report.push(error))
        }
        _ => Err(mismatch(node, report, "`true` or `false`")),
    }
}

/// `true`, where nothing else says anything.
pub(in crate::syntax) fn only_true(node: &Node<'_>, report: &mut Report) -> Read<Spanned<()>> {
    let value = boolean(node, report)?;
    if value.value {
        Ok(Spanned::new((), value.span))
    } else {
        let reason = "leave the field out instead";
        Err(report.push(invalid_value::error(node.span, "false", "`true`", reason)))
    }
}

/// A decimal integer without quotes, in bounds.
pub(in crate::syntax) fn integer<T>(
    node: &Node<'_>,
    report: &mut Report,
    bounds: std::ops::RangeInclusive<T>,
) -> Read<Spanned<T>>
where
    T: TryFrom<i128> + Copy + PartialOrd + Display,
{
    const WHAT: &str = "an integer";
    let scalar = scalar(node, report, WHAT)?;
    let text = scalar.text.as_ref();
    match (scalar.plain, meaning(text)) {
        (true, Meaning::Integer) => {}
        (true, Meaning::MaybeNumber) => {
            return Err(report.push(ambiguous_scalar::number(node.span, text)));
        }
        _ => return Err(mismatch(node, report, WHAT)),
    }
    let in_bounds = text
        .parse::<i128>()
        .ok()
        .and_then(|number| T::try_from(number).ok())
        .filter(|number| bounds.contains(number));
    in_bounds
        .map(|number| Spanned::new(number, node.span))
        .ok_or_else(|| {
            let reason = format!("from {} to {}", bounds.start(), bounds.end());
            report.push(invalid_value::error(node.span, text, "in range", reason))
        })
}

/// One word of a closed list.
pub(in crate::syntax) fn word<T: Copy>(
    node: &Node<'_>,
    report: &mut Report,
    words: &[(&'static str, T)],
) -> Read<Spanned<T>> {
    let scalar = scalar(node, report, "a word")?;
    let text = scalar.text.as_ref();
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(Spanned::new(*value, node.span));
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let near = closest(text, known.iter().copied());
    Err(report.push(invalid_value::word(node.span, text, &known, near)))
}

/// A scalar of whatever style.
pub(in crate::syntax) fn scalar<'n, 'a>(
    node: &'n Node<'a>,
    report: &mut Report,
    what: &'static str,
) -> Read<&'n Scalar<'a>> {
    match &node.kind {
        NodeKind::Scalar(scalar) => Ok(scalar),
        _ => Err(mismatch(node, report, what)),
    }
}
