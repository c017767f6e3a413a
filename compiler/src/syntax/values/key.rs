use mesh_ir::Key;

use super::claim;
use super::header::is_token;

const SHAPE: &str =
    "one of caller, address, header:NAME, query:NAME, cookie:NAME, claim:NAME and $1 to $9";

/// `caller`, `address`, `header:NAME`, `query:NAME`, `cookie:NAME`, `claim:NAME`, `$1`…`$9`.
pub(super) fn parse(text: &str) -> Result<Key, &'static str> {
    match text {
        "caller" => return Ok(Key::Caller),
        "address" => return Ok(Key::Address),
        _ => {}
    }
    if let Some(digit) = text.strip_prefix('$') {
        return match digit.as_bytes() {
            [digit @ b'1'..=b'9'] => Ok(Key::Capture(digit - b'0')),
            _ => Err(SHAPE),
        };
    }
    let (kind, name) = text.split_once(':').ok_or(SHAPE)?;
    match kind {
        "header" if is_token(name) => Ok(Key::Header(name.to_ascii_lowercase())),
        "cookie" if is_token(name) => Ok(Key::Cookie(name.to_owned())),
        "claim" => {
            claim::parse(name)?;
            Ok(Key::Claim(name.to_owned()))
        }
        "query" if !name.is_empty() => Ok(Key::Query(name.to_owned())),
        _ => Err(SHAPE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_what_they_read() {
        let good = [
            ("caller", Key::Caller),
            ("address", Key::Address),
            ("header:X-User", Key::Header("x-user".into())),
            ("query:q", Key::Query("q".into())),
            ("cookie:Session", Key::Cookie("Session".into())),
            ("claim:sub", Key::Claim("sub".into())),
            ("claim:/a/b", Key::Claim("/a/b".into())),
            ("$9", Key::Capture(9)),
        ];
        for (text, key) in good {
            assert_eq!(parse(text), Ok(key), "{text}");
        }
        for text in [
            "",
            "$",
            "$0",
            "$10",
            "header:",
            "header:a b",
            "cookie",
            "query:",
            "path",
            "claim:",
            "claim:/",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
