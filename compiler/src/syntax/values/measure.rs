use std::time::Duration;

use mesh_ir::{Percent, Rate};

/// `10%`, `0.1%`: at most three decimals, at most 100 %.
pub(super) fn percent(text: &str) -> Result<Percent, &'static str> {
    parts(text)?
        .filter(|percent| *percent <= Percent::ALL)
        .ok_or("at most 100%")
}

/// As [`percent`], of what may grow to a hundred times itself.
pub(super) fn growth(text: &str) -> Result<Percent, &'static str> {
    parts(text)?
        .filter(|percent| percent.0 <= 100 * Percent::ALL.0)
        .ok_or("at most 10000%")
}

/// `None` where the number is beyond every bound.
fn parts(text: &str) -> Result<Option<Percent>, &'static str> {
    const SHAPE: &str = "write it as `10%` or `0.1%`";
    let number = text.strip_suffix('%').ok_or(SHAPE)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !are_digits(whole) || !are_digits(part) {
        return Err(SHAPE);
    }
    if part.len() > 3 {
        return Err("a percentage has at most three decimals");
    }
    let part: u32 = format!("{part:0<3}").parse().map_err(|_| SHAPE)?;
    let whole = whole.parse().ok().and_then(|it: u32| it.checked_mul(1000));
    Ok(whole.and_then(|it| it.checked_add(part)).map(Percent))
}

/// `512B`, `64KiB`, `16MiB`, `1GiB`, in bytes; never zero.
pub(super) fn size(text: &str) -> Result<u64, &'static str> {
    const SHAPE: &str = "write it as `512B`, `64KiB`, `16MiB` or `1GiB`";
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(SHAPE),
    };
    let number: u64 = number.parse().map_err(|_| SHAPE)?;
    match number.checked_mul(factor) {
        Some(0) => Err("a size is at least 1B"),
        Some(bytes) => Ok(bytes),
        None => Err("at most 16383GiB"),
    }
}

/// `100/s`, `6000/m`, `10/h`; never zero.
pub(super) fn rate(text: &str) -> Result<Rate, &'static str> {
    const SHAPE: &str = "write it as `100/s`, `6000/m` or `10/h`";
    const MOST: u64 = 1_000_000_000;
    let (number, unit) = text.split_once('/').ok_or(SHAPE)?;
    let per = match unit {
        "s" => Duration::from_secs(1),
        "m" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        _ => return Err(SHAPE),
    };
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SHAPE);
    }
    match number.parse() {
        Ok(0) => Err("a rate is at least 1; to let nothing through, write a `deny`"),
        Ok(count) if count <= MOST => Ok(Rate { count, per }),
        _ => Err("at most 1000000000"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_keep_three_decimals() {
        let good = [
            ("0%", 0),
            ("0.1%", 100),
            ("10%", 10_000),
            ("99.999%", 99_999),
            ("100%", 100_000),
        ];
        for (text, value) in good {
            assert_eq!(percent(text), Ok(Percent(value)), "{text}");
        }
        for text in [
            "",
            "%",
            "10",
            "-1%",
            "100.001%",
            "101%",
            "1.%",
            ".5%",
            "0.0001%",
            "1e1%",
            "99999999999%",
        ] {
            assert!(percent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_in_powers_of_1024() {
        assert_eq!(size("64KiB"), Ok(65_536));
        assert_eq!(size("1B"), Ok(1));
        for text in [
            "",
            "64",
            "64KB",
            "64kib",
            "0B",
            "99999999999999GiB",
            "KiB",
            "1.5KiB",
            "é",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates_are_per_second_minute_or_hour() {
        let per = Duration::from_mins(1);
        assert_eq!(rate("6000/m"), Ok(Rate { count: 6000, per }));
        for text in [
            "",
            "100",
            "0/s",
            "1/d",
            "/s",
            "1.5/s",
            "+1/s",
            "1/S",
            "9999999999/s",
        ] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
