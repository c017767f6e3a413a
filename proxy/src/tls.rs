//! Mutual TLS between mesh parties: who this proxy is and whom it accepts.
//!
//! TLS 1.3 only. A chain is verified against the roots of the mesh's own trust
//! domain, then the identity that it proves is judged by a [`PeerRule`]; names
//! of the DNS play no part. Sessions are never resumed: a ticket would outlive a
//! change of trust, and connections between proxies are kept open anyway.

mod failure;
mod trust;
mod verifier;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use mesh_identity::{InvalidSvid, PeerRule, SpiffeId, Svid, TrustDomain};
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::CertificateDer;

use crate::identity::Credentials;

pub(crate) use failure::handshake_failure;
pub(crate) use trust::{InvalidRoots, Trust};
use verifier::{OneKey, PeerVerifier};

/// What is offered inside the handshake; the hop between two proxies speaks the
/// HTTP version that the application spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alpn {
    /// HTTP/2 or HTTP/1.1.
    Http,
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only.
    Http2,
    /// Bytes: no ALPN.
    Bytes,
}

impl Alpn {
    fn protocols(self) -> Vec<Vec<u8>> {
        let words: &[&[u8]] = match self {
            Self::Http => &[b"h2", b"http/1.1"],
            Self::Http1 => &[b"http/1.1"],
            Self::Http2 => &[b"h2"],
            Self::Bytes => &[],
        };
        words.iter().map(|word| word.to_vec()).collect()
    }
}

/// Why an identity cannot be used for TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The key, the chain, or both together.
    #[error("the key and certificate cannot be used: {0}")]
    Credentials(#[source] rustls::Error),
    /// TLS 1.3 is missing from the library: a build fault.
    #[error("the TLS library refuses the configuration: {0}")]
    Library(#[source] rustls::Error),
}

/// One generation of this proxy's identity, and whom it trusts with it.
pub(crate) struct TlsIdentity {
    svid: Svid,
    key: Arc<OneKey>,
    trust: Arc<Trust>,
    servers: BTreeMap<Alpn, Arc<ServerConfig>>,
    clients: Mutex<Clients>,
}

/// By whom they accept, and what they offer.
type Clients = BTreeMap<(Vec<SpiffeId>, Alpn), Arc<ClientConfig>>;

impl TlsIdentity {
    /// Fails where the key does not belong to the leaf. An expired leaf is taken:
    /// the peers refuse it, and what is open goes on.
    pub(crate) fn new(credentials: &Credentials, trust: Arc<Trust>) -> Result<Self, TlsError> {
        let key = Arc::new(own_key(credentials, trust.provider())?);
        let accept = PeerRule::AnyOf(credentials.svid().id.trust_domain().clone());
        let verifier = Arc::new(PeerVerifier::new(Arc::clone(&trust), accept));
        let server = |alpn: Alpn| {
            let mut config = ServerConfig::builder_with_provider(Arc::clone(trust.provider()))
                .with_protocol_versions(&[&rustls::version::TLS13])
                .map_err(TlsError::Library)?
                .with_client_cert_verifier(Arc::clone(&verifier) as _)
                .with_cert_resolver(Arc::clone(&key) as _);
            config.alpn_protocols = alpn.protocols();
            config.send_tls13_tickets = 0;
            config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
            Ok((alpn, Arc::new(config)))
        };
        let servers = [Alpn::Http, Alpn::Http1, Alpn::Http2, Alpn::Bytes]
            .into_iter()
            .map(server)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            svid: credentials.svid().clone(),
            key,
            trust,
            servers,
            clients: Mutex::default(),
        })
    }

    /// Who this proxy is.
    pub(crate) fn id(&self) -> &SpiffeId {
        &self.svid.id
    }

    /// The trust domain of the mesh.
    pub(crate) fn trust_domain(&self) -> &TrustDomain {
        self.svid.id.trust_domain()
    }

    /// When the certificate ends, in Unix seconds.
    pub(crate) fn not_after(&self) -> i64 {
        self.svid.not_after
    }

    /// For an inbound listener: any workload of the trust domain is let in by TLS;
    /// access is decided after.
    pub(crate) fn server(&self, alpn: Alpn) -> Arc<ServerConfig> {
        Arc::clone(&self.servers[&alpn])
    }

    /// For a connection to a service whose workloads have one of these identities (sorted).
    pub(crate) fn client(&self, accept: &[SpiffeId], alpn: Alpn) -> Arc<ClientConfig> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let made = clients.entry((accept.to_vec(), alpn)).or_insert_with(|| {
            let rule = PeerRule::OneOf(accept.to_vec());
            let verifier = PeerVerifier::new(Arc::clone(&self.trust), rule);
            let key = Some(Arc::clone(&self.key));
            Arc::new(
                client_config(verifier, key, alpn)
                    .expect("the server half accepted the same versions"),
            )
        });
        Arc::clone(made)
    }
}

/// Who is on the other side of a finished handshake. The chain was verified in it.
pub(crate) fn peer_identity(
    certificates: Option<&[CertificateDer<'_>]>,
) -> Result<SpiffeId, InvalidSvid> {
    let leaf = certificates.and_then(<[_]>::first);
    Ok(Svid::from_der(leaf.map_or(&[][..], |der| der))?.id)
}

/// For a connection to the operator, with our own certificate where there is one.
pub(crate) fn operator_client(
    proof: OperatorProof,
    credentials: Option<&Credentials>,
) -> Result<ClientConfig, TlsError> {
    let (verifier, provider) = match proof {
        OperatorProof::RootHash(hash) => {
            let provider = trust::provider();
            (PeerVerifier::pinned(hash, Arc::clone(&provider)), provider)
        }
        OperatorProof::Trusted(trust) => {
            let operator = SpiffeId::operator(trust.domain());
            let provider = Arc::clone(trust.provider());
            (
                PeerVerifier::new(trust, PeerRule::OneOf(vec![operator])),
                provider,
            )
        }
    };
    let key = credentials
        .map(|credentials| own_key(credentials, &provider))
        .transpose()?;
    client_config(verifier, key.map(Arc::new), Alpn::Http2)
}

/// How the operator proves itself before a word is said to it.
pub(crate) enum OperatorProof {
    /// Its chain ends in the root with this SHA-256: what a join token tells.
    RootHash([u8; 32]),
    /// Its chain ends in a root of the trust domain.
    Trusted(Arc<Trust>),
}

fn client_config(
    verifier: PeerVerifier,
    key: Option<Arc<OneKey>>,
    alpn: Alpn,
) -> Result<ClientConfig, TlsError> {
    let builder = ClientConfig::builder_with_provider(Arc::clone(verifier.provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Library)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match key {
        Some(key) => builder.with_client_cert_resolver(key),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.protocols();
    config.enable_sni = false;
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn own_key(credentials: &Credentials, provider: &CryptoProvider) -> Result<OneKey, TlsError> {
    let chain = credentials.chain().to_vec();
    CertifiedKey::from_der(chain, credentials.key(), provider)
        .map(|key| OneKey::new(Arc::new(key)))
        .map_err(TlsError::Credentials)
}

#[cfg(test)]
mod tests;
