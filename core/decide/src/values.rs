use std::borrow::Cow;

use mesh_ir::{NamedValue, ValueMatch};

use crate::automaton::{Automaton, InvalidRegex};
use crate::escape::escaped_byte;
use crate::mode::Mode;
use crate::request::Headers;

/// A condition on the values under a name, ready to test.
#[derive(Debug, Clone)]
pub(crate) struct ValueTest {
    /// Of the header, query parameter or cookie.
    pub(crate) name: Box<str>,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Exact(Box<[u8]>),
    Prefix(Box<[u8]>),
    Suffix(Box<[u8]>),
    Regex(Automaton),
    In(Vec<Box<[u8]>>),
    Present,
    Absent,
}

/// Runs through values and calls its argument with each.
type Values<'a> = &'a dyn Fn(&mut dyn FnMut(&[u8]));

impl ValueTest {
    pub(crate) fn new(condition: &NamedValue) -> Result<Self, InvalidRegex> {
        let bytes = |text: &String| text.as_bytes().into();
        Ok(Self {
            name: condition.name.as_str().into(),
            test: match &condition.value {
                ValueMatch::Exact(text) => Test::Exact(bytes(text)),
                ValueMatch::Prefix(text) => Test::Prefix(bytes(text)),
                ValueMatch::Suffix(text) => Test::Suffix(bytes(text)),
                ValueMatch::Regex(regex) => Test::Regex(Automaton::new(regex)?),
                ValueMatch::In(texts) => Test::In(texts.iter().map(bytes).collect()),
                ValueMatch::Present => Test::Present,
                ValueMatch::Absent => Test::Absent,
            },
        })
    }

    /// Whether the values hold: where a condition opens all of them must (and one
    /// must be there), elsewhere one is enough.
    pub(crate) fn holds(&self, values: Values<'_>, mode: Mode) -> bool {
        let (mut count, mut good) = (0_u32, 0_u32);
        values(&mut |value| {
            count += 1;
            good += u32::from(self.is_met_by(value, mode));
        });
        match (&self.test, mode) {
            (Test::Absent, _) => count == 0,
            (_, Mode::Strict) => count > 0 && good == count,
            (_, Mode::Plain | Mode::Lenient) => good > 0,
        }
    }

    fn is_met_by(&self, value: &[u8], mode: Mode) -> bool {
        match &self.test {
            Test::Exact(text) => **text == *value,
            Test::Prefix(text) => value.starts_with(text),
            Test::Suffix(text) => value.ends_with(text),
            Test::Regex(regex) if mode == Mode::Lenient => regex.matches_folded(value),
            Test::Regex(regex) => regex.matches(value),
            Test::In(texts) => texts.iter().any(|text| **text == *value),
            Test::Present => true,
            Test::Absent => false,
        }
    }
}

/// Calls `f` with every value of a header; lines of `cookie`, which HTTP/2 may cut
/// into crumbs (RFC 9113 section 8.2.3), are one value.
pub(crate) fn header_values(headers: &dyn Headers, name: &str, f: &mut dyn FnMut(&[u8])) {
    if name != "cookie" {
        return headers.for_each(name, f);
    }
    let mut joined: Option<Vec<u8>> = None;
    headers.for_each(name, &mut |line| match &mut joined {
        Some(joined) => {
            joined.extend_from_slice(b"; ");
            joined.extend_from_slice(line);
        }
        None => joined = Some(line.to_vec()),
    });
    if let Some(joined) = joined {
        f(&joined);
    }
}

/// Calls `f` with every value of a query parameter, decoded.
pub(crate) fn query_values(query: Option<&[u8]>, name: &str, f: &mut dyn FnMut(&[u8])) {
    let pairs = query
        .into_iter()
        .flat_map(|text| text.split(|byte| *byte == b'&'));
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        let (key, value) = split_once(pair, b'=').unwrap_or((pair, b""));
        if *form_decoded(key) == *name.as_bytes() {
            f(&form_decoded(value));
        }
    }
}

/// Calls `f` with every value of a cookie, in every `cookie` line.
pub(crate) fn cookie_values(headers: &dyn Headers, name: &str, f: &mut dyn FnMut(&[u8])) {
    headers.for_each("cookie", &mut |line| {
        for pair in line.split(|byte| *byte == b';') {
            if let Some((key, value)) = split_once(pair.trim_ascii(), b'=')
                && *key.trim_ascii_end() == *name.as_bytes()
            {
                f(value.trim_ascii_start());
            }
        }
    });
}

fn split_once(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|it| *it == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

/// `application/x-www-form-urlencoded`; what is no escape stays as it is.
fn form_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let (byte, length) = match (escaped_byte(rest), first) {
            (Some(byte), _) => (byte, 3),
            (None, b'+') => (b' ', 1),
            (None, _) => (*first, 1),
        };
        out.push(byte);
        rest = rest.get(length..).unwrap_or(after);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(value: ValueMatch, values: &[&[u8]], mode: Mode) -> bool {
        let condition = NamedValue {
            name: "n".into(),
            value,
        };
        ValueTest::new(&condition)
            .unwrap()
            .holds(&|f| values.iter().for_each(|value| f(value)), mode)
    }

    fn query(text: &str, name: &str) -> Vec<String> {
        let mut out = vec![];
        query_values(Some(text.as_bytes()), name, &mut |value| {
            out.push(String::from_utf8_lossy(value).into_owned());
        });
        out
    }

    #[test]
    fn each_test_does_what_its_word_says() {
        let text = |text: &str| text.to_owned();
        let mode = Mode::Strict;
        assert!(holds(ValueMatch::Exact(text("a")), &[b"a"], mode));
        assert!(!holds(ValueMatch::Exact(text("a")), &[b"A"], Mode::Lenient));
        assert!(holds(ValueMatch::Prefix(text("a")), &[b"ab"], mode));
        assert!(holds(ValueMatch::Suffix(text("b")), &[b"ab"], mode));
        assert!(holds(ValueMatch::Regex(text("a.")), &[b"a\xff"], mode));
        assert!(!holds(ValueMatch::Regex(text("a.")), &[b"abc"], mode));
        assert!(holds(
            ValueMatch::In(vec![text("a"), text("b")]),
            &[b"b"],
            mode
        ));
        assert!(holds(ValueMatch::Present, &[b""], mode) && !holds(ValueMatch::Present, &[], mode));
        assert!(holds(ValueMatch::Absent, &[], mode) && !holds(ValueMatch::Absent, &[b""], mode));
    }

    #[test]
    fn to_open_every_value_must_match_and_to_close_one_is_enough() {
        let one = || ValueMatch::Exact("1".into());
        let both: [&[u8]; 2] = [b"1", b"2"];
        assert!(!holds(one(), &both, Mode::Strict));
        assert!(holds(one(), &both, Mode::Lenient) && holds(one(), &both, Mode::Plain));
        assert!(!holds(one(), &[], Mode::Strict));
    }

    #[test]
    fn only_what_closes_folds_the_case_of_a_regex() {
        let regex = || ValueMatch::Regex("curl/.*".into());
        assert!(holds(regex(), &[b"Curl/8"], Mode::Lenient));
        assert!(!holds(regex(), &[b"Curl/8"], Mode::Strict));
    }

    #[test]
    fn a_query_is_decoded_and_a_plus_is_a_space() {
        assert_eq!(query("a=1&b=2&a=3", "a"), ["1", "3"]);
        assert_eq!(query("%61=x+y%20z%2B", "a"), ["x y z+"]);
        assert_eq!(query("a", "a"), [""]);
        assert_eq!(query("a=b=c&&=d", "a"), ["b=c"]);
        assert_eq!(query("a=%zz%4", "a"), ["%zz%4"]);
        assert_eq!(query("A=1", "a"), [""; 0]);
    }

    #[test]
    fn cookies_are_read_from_every_line() {
        let headers = vec![
            ("cookie".to_owned(), b"a=1; b=2".to_vec()),
            ("cookie".to_owned(), b" a = 3;flag".to_vec()),
        ];
        let mut values = vec![];
        cookie_values(&headers, "a", &mut |value| values.push(value.to_vec()));
        assert_eq!(values, [b"1", b"3"]);
        let mut lines = vec![];
        header_values(&headers, "cookie", &mut |value| lines.push(value.to_vec()));
        assert_eq!(lines, [b"a=1; b=2;  a = 3;flag"]);
    }
}
