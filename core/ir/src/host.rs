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
