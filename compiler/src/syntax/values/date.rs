use jiff::civil::Date;
use jiff::tz::TimeZone;
use mesh_ir::Timestamp;

const SHAPE: &str = "write it as `2027-01-31` (that day included) or `2027-01-31T12:00:00Z`";

/// The first instant that is not in it any more: of a day the beginning of the next
/// one in UTC, of an instant (RFC 3339) itself.
pub(super) fn end_of_date(text: &str) -> Result<Timestamp, &'static str> {
    if text.len() == "2027-01-31".len() {
        let date: Date = text.parse().map_err(|_| SHAPE)?;
        let next = date.tomorrow().map_err(|_| SHAPE)?;
        let midnight = next.to_zoned(TimeZone::UTC).map_err(|_| SHAPE)?;
        return Ok(Timestamp(midnight.timestamp().as_second()));
    }
    let has_zone =
        text.ends_with(['Z', 'z']) || text.get(19..).is_some_and(|rest| rest.contains(['+', '-']));
    if !text.is_ascii() || !has_zone || !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' '))
    {
        return Err(SHAPE);
    }
    let instant: jiff::Timestamp = text.parse().map_err(|_| SHAPE)?;
    Ok(Timestamp(instant.as_second()))
}

/// An instant, or the beginning of a day in UTC.
pub(super) fn instant(text: &str) -> Result<Timestamp, &'static str> {
    const DAY: i64 = 24 * 60 * 60;
    let Timestamp(end) = end_of_date(text)?;
    let is_day = text.len() == "2027-01-31".len();
    Ok(Timestamp(if is_day { end - DAY } else { end }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_included_and_an_instant_is_not() {
        assert_eq!(end_of_date("1970-01-01"), Ok(Timestamp(86_400)));
        assert_eq!(end_of_date("1970-01-01T00:00:00Z"), Ok(Timestamp(0)));
        assert_eq!(end_of_date("1970-01-01T01:00:00+01:00"), Ok(Timestamp(0)));
        assert_eq!(end_of_date("2027-01-31"), Ok(Timestamp(1_801_440_000)));
    }

    #[test]
    fn an_instant_may_be_the_beginning_of_a_day() {
        assert_eq!(instant("1970-01-02"), Ok(Timestamp(86_400)));
        assert_eq!(instant("1970-01-01T00:00:07Z"), Ok(Timestamp(7)));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "soon",
            "2027-02-30",
            "2027-1-1",
            "2027-01-31T12:00:00",
            "31.01.2027",
            "9999-99-99",
            "20270131",
            "٢027-01-3",
        ] {
            assert_eq!(end_of_date(text), Err(SHAPE), "{text}");
        }
    }
}
