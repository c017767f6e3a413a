use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mesh_identity::{CertificateProfile, SpiffeId, Svid};
use rcgen::{
    CertificateParams, CertificateSigningRequestParams, DistinguishedName, ExtendedKeyUsagePurpose,
    IsCa, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKey, PublicKeyData, SanType, SerialNumber,
    SignatureAlgorithm,
};
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer};
use time::OffsetDateTime;

use super::CaError;
use super::root::Root;

/// A request of an honest proxy has a few hundred bytes.
const MAX_REQUEST: usize = 8 << 10;
/// An uncompressed point of P-256: 0x04, x, y.
const POINT_BYTES: usize = 65;

/// A certificate that was made, and what makes its holder believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issued {
    /// The leaf. The root signs it, so it is all of the chain.
    pub(crate) leaf: CertificateDer<'static>,
    /// Unix seconds.
    pub(crate) not_after: i64,
}

/// Why a request gets no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// Larger than any honest one.
    #[error("a certificate request has at most {MAX_REQUEST} bytes, this has {0}")]
    TooLarge(usize),
    /// Not PKCS#10, or not signed by its own key.
    #[error("the certificate request cannot be read or does not prove its key: {0}")]
    Unproven(String),
    /// Another kind of key.
    #[error("the key of a certificate request is ECDSA P-256")]
    Key,
}

/// The public key of a request that it signed itself.
#[derive(Debug, Clone)]
pub(crate) struct ProvenKey(PublicKey);

impl ProvenKey {
    /// Checks a request (PKCS#10, DER) and takes its key. Whatever else it asks for
    /// is not read.
    pub(crate) fn of_request(request: &[u8]) -> Result<Self, InvalidRequest> {
        if request.len() > MAX_REQUEST {
            return Err(InvalidRequest::TooLarge(request.len()));
        }
        let request = CertificateSigningRequestDer::from(request);
        let parsed = CertificateSigningRequestParams::from_der(&request)
            .map_err(|error| InvalidRequest::Unproven(error.to_string()))?;
        let key = parsed.public_key;
        let point = key.der_bytes();
        if *PublicKeyData::algorithm(&key) != PKCS_ECDSA_P256_SHA256
            || point.len() != POINT_BYTES
            || point.first() != Some(&4)
        {
            return Err(InvalidRequest::Key);
        }
        Ok(Self(key))
    }
}

impl PublicKeyData for ProvenKey {
    fn der_bytes(&self) -> &[u8] {
        self.0.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        PublicKeyData::algorithm(&self.0)
    }
}

/// Issues for a key whose holder proved that it has it.
pub(super) fn for_key(
    root: &Root,
    key: &impl PublicKeyData,
    identity: &SpiffeId,
    profile: CertificateProfile,
    now: SystemTime,
) -> Result<Issued, CaError> {
    if identity.trust_domain() != root.trust_domain() {
        return Err(CaError::OtherTrustDomain {
            pinned: root.trust_domain().clone(),
            named: identity.trust_domain().clone(),
        });
    }
    let crypto = |error: &dyn std::fmt::Display| CaError::Crypto(error.to_string());
    let mut parameters = CertificateParams::default();
    let name = identity.to_string();
    let name = name
        .try_into()
        .map_err(|error: rcgen::Error| crypto(&error))?;
    let end = instant(now + profile.lifetime(), 0);
    let last = OffsetDateTime::from_unix_timestamp(root.not_after()).unwrap_or(end);
    parameters.not_before = instant(now, -seconds(CertificateProfile::BACKDATE));
    parameters.not_after = end.min(last);
    parameters.serial_number = Some(random_serial());
    parameters.distinguished_name = DistinguishedName::new();
    parameters.subject_alt_names = vec![SanType::URI(name)];
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    parameters.use_authority_key_identifier_extension = true;
    let certificate = parameters
        .signed_by(key, root.issuer())
        .map_err(|error| crypto(&error))?;
    let leaf = certificate.der().clone();
    // What leaves is read once more as its verifiers will read it.
    let svid = Svid::from_der(&leaf).map_err(|error| crypto(&error))?;
    if svid.id != *identity {
        return Err(crypto(&"the certificate names another identity"));
    }
    Ok(Issued {
        leaf,
        not_after: svid.not_after,
    })
}

/// An instant in whole seconds, some seconds moved.
pub(super) fn instant(at: SystemTime, moved: i64) -> OffsetDateTime {
    let unix = at.duration_since(UNIX_EPOCH).map_or(0, seconds);
    OffsetDateTime::from_unix_timestamp(unix + moved).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// 127 random bits: positive, and never the same twice.
pub(super) fn random_serial() -> SerialNumber {
    let mut bytes: [u8; 16] = rand::random();
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    SerialNumber::from_slice(&bytes)
}
