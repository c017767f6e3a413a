use std::borrow::Cow;

/// The byte that an escape at the start of `text` stands for.
pub(crate) fn escaped_byte(text: &[u8]) -> Option<u8> {
    match text {
        [b'%', high, low, ..] => Some(hex_value(*high)? << 4 | hex_value(*low)?),
        _ => None,
    }
}

/// The bytes of a text with every escape decoded once; what is no escape stays.
pub(crate) fn decoded(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let first = *rest.first()?;
        let escaped = escaped_byte(rest);
        at += if escaped.is_some() { 3 } else { 1 };
        escaped.or(Some(first))
    })
}

/// RFC 3986 section 6.2.2: unreserved characters unescaped, other escapes in
/// upper case. What is no escape stays.
pub(crate) fn canonical(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        match escaped_byte(rest) {
            Some(byte) if is_unreserved(byte) => out.push(byte),
            Some(_) => out.extend([b'%', upper(rest[1]), upper(rest[2])]),
            None => {
                out.push(*first);
                rest = after;
                continue;
            }
        }
        rest = &rest[3..];
    }
    Cow::Owned(out)
}

/// RFC 9110 section 5.6.2: what a method name is made of.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn upper(digit: u8) -> u8 {
    digit.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unreserved_characters_are_unescaped_and_others_upper_case() {
        assert_eq!(&*canonical(b"/%41%2d%3a%2F%zz%"), b"/A-%3A%2F%zz%");
        assert!(matches!(canonical(b"/plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn everything_is_decoded_once() {
        let text: Vec<u8> = decoded(b"%41%252f%zz%4").collect();
        assert_eq!(text, b"A%2f%zz%4");
    }

    #[test]
    fn methods_are_tokens() {
        assert!(is_token(b"GET") && is_token(b"M-SEARCH"));
        assert!(
            !is_token(b"") && !is_token(b"GE T") && !is_token(b"GET,PUT") && !is_token(b"\xff")
        );
    }

    proptest! {
        #[test]
        fn the_canonical_text_means_the_same_bytes(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            // `%%341` decodes to `%41`, which must not be decoded again.
            let valid = text.iter().enumerate().all(|(at, byte)| *byte != b'%' || escaped_byte(&text[at..]).is_some());
            prop_assume!(valid);
            let again: Vec<u8> = decoded(&canonical(&text)).collect();
            prop_assert_eq!(again, decoded(&text).collect::<Vec<_>>());
            prop_assert_eq!(canonical(&canonical(&text)).into_owned(), canonical(&text).into_owned());
        }
    }
}
