use crate::syntax::ast::PathTemplate;

/// A path with `$1`…`$9`, and perhaps a trailing `/**`.
pub(super) fn parse(text: &str) -> Result<PathTemplate, String> {
    if !text.starts_with('/') {
        return Err("a path starts with `/`".to_owned());
    }
    let (front, below) = match text.strip_suffix("/**") {
        Some(front) => (front, true),
        None => (text, false),
    };
    let mut captures = Vec::new();
    let mut rest = front.chars();
    while let Some(c) = rest.next() {
        match c {
            '$' => match rest.next() {
                Some(digit @ '1'..='9') => captures.push(digit as u8 - b'0'),
                _ => return Err("`$` is followed by a digit from 1 to 9".to_owned()),
            },
            '*' => return Err("`*` stands only in a trailing `/**`; use $1 to $9".to_owned()),
            '?' | '#' => return Err(format!("`{c}` ends a path: the query is kept as it is")),
            _ if c.is_ascii_alphanumeric() || "-._~!&'()+,=:@%/".contains(c) => {}
            _ => return Err(format!("`{c}` may not stand in a path")),
        }
    }
    let is_dot = |segment: &str| matches!(segment, "." | "..");
    if front.split('/').any(is_dot) {
        return Err("a path has no `.` or `..` segment".to_owned());
    }
    if front.contains("//") || (below && front.ends_with('/')) {
        return Err("a path has no empty segment".to_owned());
    }
    check_escapes(front)?;
    captures.sort_unstable();
    captures.dedup();
    Ok(PathTemplate {
        text: text.to_owned(),
        captures,
        below,
    })
}

fn check_escapes(text: &str) -> Result<(), String> {
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices('%') {
        let digits = bytes.get(at + 1..at + 3).unwrap_or_default();
        let is_escape = digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit);
        let refused: [&[u8]; 4] = [b"00", b"2F", b"2E", b"5C"];
        if !is_escape || refused.contains(&digits.to_ascii_uppercase().as_slice()) {
            return Err(
                "`%` is followed by two hexadecimal digits, of no slash, dot or NUL".to_owned(),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_are_listed_once_and_sorted() {
        let template = parse("/a/$2/$1-$2/**").unwrap();
        assert_eq!(template.captures, [1, 2]);
        assert!(template.below);
        assert!(parse("/**").unwrap().captures.is_empty());
        assert!(!parse("/").unwrap().below);
    }

    #[test]
    fn what_could_leave_the_path_is_refused() {
        for text in [
            "", "a", "/$", "/$0", "/a*", "/**/b", "/a?b", "/a#b", "/../b", "/a//b", "//**", "/%2f",
            "/%2", "/é", "/a b", "/%2e%2e",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
