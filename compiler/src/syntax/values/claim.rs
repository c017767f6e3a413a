use crate::syntax::ast::Spanned;
use crate::syntax::codes::invalid_value;
use crate::syntax::report::{Read, Report};

const WHAT: &str = "the name of a claim";

/// A claim as a key: a top-level name, or a JSON pointer with a leading slash.
pub(in crate::syntax) fn claim_name(
    key: Spanned<&str>,
    report: &mut Report,
) -> Read<Spanned<String>> {
    parse(key.value)
        .map(|()| Spanned::new(key.value.to_owned(), key.span))
        .map_err(|reason| report.push(invalid_value::error(key.span, key.value, WHAT, reason)))
}

/// RFC 6901 for what begins with a slash; no part of a pointer is empty, so that none
/// points at the whole token.
pub(super) fn parse(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("write a name, or a JSON pointer such as `/realm_access/roles`");
    }
    let Some(pointer) = text.strip_prefix('/') else {
        return Ok(());
    };
    let is_escaped = |part: &str| {
        let mut rest = part.split('~');
        rest.next();
        rest.all(|behind| behind.starts_with(['0', '1']))
    };
    if pointer.split('/').any(str::is_empty) {
        Err("no part of a JSON pointer is empty here")
    } else if !pointer.split('/').all(is_escaped) {
        Err("in a JSON pointer `~` is written `~0`, and `/` is `~1`")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_names_or_pointers() {
        for text in [
            "sub",
            "https://shop.example/roles",
            "/a",
            "/a/b~1c~0",
            "a b",
        ] {
            assert_eq!(parse(text), Ok(()), "{text}");
        }
        for text in ["", "/", "/a/", "//a", "/a~", "/a~2b"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
