//! The token that a proxy joins with: `id.secret.root`.

use std::fmt;

use zeroize::Zeroizing;

/// One use, one identity, and the SHA-256 of the root: so the proxy knows its
/// operator before it says a word.
pub(crate) struct JoinToken {
    text: Zeroizing<String>,
    root_hash: [u8; 32],
}

/// A text that is no join token. Never quotes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidJoinToken {
    /// Not three parts.
    #[error("a join token has three parts, `id.secret.root`")]
    Parts,
    /// The third part is not 64 hexadecimal digits.
    #[error("the third part of a join token is a SHA-256 in hexadecimal")]
    Root,
}

impl JoinToken {
    /// Reads a token; white space around it (the end of a file) does not count.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidJoinToken> {
        let text = text.trim();
        let mut parts = text.split('.');
        let (Some(id), Some(secret), Some(root), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidJoinToken::Parts);
        };
        if id.is_empty() || secret.is_empty() {
            return Err(InvalidJoinToken::Parts);
        }
        let root_hash = hash(root).ok_or(InvalidJoinToken::Root)?;
        Ok(Self {
            text: Zeroizing::new(text.to_owned()),
            root_hash,
        })
    }

    /// The whole token, for the operator that proved itself.
    pub(crate) fn reveal(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of the root's DER.
    pub(crate) fn root_hash(&self) -> [u8; 32] {
        self.root_hash
    }
}

fn hash(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let value = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(value(digits[0])? * 16 + value(digits[1])?).ok()?;
    }
    Some(bytes)
}

impl fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_part_is_the_root() {
        let token = JoinToken::parse(&format!("a1.s3cret.{}\n", "0f".repeat(32))).unwrap();
        assert_eq!(token.root_hash(), [0x0f; 32]);
        assert_eq!(token.reveal(), format!("a1.s3cret.{}", "0f".repeat(32)));
        assert_eq!(format!("{token:?}"), "JoinToken(…)");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let root = "0f".repeat(32);
        for text in [
            "",
            "a.b",
            "a..",
            &format!(".b.{root}"),
            &format!("a.b.{root}.c"),
        ] {
            assert!(JoinToken::parse(text).is_err(), "{text}");
        }
        for root in ["0f", &"zz".repeat(32), &"é".repeat(32)] {
            let text = format!("a.b.{root}");
            assert_eq!(JoinToken::parse(&text).unwrap_err(), InvalidJoinToken::Root);
        }
    }
}
