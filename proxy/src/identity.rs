//! The proxy's own key and certificates: made here, and the key never leaves.

use mesh_identity::{InvalidSvid, Svid};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

/// A key, and the chain that speaks for it: leaf first.
pub(crate) struct Credentials {
    key: Zeroizing<Vec<u8>>,
    chain: Vec<CertificateDer<'static>>,
    svid: Svid,
}

/// Why a key and a chain are no credentials.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidCredentials {
    /// Not even a leaf.
    #[error("the certificate chain is empty")]
    NoLeaf,
    /// The leaf is no workload certificate.
    #[error(transparent)]
    Leaf(#[from] InvalidSvid),
}

impl Credentials {
    /// Joins a key (PKCS #8) and a chain. Whether they belong together is
    /// checked where they are first used for TLS.
    pub(crate) fn new(
        key: Zeroizing<Vec<u8>>,
        chain: Vec<CertificateDer<'static>>,
    ) -> Result<Self, InvalidCredentials> {
        let leaf = chain.first().ok_or(InvalidCredentials::NoLeaf)?;
        let svid = Svid::from_der(leaf)?;
        Ok(Self { key, chain, svid })
    }

    /// What the leaf says.
    pub(crate) fn svid(&self) -> &Svid {
        &self.svid
    }

    /// Leaf first.
    pub(crate) fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// The key as the TLS library takes it.
    pub(crate) fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.to_vec()))
    }

    /// The key in PKCS #8, for the disk.
    pub(crate) fn key_der(&self) -> &[u8] {
        &self.key
    }
}

/// A new key and the request that proves its possession.
pub(crate) struct KeyRequest {
    /// PKCS #8.
    pub(crate) key: Zeroizing<Vec<u8>>,
    /// PKCS #10, signed by the key; it names nobody, since a name in a request is not believed.
    pub(crate) csr_der: Vec<u8>,
}

/// A key or request that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("a key and its certificate request could not be made: {0}")]
pub(crate) struct KeyRequestError(#[from] rcgen::Error);

impl KeyRequest {
    /// Makes a P-256 key.
    pub(crate) fn generate() -> Result<Self, KeyRequestError> {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        let csr = params.serialize_request(&pair)?;
        Ok(Self {
            key: Zeroizing::new(pair.serialize_der()),
            csr_der: csr.der().to_vec(),
        })
    }
}
