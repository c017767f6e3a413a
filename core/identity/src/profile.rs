use std::time::Duration;

/// What the operator's CA puts into a workload certificate, whatever a request asked for.
///
/// X509-SVID: one URI SAN, no CA bit, `digitalSignature` only, `serverAuth` and
/// `clientAuth`; keys are ECDSA P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateProfile {
    lifetime: Duration,
}

/// A lifetime outside the bounds of the profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a certificate lives from 5 s to 24 h, not {0:?}")]
pub struct InvalidLifetime(pub Duration);

impl CertificateProfile {
    /// The shortest lifetime.
    pub const MIN_LIFETIME: Duration = Duration::from_secs(5);
    /// The longest lifetime.
    pub const MAX_LIFETIME: Duration = Duration::from_hours(24);
    /// How far `notBefore` lies in the past, for peers whose clock is behind.
    pub const BACKDATE: Duration = Duration::from_secs(30);

    /// A profile whose certificates end `lifetime` from their issue.
    pub fn new(lifetime: Duration) -> Result<Self, InvalidLifetime> {
        if lifetime < Self::MIN_LIFETIME || lifetime > Self::MAX_LIFETIME {
            return Err(InvalidLifetime(lifetime));
        }
        Ok(Self { lifetime })
    }

    /// From issue to `notAfter`.
    pub fn lifetime(self) -> Duration {
        self.lifetime
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_inclusive() {
        let seconds = |n| CertificateProfile::new(Duration::from_secs(n));
        assert!(seconds(5).is_ok() && seconds(86_400).is_ok());
        assert!(seconds(4).is_err() && seconds(86_401).is_err());
    }
}
