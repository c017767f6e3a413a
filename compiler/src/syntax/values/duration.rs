use std::time::Duration;

use crate::syntax::ast::Spanned;
use crate::syntax::codes::invalid_value;
use crate::syntax::decode::scalar::parsed;
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};

const WHAT: &str = "a duration";
const SHAPE: &str = "write it as `250ms`, `2s` or `1m30s`";

/// The longest duration of the language: a year.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// `250ms`, `2s`, `1m30s`; never zero.
pub(in crate::syntax) fn duration(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Duration>> {
    parsed(node, report, WHAT, parse)
}

/// A duration, or `none` where there may be no bound.
pub(in crate::syntax) fn bound(
    node: &Node<'_>,
    report: &mut Report,
) -> Read<Spanned<Option<Duration>>> {
    parsed(node, report, "a duration or `none`", |text| match text {
        "none" => Ok(None),
        _ => parse(text).map(Some),
    })
}

/// A duration in bounds.
pub(in crate::syntax) fn duration_within(
    node: &Node<'_>,
    report: &mut Report,
    (shortest, longest): (Duration, Duration),
) -> Read<Spanned<Duration>> {
    let found = duration(node, report)?;
    if (shortest..=longest).contains(&found.value) {
        return Ok(found);
    }
    let text = format!("{}s", found.value.as_secs_f64());
    let reason = format!("from {}s to {}s", shortest.as_secs(), longest.as_secs());
    let what = "in range";
    Err(report.push(invalid_value::error(node.span, &text, what, reason)))
}

/// Hours, minutes, seconds and milliseconds, in this order, each at most once.
fn parse(text: &str) -> Result<Duration, &'static str> {
    let units = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let mut left = units.as_slice();
    let mut rest = text;
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let unit_length = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(unit_length);
        let place = left
            .iter()
            .position(|(name, _)| *name == unit)
            .ok_or(SHAPE)?;
        let number: u64 = number.parse().map_err(|_| SHAPE)?;
        sum = number
            .checked_mul(left[place].1)
            .and_then(|milliseconds| sum.checked_add(milliseconds))
            .ok_or("at most a year")?;
        left = &left[place + 1..];
        rest = after;
    }
    match Duration::from_millis(sum) {
        Duration::ZERO if text.is_empty() => Err(SHAPE),
        Duration::ZERO => Err("a duration is at least 1ms"),
        found if found > LONGEST => Err("at most a year"),
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stand_in_order_and_once() {
        let good = [
            ("250ms", 250),
            ("2s", 2000),
            ("1m30s", 90_000),
            ("1h5ms", 3_600_005),
        ];
        for (text, milliseconds) in good {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)));
        }
        for text in [
            "", "2", "s", "1s1m", "1s1s", "1 s", "1.5s", "-1s", "1d", "1S", "é",
        ] {
            assert_eq!(parse(text), Err(SHAPE), "{text}");
        }
    }

    #[test]
    fn zero_and_eternity_are_refused() {
        assert_eq!(parse("0s"), Err("a duration is at least 1ms"));
        assert_eq!(parse("9000h"), Err("at most a year"));
        assert_eq!(parse("18446744073709551615h"), Err("at most a year"));
    }
}
