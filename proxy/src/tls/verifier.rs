use std::sync::Arc;

use mesh_identity::{PeerRule, SpiffeId, Svid};
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError,
    PeerIncompatible, RootCertStore, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest as _, Sha256};

use super::trust::{Trust, not_an_svid, verify_chain};

/// Verifies a peer's chain, then judges the identity it proves.
#[derive(Debug)]
pub(super) struct PeerVerifier {
    anchor: Anchor,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Anchor {
    /// A chain to the roots of the trust domain, and an identity of the rule.
    Trust { trust: Arc<Trust>, accept: PeerRule },
    /// A chain to the one root with this SHA-256, and the operator of the trust
    /// domain that the leaf names: before a proxy has roots.
    Pinned([u8; 32]),
}

/// A peer that proved an identity, but not one that is accepted here.
#[derive(Debug, thiserror::Error)]
#[error("the peer is {found}, which is not accepted here")]
struct WrongPeer {
    found: SpiffeId,
}

/// An operator whose chain does not hold the root that the join token names.
#[derive(Debug, thiserror::Error)]
#[error("the operator's chain does not hold the root that the join token names")]
struct UnknownRoot;

impl PeerVerifier {
    pub(super) fn new(trust: Arc<Trust>, accept: PeerRule) -> Self {
        let provider = Arc::clone(trust.provider());
        Self {
            anchor: Anchor::Trust { trust, accept },
            provider,
        }
    }

    pub(super) fn pinned(root_hash: [u8; 32], provider: Arc<CryptoProvider>) -> Self {
        Self {
            anchor: Anchor::Pinned(root_hash),
            provider,
        }
    }

    pub(super) fn provider(&self) -> &Arc<CryptoProvider> {
        &self.provider
    }

    fn judge(&self, svid: Svid) -> Result<(), Error> {
        let accepted = match &self.anchor {
            Anchor::Trust { trust, accept } => {
                svid.id.trust_domain() == trust.domain() && accept.accepts(&svid.id)
            }
            Anchor::Pinned(_) => svid.id == SpiffeId::operator(svid.id.trust_domain()),
        };
        if accepted {
            Ok(())
        } else {
            Err(other(WrongPeer { found: svid.id }))
        }
    }

    fn signature_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }

    fn signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }
}

impl ServerCertVerifier for PeerVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let svid = match &self.anchor {
            Anchor::Trust { trust, .. } => {
                verify_chain(trust.store(), &self.provider, leaf, intermediates, now)?
            }
            Anchor::Pinned(hash) => {
                let root = pinned_root(intermediates, hash)?;
                verify_chain(&root, &self.provider, leaf, intermediates, now)?
            }
        };
        self.judge(svid)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signature_schemes()
    }
}

impl ClientCertVerifier for PeerVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let Anchor::Trust { trust, .. } = &self.anchor else {
            return Err(other(UnknownRoot));
        };
        let verified = trust
            .clients()
            .verify_client_cert(leaf, intermediates, now)?;
        self.judge(Svid::from_der(leaf).map_err(not_an_svid)?)?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signature_schemes()
    }
}

/// The root that a join token names, found in what the server presents.
fn pinned_root(presented: &[CertificateDer<'_>], hash: &[u8; 32]) -> Result<RootCertStore, Error> {
    let root = presented
        .iter()
        .find(|certificate| Sha256::digest(certificate).as_slice() == hash)
        .ok_or_else(|| other(UnknownRoot))?;
    let mut store = RootCertStore::empty();
    store.add(root.clone().into_owned())?;
    Ok(store)
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(error))))
}

/// The one key of this generation, for both sides of a handshake.
#[derive(Debug)]
pub(super) struct OneKey(Arc<CertifiedKey>);

impl OneKey {
    pub(super) fn new(key: Arc<CertifiedKey>) -> Self {
        Self(key)
    }
}

impl ResolvesServerCert for OneKey {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

impl ResolvesClientCert for OneKey {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
