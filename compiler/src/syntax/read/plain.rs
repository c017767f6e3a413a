/// What YAML readers take a plain scalar for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Text, in YAML 1.1 and 1.2.
    Text,
    /// A decimal integer without sign tricks, in both.
    Integer,
    /// `true` or `false`, in both.
    Boolean,
    /// `null`, in both.
    Null,
    /// A day or an instant in 1.1, text in 1.2.
    Date,
    /// A number in both, but no decimal integer.
    Number,
    /// A boolean to some readers, text to others.
    MaybeBoolean,
    /// A number to some readers, text or another number to others.
    MaybeNumber,
    /// A special key to some readers.
    MaybeSpecial,
}

impl Meaning {
    /// What a message says that readers take it for.
    pub(in crate::syntax) fn describe(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer | Self::Number => "a number to YAML readers, not text",
            Self::Boolean => "a boolean to YAML readers, not text",
            Self::Null => "null",
            Self::Date => "a date to some YAML readers, text to others",
            Self::MaybeBoolean => "a boolean to some YAML readers, text to others",
            Self::MaybeNumber => "not the same number to all YAML readers",
            Self::MaybeSpecial => "not text to all YAML readers",
        }
    }
}

/// Classifies a plain scalar by the types of YAML 1.1 (yaml.org/type) and the core
/// schema of YAML 1.2.2, section 10.3.2.
pub(crate) fn meaning(text: &str) -> Meaning {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Meaning::Null,
        "true" | "false" => return Meaning::Boolean,
        "=" | "<<" => return Meaning::MaybeSpecial,
        _ => {}
    }
    if is_loose_boolean(text) {
        return Meaning::MaybeBoolean;
    }
    // Numbers and dates begin with a digit, a sign or a dot.
    let Some(first) = text.bytes().next() else {
        return Meaning::Null;
    };
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return Meaning::Text;
    }
    number(text)
}

fn is_loose_boolean(text: &str) -> bool {
    // Folding also catches mixed case, which is text everywhere: nobody misses `yEs`.
    text.len() <= 5
        && ["y", "n", "yes", "no", "on", "off", "true", "false"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
}

fn number(text: &str) -> Meaning {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_decimal = !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit());
    if is_decimal {
        return if unsigned.len() > 1 && unsigned.starts_with('0') {
            Meaning::MaybeNumber
        } else if text.starts_with('+') {
            Meaning::Number
        } else {
            Meaning::Integer
        };
    }
    if is_date(text) {
        return Meaning::Date;
    }
    let lower = unsigned.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return Meaning::Number;
    }
    if let Some(digits) = lower.strip_prefix("0x") {
        return among(digits, "0123456789abcdef_", Meaning::MaybeNumber);
    }
    if let Some(digits) = lower.strip_prefix("0o") {
        return among(digits, "01234567", Meaning::MaybeNumber);
    }
    if let Some(digits) = lower.strip_prefix("0b") {
        return among(digits, "01_", Meaning::MaybeNumber);
    }
    if is_sexagesimal(&lower) {
        return Meaning::MaybeNumber;
    }
    float(&lower)
}

fn among(digits: &str, allowed: &str, meaning: Meaning) -> Meaning {
    if !digits.is_empty() && digits.chars().all(|c| allowed.contains(c)) {
        meaning
    } else {
        Meaning::Text
    }
}

/// `1.5`, `.5`, `1e3`, `1_000`, `1_0.5`, in lower case and without sign.
fn float(lower: &str) -> Meaning {
    let (mantissa, exponent) = match lower.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (lower, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    });
    let has_digit = mantissa.bytes().any(|b| b.is_ascii_digit());
    let fits = mantissa
        .bytes()
        .all(|b| b.is_ascii_digit() || b == b'.' || b == b'_')
        && mantissa.matches('.').count() <= 1
        && !mantissa.starts_with('_');
    if !(exponent_fits && has_digit && fits) {
        Meaning::Text
    } else if mantissa.contains('_') || exponent.is_some() {
        Meaning::MaybeNumber
    } else {
        Meaning::Number
    }
}

/// `12:30`, `1:30:00.5`: base 60 in YAML 1.1.
fn is_sexagesimal(text: &str) -> bool {
    let mut parts = text.split(':');
    let whole = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    rest.peek().is_some()
        && !whole.is_empty()
        && whole.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        && rest.all(|part| {
            let digits = part.split('.').next().unwrap_or_default();
            (1..=2).contains(&digits.len()) && part.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        })
}

/// `2027-01-31` and what follows it in a timestamp of YAML 1.1.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let day_length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let time = &rest[day_length..];
    let is_time = time.is_empty()
        || (time.starts_with(['T', 't', ' ', '\t'])
            && time[1..].bytes().any(|b| b == b':')
            && time[1..]
                .bytes()
                .all(|b| b.is_ascii_digit() || b": \t.+-Zz".contains(&b)));
    digits(year, 4..=4) && digits(month, 1..=2) && (1..=2).contains(&day_length) && is_time
}

/// A text as a double-quoted scalar.
pub(in crate::syntax) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_that_readers_take_for_something_else_are_found() {
        let cases = [
            (
                Meaning::Text,
                "reviews v1 1.2.3 10.0.0.7 100/s 10% 2s 1m30s /a ::1 12:30x x1 on-call 2027-01 1-2-3 -a - -- + . ... 0xg 64KiB e3 _1",
            ),
            (Meaning::Integer, "0 7 9080 -1 18446744073709551616"),
            (Meaning::Boolean, "true false"),
            (Meaning::Null, "~ null Null NULL"),
            (
                Meaning::Date,
                "2027-01-31 2027-1-1 2026-12-01T12:00:00Z 2026-12-01t12:00:00.5+02:00",
            ),
            (Meaning::Number, "1.10 .5 5. -1.5 +1 .inf -.INF .NaN"),
            (Meaning::MaybeBoolean, "y N yes No on OFF True FALSE"),
            (
                Meaning::MaybeNumber,
                "0123 00 1e3 1.5e+3 1_000 0x1F 0o17 0b101 12:30 1:2:3 190:20:30.15 -0123",
            ),
            (Meaning::MaybeSpecial, "= <<"),
        ];
        for (expected, words) in cases {
            for word in words.split(' ') {
                assert_eq!(meaning(word), expected, "{word}");
            }
        }
    }

    #[test]
    fn quoting_escapes_what_it_must() {
        assert_eq!(quoted("1.10"), "\"1.10\"");
        assert_eq!(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c\\n\"");
    }
}
