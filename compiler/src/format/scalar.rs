//! How a scalar is written: without quotes where every reader of YAML takes it for text.

use std::fmt::Write as _;

use super::tree::Scalar;
use crate::syntax::{Meaning, meaning};

/// A scalar as one piece of a line. In brackets more has to be quoted.
pub(super) fn written(scalar: &Scalar, in_flow: bool) -> String {
    let text = &scalar.text;
    let stays_plain = scalar.plain || meaning(text) == Meaning::Text;
    if stays_plain && may_be_plain(text, in_flow) {
        text.clone()
    } else if text.contains(['"', '\\']) && !text.contains(must_be_escaped) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double_quoted(text)
    }
}

/// Whether YAML reads the text as itself without quotes, in 1.1 and 1.2.
fn may_be_plain(text: &str, in_flow: bool) -> bool {
    let flow_indicator = |c: char| matches!(c, ',' | '[' | ']' | '{' | '}');
    let mut characters = text.chars();
    let Some(first) = characters.next() else {
        return false;
    };
    let second = characters.next();
    let starts = match first {
        '-' | '?' | ':' => second.is_some_and(|c| !c.is_whitespace() && !flow_indicator(c)),
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
        | '@' | '`' => false,
        _ => true,
    };
    starts
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.starts_with(char::is_whitespace)
        && !text.ends_with(char::is_whitespace)
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(must_be_escaped)
        && !text.contains('\t')
        && !(in_flow && text.contains(flow_indicator))
        && !(in_flow && text.contains(":,"))
}

/// What YAML readers drop, fold or refuse when it stands for itself.
fn must_be_escaped(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if must_be_escaped(c) => {
                let number = u32::from(c);
                write!(out, "\\u{number:04x}").expect("strings take text");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str, in_flow: bool) -> String {
        let scalar = Scalar {
            text: text.to_owned(),
            plain: false,
        };
        written(&scalar, in_flow)
    }

    #[test]
    fn quotes_stay_only_where_readers_need_them() {
        for text in [
            "/reviews/**",
            "a:b",
            "::1",
            "$1",
            "-x",
            "it's",
            "100/s",
            "a b",
        ] {
            assert_eq!(quoted(text, true), text);
        }
        for text in [
            "1",
            "true",
            "on",
            "*.shop.example",
            "#team",
            "a: b",
            "",
            " a",
            "12:30",
        ] {
            assert_eq!(quoted(text, false), format!("\"{text}\""));
        }
        assert_eq!(quoted("a{2,3}", false), "a{2,3}");
        assert_eq!(quoted("a{2,3}", true), "\"a{2,3}\"");
    }

    #[test]
    fn a_backslash_is_written_once() {
        assert_eq!(quoted(r"[0-9]\d+", true), r"'[0-9]\d+'");
        assert_eq!(quoted("it's [\\d]", true), r"'it''s [\d]'");
        assert_eq!(quoted("ok\n", false), r#""ok\n""#);
        assert_eq!(quoted("\u{202e}\u{1}", false), r#""\u202e\u0001""#);
    }
}
