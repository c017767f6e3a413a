use std::fmt;
use std::sync::Arc;

/// The longest trust domain name, in bytes (SPIFFE-ID section 2.1).
const MAX_BYTES: usize = 255;

/// A SPIFFE trust domain name: 1 to 255 bytes of `[a-z0-9.-_]`.
///
/// SPIFFE-ID section 2.1. Upper case is refused rather than folded: one spelling.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrustDomain(Arc<str>);

/// Why a text is not a trust domain name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTrustDomain {
    /// Nothing there.
    #[error("a trust domain needs at least one character")]
    Empty,
    /// Over 255 bytes.
    #[error("a trust domain has at most {MAX_BYTES} bytes, this has {0}")]
    TooLong(usize),
    /// A character outside `[a-z0-9.-_]`.
    #[error("`{0}` may not stand in a trust domain (lower-case letters, digits, `.`, `-`, `_`)")]
    Character(char),
}

impl TrustDomain {
    /// Checks and takes a name without the `spiffe://` scheme.
    pub fn parse(text: &str) -> Result<Self, InvalidTrustDomain> {
        if text.is_empty() {
            return Err(InvalidTrustDomain::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(InvalidTrustDomain::TooLong(text.len()));
        }
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
        if let Some(bad) = text.chars().find(|c| !allowed(*c)) {
            return Err(InvalidTrustDomain::Character(bad));
        }
        Ok(Self(text.into()))
    }

    /// The name, without a scheme.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustDomain({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_is_taken() {
        assert_eq!(
            TrustDomain::parse("shop.example").unwrap().as_str(),
            "shop.example"
        );
        assert!(
            TrustDomain::parse("10.0.0.1").is_ok(),
            "IPv4 is not special"
        );
    }

    #[test]
    fn upper_case_ports_and_escapes_are_refused() {
        for (text, bad) in [
            ("Shop", 'S'),
            ("a:80", ':'),
            ("a%41", '%'),
            ("u@a", '@'),
            ("[::1]", '['),
        ] {
            assert_eq!(
                TrustDomain::parse(text),
                Err(InvalidTrustDomain::Character(bad))
            );
        }
    }

    #[test]
    fn length_is_bounded() {
        assert_eq!(TrustDomain::parse(""), Err(InvalidTrustDomain::Empty));
        assert_eq!(
            TrustDomain::parse(&"a".repeat(256)),
            Err(InvalidTrustDomain::TooLong(256))
        );
        assert!(TrustDomain::parse(&"a".repeat(255)).is_ok());
    }
}
