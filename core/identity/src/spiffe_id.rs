use std::fmt;
use std::sync::Arc;

use crate::{InvalidTrustDomain, TrustDomain};

/// The longest SPIFFE ID that is generated or accepted, in bytes (SPIFFE-ID section 2.3).
const MAX_BYTES: usize = 2048;
const SCHEME: &str = "spiffe://";

/// A SPIFFE ID: a trust domain and a path of zero or more segments.
///
/// Held to SPIFFE-ID section 2: no query, fragment, user, port, escape, empty or
/// dot segment, and no trailing slash. Workloads of the mesh have the path
/// `/ns/<namespace>/sa/<account>`; a path-less ID names the trust domain itself
/// and never a workload.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpiffeId {
    trust_domain: TrustDomain,
    /// Empty, or starting with a slash.
    path: Arc<str>,
}

/// Why a text is not a SPIFFE ID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSpiffeId {
    /// Does not start with `spiffe://`.
    #[error("a SPIFFE ID starts with `spiffe://`")]
    Scheme,
    /// Over 2,048 bytes.
    #[error("a SPIFFE ID has at most {MAX_BYTES} bytes, this has {0}")]
    TooLong(usize),
    /// The part before the path is no trust domain.
    #[error(transparent)]
    TrustDomain(#[from] InvalidTrustDomain),
    /// Two slashes in a row, or one at the end.
    #[error("a SPIFFE ID has no empty path segment")]
    EmptySegment,
    /// `.` or `..`.
    #[error("a SPIFFE ID has no `.` or `..` segment")]
    DotSegment,
    /// A character outside `[a-zA-Z0-9.-_]` in a path segment.
    #[error("`{0}` may not stand in the path of a SPIFFE ID (letters, digits, `.`, `-`, `_`)")]
    Character(char),
}

impl SpiffeId {
    /// Parses `spiffe://<trust-domain>[/<segment>…]`. The scheme is taken without case.
    pub fn parse(text: &str) -> Result<Self, InvalidSpiffeId> {
        if text.len() > MAX_BYTES {
            return Err(InvalidSpiffeId::TooLong(text.len()));
        }
        let rest = match text.get(..SCHEME.len()) {
            Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => &text[SCHEME.len()..],
            _ => return Err(InvalidSpiffeId::Scheme),
        };
        let (domain, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let trust_domain = TrustDomain::parse(domain)?;
        if let Some(segments) = path.strip_prefix('/') {
            segments.split('/').try_for_each(check_segment)?;
        }
        Ok(Self {
            trust_domain,
            path: path.into(),
        })
    }

    /// The identity of a workload: `spiffe://<trust_domain>/ns/<namespace>/sa/<account>`.
    pub fn workload(
        trust_domain: &TrustDomain,
        namespace: &str,
        account: &str,
    ) -> Result<Self, InvalidSpiffeId> {
        check_segment(namespace)?;
        check_segment(account)?;
        let path = format!("/ns/{namespace}/sa/{account}");
        let total = SCHEME.len() + trust_domain.as_str().len() + path.len();
        if total > MAX_BYTES {
            return Err(InvalidSpiffeId::TooLong(total));
        }
        Ok(Self {
            trust_domain: trust_domain.clone(),
            path: path.into(),
        })
    }

    /// The identity of the operator: `spiffe://<trust_domain>/ns/meshwright/sa/operator`.
    pub fn operator(trust_domain: &TrustDomain) -> Self {
        Self {
            trust_domain: trust_domain.clone(),
            path: "/ns/meshwright/sa/operator".into(),
        }
    }

    /// The trust domain that vouches for this identity.
    pub fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }

    /// The path, empty or starting with a slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The namespace, where the path has the shape of a workload.
    pub fn namespace(&self) -> Option<&str> {
        self.workload_parts().map(|(namespace, _)| namespace)
    }

    /// The account, where the path has the shape of a workload.
    pub fn account(&self) -> Option<&str> {
        self.workload_parts().map(|(_, account)| account)
    }

    fn workload_parts(&self) -> Option<(&str, &str)> {
        let (namespace, account) = self.path.strip_prefix("/ns/")?.split_once("/sa/")?;
        (!namespace.contains('/') && !account.contains('/')).then_some((namespace, account))
    }
}

fn check_segment(segment: &str) -> Result<(), InvalidSpiffeId> {
    match segment {
        "" => Err(InvalidSpiffeId::EmptySegment),
        "." | ".." => Err(InvalidSpiffeId::DotSegment),
        _ => segment
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && !".-_".contains(*c))
            .map_or(Ok(()), |bad| Err(InvalidSpiffeId::Character(bad))),
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}{}", self.trust_domain, self.path)
    }
}

impl fmt::Debug for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpiffeId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workload_id_has_its_parts() {
        let id = SpiffeId::parse("spiffe://shop.example/ns/shop/sa/reviews").unwrap();
        assert_eq!(
            (id.namespace(), id.account()),
            (Some("shop"), Some("reviews"))
        );
        assert_eq!(
            id,
            SpiffeId::workload(id.trust_domain(), "shop", "reviews").unwrap()
        );
        assert_eq!(id.to_string(), "spiffe://shop.example/ns/shop/sa/reviews");
    }

    #[test]
    fn the_scheme_has_no_case_but_the_path_has() {
        assert_eq!(
            SpiffeId::parse("SPIFFE://a/x").unwrap(),
            SpiffeId::parse("spiffe://a/x").unwrap()
        );
        assert_ne!(
            SpiffeId::parse("spiffe://a/X").unwrap(),
            SpiffeId::parse("spiffe://a/x").unwrap()
        );
    }

    #[test]
    fn everything_the_standard_forbids_is_refused() {
        use InvalidSpiffeId as E;
        let cases = [
            ("https://a/x", E::Scheme),
            ("spiffe:/a", E::Scheme),
            ("", E::Scheme),
            ("spiffe:///x", E::TrustDomain(InvalidTrustDomain::Empty)),
            (
                "spiffe://a:1/x",
                E::TrustDomain(InvalidTrustDomain::Character(':')),
            ),
            (
                "spiffe://u@a/x",
                E::TrustDomain(InvalidTrustDomain::Character('@')),
            ),
            ("spiffe://a/", E::EmptySegment),
            ("spiffe://a//x", E::EmptySegment),
            ("spiffe://a/x/", E::EmptySegment),
            ("spiffe://a/./x", E::DotSegment),
            ("spiffe://a/../x", E::DotSegment),
            ("spiffe://a/%41", E::Character('%')),
            ("spiffe://a/x?q", E::Character('?')),
            ("spiffe://a/x#f", E::Character('#')),
            ("spiffe://a/é", E::Character('é')),
        ];
        for (text, error) in cases {
            assert_eq!(SpiffeId::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn exactly_2048_bytes_are_accepted() {
        let longest = format!("spiffe://a/{}", "x".repeat(2048 - 11));
        assert!(SpiffeId::parse(&longest).is_ok());
        assert_eq!(
            SpiffeId::parse(&format!("{longest}x")),
            Err(InvalidSpiffeId::TooLong(2049))
        );
    }

    #[test]
    fn other_paths_are_no_workload() {
        for text in [
            "spiffe://a",
            "spiffe://a/ns/x",
            "spiffe://a/ns/x/sa/y/z",
            "spiffe://a/x/ns/y/sa/z",
        ] {
            assert_eq!(SpiffeId::parse(text).unwrap().namespace(), None, "{text}");
        }
    }
}
