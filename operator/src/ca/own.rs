use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use mesh_identity::{CertificateProfile, SpiffeId};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivatePkcs8KeyDer;

use super::{Ca, CaError, issue};

/// The operator's certificate towards its proxies: leaf and root, so that a proxy
/// with a join token can compare the root's hash. Made anew at half its life, by
/// the first handshake after that.
#[derive(Debug)]
pub(crate) struct OwnCertificate {
    ca: Arc<Ca>,
    current: Mutex<Option<Current>>,
}

#[derive(Debug)]
struct Current {
    key: Arc<CertifiedKey>,
    made: SystemTime,
}

impl OwnCertificate {
    /// Issued by this authority, once it has a root.
    pub(crate) fn new(ca: Arc<Ca>) -> Self {
        Self {
            ca,
            current: Mutex::new(None),
        }
    }

    /// The certificate to use at an instant. A clock that was set back makes a new
    /// one too: the old one would not be valid yet.
    pub(crate) fn at(&self, now: SystemTime) -> Result<Arc<CertifiedKey>, CaError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let half = CertificateProfile::MAX_LIFETIME / 2;
        if let Some(current) = &*current
            && now.duration_since(current.made).is_ok_and(|age| age < half)
        {
            return Ok(current.key.clone());
        }
        let key = self.make(now)?;
        *current = Some(Current {
            key: key.clone(),
            made: now,
        });
        Ok(key)
    }

    fn make(&self, now: SystemTime) -> Result<Arc<CertifiedKey>, CaError> {
        let crypto = |error: &dyn std::fmt::Display| CaError::Crypto(error.to_string());
        let root = self.ca.current().ok_or(CaError::NoRoot)?;
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|e| crypto(&e))?;
        let profile = CertificateProfile::new(CertificateProfile::MAX_LIFETIME)
            .map_err(|error| crypto(&error))?;
        let identity = SpiffeId::operator(root.trust_domain());
        let issued = issue::for_key(&root, &pair, &identity, profile, now)?;
        let key = PrivatePkcs8KeyDer::from(pair.serialize_der());
        let key = any_supported_type(&key.into()).map_err(|error| crypto(&error))?;
        let chain = vec![issued.leaf, root.der().clone()];
        Ok(Arc::new(CertifiedKey::new(chain, key)))
    }
}

impl ResolvesServerCert for OwnCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.at(SystemTime::now())
            .inspect_err(|error| tracing::warn!(%error, "no certificate for the handshake"))
            .ok()
    }
}
