use std::fmt;

use crate::{InvalidSpiffeId, SpiffeId, TrustDomain};

/// A SPIFFE ID in which `*` stands for one whole path segment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpiffePattern {
    trust_domain: TrustDomain,
    segments: Vec<Segment>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Segment {
    Any,
    Is(String),
}

/// Why a text is not an identity pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// A star beside other characters.
    #[error("`*` stands for one whole segment of the path, not for a part of one")]
    PartialStar,
    /// A star in the trust domain.
    #[error("the trust domain of an identity pattern is written out")]
    StarInTrustDomain,
    /// The pattern has no path, so it names no workload.
    #[error("an identity pattern needs a path")]
    NoPath,
    /// Not a SPIFFE ID where the stars are replaced by names.
    #[error(transparent)]
    SpiffeId(#[from] InvalidSpiffeId),
}

impl SpiffePattern {
    /// Parses `spiffe://<trust-domain>/<segment or *>…`.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let named = SpiffeId::parse(&text.replace('*', "x"))?;
        let prefix = text.len() - named.path().len();
        if text[..prefix].contains('*') {
            return Err(InvalidPattern::StarInTrustDomain);
        }
        let Some(path) = text[prefix..].strip_prefix('/') else {
            return Err(InvalidPattern::NoPath);
        };
        let segment = |text: &str| match text {
            "*" => Ok(Segment::Any),
            _ if text.contains('*') => Err(InvalidPattern::PartialStar),
            _ => Ok(Segment::Is(text.to_owned())),
        };
        let segments = path.split('/').map(segment).collect::<Result<_, _>>()?;
        Ok(Self {
            trust_domain: named.trust_domain().clone(),
            segments,
        })
    }

    /// Whether `id` is one of those that the pattern stands for.
    pub fn matches(&self, id: &SpiffeId) -> bool {
        let Some(path) = id.path().strip_prefix('/') else {
            return false;
        };
        let mut left = path.split('/');
        self.trust_domain == *id.trust_domain()
            && self
                .segments
                .iter()
                .all(|segment| match (segment, left.next()) {
                    (Segment::Any, Some(_)) => true,
                    (Segment::Is(text), Some(part)) => text == part,
                    (_, None) => false,
                })
            && left.next().is_none()
    }

    /// Whether every identity of `other` is one of this pattern's.
    pub fn contains(&self, other: &Self) -> bool {
        self.pairwise(other, |mine, theirs| {
            *mine == Segment::Any || mine == theirs
        })
    }

    /// Whether no identity is in both.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        !self.pairwise(other, |a, b| {
            *a == Segment::Any || *b == Segment::Any || a == b
        })
    }

    /// The trust domain.
    pub fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }

    /// One identity that the pattern matches, with `x` for each star.
    ///
    /// # Panics
    ///
    /// Never: what `parse` took is an identity once each star is a name.
    pub fn example(&self) -> SpiffeId {
        SpiffeId::parse(&self.to_string().replace('*', "x"))
            .expect("a pattern with names for stars is a SPIFFE ID")
    }

    fn pairwise(&self, other: &Self, fits: impl Fn(&Segment, &Segment) -> bool) -> bool {
        self.trust_domain == other.trust_domain
            && self.segments.len() == other.segments.len()
            && self
                .segments
                .iter()
                .zip(&other.segments)
                .all(|(a, b)| fits(a, b))
    }
}

impl fmt::Display for SpiffePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "spiffe://{}", self.trust_domain)?;
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Any => f.write_str("/*"),
            Segment::Is(text) => write!(f, "/{text}"),
        })
    }
}

impl fmt::Debug for SpiffePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpiffePattern({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> SpiffePattern {
        SpiffePattern::parse(text).unwrap()
    }

    #[test]
    fn a_star_is_one_whole_segment() {
        let ci = pattern("spiffe://shop.example/ns/*/sa/ci");
        let id = |text| SpiffeId::parse(text).unwrap();
        assert!(ci.matches(&id("spiffe://shop.example/ns/web/sa/ci")));
        assert!(!ci.matches(&id("spiffe://shop.example/ns/web/x/sa/ci")));
        assert!(!ci.matches(&id("spiffe://other.example/ns/web/sa/ci")));
        assert!(!ci.matches(&id("spiffe://shop.example/ns/web/sa/ci2")));
        assert!(!ci.matches(&id("spiffe://shop.example")));
    }

    #[test]
    fn bad_patterns_say_why() {
        assert_eq!(
            SpiffePattern::parse("spiffe://a/ns/x*"),
            Err(InvalidPattern::PartialStar)
        );
        assert_eq!(
            SpiffePattern::parse("spiffe://*/ns/x"),
            Err(InvalidPattern::StarInTrustDomain)
        );
        assert_eq!(
            SpiffePattern::parse("spiffe://a"),
            Err(InvalidPattern::NoPath)
        );
    }

    #[test]
    fn containment_and_disjointness_go_by_segment() {
        let (wide, narrow) = (
            pattern("spiffe://a/ns/*/sa/*"),
            pattern("spiffe://a/ns/*/sa/ci"),
        );
        assert!(wide.contains(&narrow) && !narrow.contains(&wide));
        assert!(narrow.is_disjoint(&pattern("spiffe://a/ns/x/sa/web")));
        assert!(!narrow.is_disjoint(&pattern("spiffe://a/ns/x/sa/*")));
        assert!(wide.is_disjoint(&pattern("spiffe://b/ns/*/sa/*")));
    }
}
