use std::fmt;
use std::sync::Arc;

/// A host in its one canonical form: lower case, no trailing dot, no port.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(Arc<str>);

/// Why a text is not a host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHost {
    /// Nothing there.
    #[error("a host needs at least one character")]
    Empty,
    /// Over 253 bytes.
    #[error("a host has at most 253 characters, this has {0}")]
    TooLong(usize),
    /// Two dots in a row, or one at an end.
    #[error("a host has no empty label")]
    EmptyLabel,
    /// A label of more than 63 characters, or with a hyphen at an end.
    #[error("`{0}` is no label of a host")]
    Label(String),
    /// A character outside `[a-z0-9-.]`.
    #[error("`{0}` may not stand in a host (lower-case letters, digits, `-`, `.`)")]
    Character(char),
}

impl Host {
    /// Takes a host as an intent writes it: already in canonical form.
    pub fn parse(text: &str) -> Result<Self, InvalidHost> {
        if text.is_empty() {
            return Err(InvalidHost::Empty);
        }
        if text.len() > 253 {
            return Err(InvalidHost::TooLong(text.len()));
        }
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if let Some(bad) = text.chars().find(|c| !allowed(*c)) {
            return Err(InvalidHost::Character(bad));
        }
        for label in text.split('.') {
            if label.is_empty() {
                return Err(InvalidHost::EmptyLabel);
            }
            if label.len() > 63 || label.starts_with('-') || label.ends_with('-') {
                return Err(InvalidHost::Label(label.to_owned()));
            }
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

/// A host, or `*.` and a host: one or more labels before it, never itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostPattern {
    /// This host.
    Exact(Host),
    /// Every host below this one.
    Below(Host),
}

impl HostPattern {
    /// Parses `host` or `*.host`.
    pub fn parse(text: &str) -> Result<Self, InvalidHost> {
        match text.strip_prefix("*.") {
            Some(rest) => Host::parse(rest).map(Self::Below),
            None => Host::parse(text).map(Self::Exact),
        }
    }

    /// Whether a host in canonical form is meant.
    pub fn matches(&self, host: &str) -> bool {
        match self {
            Self::Exact(exact) => exact.as_str() == host,
            Self::Below(base) => host
                .strip_suffix(base.as_str())
                .and_then(|front| front.strip_suffix('.'))
                .is_some_and(|front| !front.is_empty()),
        }
    }

    /// Whether every host of the other is one of these.
    pub fn contains(&self, other: &Self) -> bool {
        match other {
            Self::Exact(host) => self.matches(host.as_str()),
            Self::Below(base) => self == other || self.is_below() && self.matches(base.as_str()),
        }
    }

    /// Whether some host is meant by both.
    pub fn meets(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// Greater for the pattern that means fewer hosts: of two that mean one host, the
    /// greater is the closer.
    pub fn closeness(&self) -> usize {
        match self {
            Self::Exact(_) => usize::MAX,
            Self::Below(base) => base.as_str().len(),
        }
    }

    fn is_below(&self) -> bool {
        matches!(self, Self::Below(_))
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(host) => write!(f, "{host}"),
            Self::Below(host) => write!(f, "*.{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_or_more_labels_and_not_the_host_itself() {
        let below = HostPattern::parse("*.shop.example").unwrap();
        assert!(below.matches("a.shop.example") && below.matches("a.b.shop.example"));
        assert!(
            !below.matches("shop.example")
                && !below.matches("xshop.example")
                && !below.matches(".shop.example")
        );
    }

    #[test]
    fn of_two_patterns_one_contains_the_other_or_they_do_not_meet() {
        let contained = [
            ("*.example", "a.example"),
            ("*.example", "a.b.example"),
            ("*.example", "*.a.example"),
            ("*.example", "*.example"),
            ("a.example", "a.example"),
        ];
        for (wide, narrow) in contained {
            let (wide, narrow) = (pattern(wide), pattern(narrow));
            assert!(wide.contains(&narrow), "{wide} {narrow}");
            assert!(wide.meets(&narrow) && narrow.meets(&wide));
            assert!(wide == narrow || !narrow.contains(&wide));
            assert!(wide == narrow || narrow.closeness() > wide.closeness());
        }
        let apart = [
            ("*.example", "example"),
            ("*.a.example", "a.example"),
            ("*.a.example", "*.b.example"),
            ("*.a.example", "xa.example"),
            ("a.example", "b.example"),
        ];
        for (one, other) in apart {
            assert!(!pattern(one).meets(&pattern(other)), "{one} {other}");
        }
    }

    fn pattern(text: &str) -> HostPattern {
        HostPattern::parse(text).unwrap()
    }

    #[test]
    fn hosts_are_written_canonically() {
        assert_eq!(
            Host::parse("Shop.example"),
            Err(InvalidHost::Character('S'))
        );
        assert_eq!(Host::parse("shop.example."), Err(InvalidHost::EmptyLabel));
        assert_eq!(Host::parse("shop:80"), Err(InvalidHost::Character(':')));
        assert_eq!(Host::parse("-a.b"), Err(InvalidHost::Label("-a".into())));
    }
}
