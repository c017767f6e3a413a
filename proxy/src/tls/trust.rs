use std::sync::Arc;

use mesh_identity::{InvalidSvid, Svid, TrustDomain};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{CertificateError, Error, RootCertStore};
use rustls_pki_types::{CertificateDer, UnixTime};

/// The roots that vouch for one trust domain, ready for verification.
#[derive(Debug)]
pub(crate) struct Trust {
    domain: TrustDomain,
    roots: Vec<CertificateDer<'static>>,
    store: Arc<RootCertStore>,
    clients: Arc<dyn ClientCertVerifier>,
    provider: Arc<CryptoProvider>,
}

/// Why roots cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidRoots {
    /// None at all: nobody could be verified.
    #[error("there is no root for the trust domain {0}")]
    Empty(TrustDomain),
    /// One that is no certificate.
    #[error("root {index} of the trust domain {domain} cannot be read: {source}")]
    Unreadable {
        /// Whose.
        domain: TrustDomain,
        /// Counted from 1.
        index: usize,
        /// What the TLS library says.
        source: Error,
    },
}

impl Trust {
    /// Takes DER certificates; each must be readable, since a root that is passed
    /// over would refuse whom it vouches for.
    pub(crate) fn new(
        domain: TrustDomain,
        roots: Vec<CertificateDer<'static>>,
    ) -> Result<Self, InvalidRoots> {
        if roots.is_empty() {
            return Err(InvalidRoots::Empty(domain));
        }
        let mut store = RootCertStore::empty();
        for (index, root) in roots.iter().enumerate() {
            store
                .add(root.clone())
                .map_err(|source| InvalidRoots::Unreadable {
                    domain: domain.clone(),
                    index: index + 1,
                    source,
                })?;
        }
        let (store, provider) = (Arc::new(store), provider());
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::clone(&store), Arc::clone(&provider))
                .build()
                .map_err(|_| InvalidRoots::Empty(domain.clone()))?;
        Ok(Self {
            domain,
            roots,
            store,
            clients,
            provider,
        })
    }

    /// Whose roots.
    pub(crate) fn domain(&self) -> &TrustDomain {
        &self.domain
    }

    /// As they came.
    pub(crate) fn roots(&self) -> &[CertificateDer<'static>] {
        &self.roots
    }

    pub(super) fn provider(&self) -> &Arc<CryptoProvider> {
        &self.provider
    }

    pub(super) fn store(&self) -> &RootCertStore {
        &self.store
    }

    pub(super) fn clients(&self) -> &Arc<dyn ClientCertVerifier> {
        &self.clients
    }

    /// Verifies a chain, leaf first, and reads the leaf. The trust domain is the
    /// caller's to compare.
    pub(crate) fn verify(
        &self,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Svid, Error> {
        let (leaf, intermediates) = chain.split_first().ok_or(Error::NoCertificatesPresented)?;
        verify_chain(&self.store, &self.provider, leaf, intermediates, now)
    }
}

/// The one cryptography of the process, as a value: nothing is installed globally.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// RFC 5280 path validation of a server's chain, then the letter of X509-SVID.
pub(super) fn verify_chain(
    store: &RootCertStore,
    provider: &CryptoProvider,
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    now: UnixTime,
) -> Result<Svid, Error> {
    let parsed = ParsedCertificate::try_from(leaf)?;
    let algorithms = provider.signature_verification_algorithms.all;
    verify_server_cert_signed_by_trust_anchor(&parsed, store, intermediates, now, algorithms)?;
    Svid::from_der(leaf).map_err(not_an_svid)
}

pub(super) fn not_an_svid(error: InvalidSvid) -> Error {
    Error::InvalidCertificate(CertificateError::Other(rustls::OtherError(Arc::new(error))))
}
