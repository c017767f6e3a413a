//! Keeps the proxy's identity: on disk, in effect, and for whoever speaks to the operator.

use std::sync::Arc;

use mesh_identity::SpiffeId;
use mesh_ir::TrustRoots;
use rustls_pki_types::CertificateDer;
use tokio::sync::{Mutex, watch};

use crate::disk::{DiskError, StateDir};
use crate::identity::Credentials;
use crate::publish::{Publisher, WorkerEnded};
use crate::tls::{InvalidRoots, TlsError, TlsIdentity, Trust};

/// Who the proxy is and whom it trusts, as of one instant.
pub(crate) struct Own {
    /// Key and chain.
    pub(crate) credentials: Arc<Credentials>,
    /// The roots of the trust domain.
    pub(crate) trust: Arc<Trust>,
}

/// Why an identity is not in effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    /// It could not be kept for the next start.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Key and certificate do not fit.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Roots that cannot be trusted.
    #[error(transparent)]
    Roots(#[from] InvalidRoots),
    /// Roots of somebody else.
    #[error("the roots are those of the trust domain {found}, this proxy is {own}")]
    OtherTrustDomain {
        /// Whose they are.
        found: mesh_identity::TrustDomain,
        /// Who we are.
        own: SpiffeId,
    },
    /// Roots for a proxy that has no identity yet.
    #[error("roots came before an identity")]
    NoIdentity,
    /// The process cannot go on.
    #[error(transparent)]
    Worker(#[from] WorkerEnded),
}

/// The one place that changes identity or roots; one change after the other.
pub(crate) struct Keeper {
    disk: Arc<StateDir>,
    publisher: Arc<Publisher>,
    current: watch::Sender<Option<Arc<Own>>>,
    turn: Mutex<()>,
}

impl Keeper {
    /// Has no identity yet.
    pub(crate) fn new(disk: Arc<StateDir>, publisher: Arc<Publisher>) -> Self {
        Self {
            disk,
            publisher,
            current: watch::Sender::new(None),
            turn: Mutex::default(),
        }
    }

    /// The identity, if there is one.
    pub(crate) fn current(&self) -> Option<Arc<Own>> {
        self.current.borrow().clone()
    }

    /// The identity now and whenever it changes.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Option<Arc<Own>>> {
        self.current.subscribe()
    }

    /// Takes what the disk holds; whether that is an identity.
    pub(crate) async fn restore(&self) -> Result<bool, KeepError> {
        let _turn = self.turn.lock().await;
        let Some(credentials) = self.disk.identity()? else {
            return Ok(false);
        };
        let domain = credentials.svid().id.trust_domain().clone();
        let trust = Trust::new(domain, self.disk.roots()?)?;
        self.put_into_effect(Arc::new(credentials), Arc::new(trust))
            .await?;
        Ok(true)
    }

    /// Keeps a new certificate, and the roots that came with it, and puts them into effect.
    pub(crate) async fn install(
        &self,
        credentials: Credentials,
        trust: Arc<Trust>,
    ) -> Result<(), KeepError> {
        let _turn = self.turn.lock().await;
        let credentials = Arc::new(credentials);
        // Checked before anything on disk changes.
        TlsIdentity::new(&credentials, Arc::clone(&trust))?;
        let (disk, kept, roots) = (
            Arc::clone(&self.disk),
            Arc::clone(&credentials),
            trust.roots().to_vec(),
        );
        on_disk(move || {
            disk.keep_roots(&roots)?;
            disk.keep_identity(&kept)
        })
        .await?;
        self.put_into_effect(credentials, trust).await
    }

    /// Keeps new roots of the own trust domain, and puts them into effect.
    pub(crate) async fn install_roots(&self, roots: &TrustRoots) -> Result<(), KeepError> {
        let _turn = self.turn.lock().await;
        let own = self.current().ok_or(KeepError::NoIdentity)?;
        if roots.trust_domain != *own.trust.domain() {
            return Err(KeepError::OtherTrustDomain {
                found: roots.trust_domain.clone(),
                own: own.credentials.svid().id.clone(),
            });
        }
        let certificates: Vec<_> = roots
            .roots
            .iter()
            .map(|der| CertificateDer::from(der.clone()))
            .collect();
        if certificates == own.trust.roots() {
            return Ok(());
        }
        let trust = Arc::new(Trust::new(
            roots.trust_domain.clone(),
            certificates.clone(),
        )?);
        let disk = Arc::clone(&self.disk);
        on_disk(move || disk.keep_roots(&certificates)).await?;
        self.put_into_effect(Arc::clone(&own.credentials), trust)
            .await
    }

    async fn put_into_effect(
        &self,
        credentials: Arc<Credentials>,
        trust: Arc<Trust>,
    ) -> Result<(), KeepError> {
        let identity = TlsIdentity::new(&credentials, Arc::clone(&trust))?;
        self.publisher.set_identity(Arc::new(identity)).await?;
        self.current
            .send_replace(Some(Arc::new(Own { credentials, trust })));
        Ok(())
    }
}

/// Writes on a thread that may block.
pub(crate) async fn on_disk(
    write: impl FnOnce() -> Result<(), DiskError> + Send + 'static,
) -> Result<(), DiskError> {
    tokio::task::spawn_blocking(write)
        .await
        .expect("writing a file does not panic")
}
