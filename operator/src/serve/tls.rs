use std::sync::{Arc, Mutex, PoisonError};

use mesh_ir::TrustRoots;
use rustls::crypto::aws_lc_rs;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::CertificateDer;

use crate::ca::{Ca, OwnCertificate};

/// What gRPC is spoken over.
const ALPN: &[u8] = b"h2";

/// The server side of TLS 1.3: our certificate, and clients verified against our
/// own roots, if they have a certificate at all.
#[derive(Debug)]
pub(super) struct Tls {
    ca: Arc<Ca>,
    own: Arc<OwnCertificate>,
    current: Mutex<Option<(TrustRoots, Arc<ServerConfig>)>>,
}

/// Why nobody can connect for the moment.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    /// Before the first good commit.
    #[error("there is no root yet: no good commit has named the trust domain")]
    NoRoot,
    /// The TLS library refuses the root or its own settings.
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

impl Tls {
    pub(super) fn new(ca: Arc<Ca>) -> Self {
        Self {
            own: Arc::new(OwnCertificate::new(ca.clone())),
            ca,
            current: Mutex::new(None),
        }
    }

    /// The configuration for the next handshake; made anew when the roots change.
    pub(super) fn config(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let roots = self.ca.roots().ok_or(TlsError::NoRoot)?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, config)) = &*current
            && *of == roots
        {
            return Ok(config.clone());
        }
        let config = Arc::new(self.build(&roots)?);
        *current = Some((roots, config.clone()));
        Ok(config)
    }

    fn build(&self, roots: &TrustRoots) -> Result<ServerConfig, TlsError> {
        let setup = |error: &dyn std::fmt::Display| TlsError::Setup(error.to_string());
        let mut store = RootCertStore::empty();
        for root in &roots.roots {
            store
                .add(CertificateDer::from(root.clone()))
                .map_err(|error| setup(&error))?;
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider.clone())
                .allow_unauthenticated()
                .build()
                .map_err(|error| setup(&error))?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| setup(&error))?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(self.own.clone());
        config.alpn_protocols = vec![ALPN.to_vec()];
        // A resumed session would skip the look at the certificate.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(config)
    }
}
