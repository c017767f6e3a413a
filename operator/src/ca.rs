//! The certificate authority: one root, short leaves, and the tokens to join with.
//!
//! The root is made when the first good commit names the trust domain, and pins
//! it. It lies in `ca/` of the state directory, the key readable by nobody else.
//! What a certificate says comes from the identity that the caller proved and from
//! the profile; of a request only the public key is used.

mod issue;
mod own;
mod root;
mod tokens;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use jiff::Timestamp;
use mesh_identity::{CertificateProfile, SpiffeId, TrustDomain};
use mesh_ir::TrustRoots;

use crate::store::{Store, StoreError};
use root::Root;

pub(crate) use issue::{InvalidRequest, Issued, ProvenKey};
pub(crate) use own::OwnCertificate;
pub(crate) use tokens::{MintError, Minted, RedeemError};

/// Issues certificates and tokens; shared by every connection.
#[derive(Debug)]
pub(crate) struct Ca {
    directory: PathBuf,
    store: Arc<dyn Store>,
    root: RwLock<Option<Arc<Root>>>,
}

/// Why the certificate authority cannot do its work.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file of the root cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Half of the root is gone, or somebody changed it.
    #[error("the root in `{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The directory.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A commit names another trust domain than the first good one did.
    #[error("the mesh is pinned to the trust domain `{pinned}` and cannot become `{named}`")]
    OtherTrustDomain {
        /// The root's.
        pinned: TrustDomain,
        /// The commit's.
        named: TrustDomain,
    },
    /// Nothing was committed yet that names a trust domain.
    #[error("there is no root yet: no good commit has named the trust domain")]
    NoRoot,
    /// The cryptographic library failed.
    #[error("cannot make a certificate: {0}")]
    Crypto(String),
    /// A request that gets no certificate.
    #[error(transparent)]
    Request(#[from] InvalidRequest),
    /// Tokens cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Ca {
    /// Opens the authority of a state directory; its root is there if one was made.
    pub(crate) fn open(state_dir: &Path, store: Arc<dyn Store>) -> Result<Self, CaError> {
        let directory = state_dir.join("ca");
        let root = Root::load(&directory)?.map(Arc::new);
        Ok(Self {
            directory,
            store,
            root: RwLock::new(root),
        })
    }

    /// Makes the root for a trust domain, or finds that it is the pinned one.
    pub(crate) fn pin(&self, trust_domain: &TrustDomain) -> Result<(), CaError> {
        let mut root = self.root.write().unwrap_or_else(PoisonError::into_inner);
        match &*root {
            Some(root) if root.trust_domain() == trust_domain => Ok(()),
            Some(root) => Err(CaError::OtherTrustDomain {
                pinned: root.trust_domain().clone(),
                named: trust_domain.clone(),
            }),
            None => {
                let made = Root::create(&self.directory, trust_domain, SystemTime::now())?;
                *root = Some(Arc::new(made));
                Ok(())
            }
        }
    }

    /// What others verify our certificates against.
    pub(crate) fn roots(&self) -> Option<TrustRoots> {
        self.current().map(|root| TrustRoots {
            trust_domain: root.trust_domain().clone(),
            roots: vec![root.der().to_vec()],
        })
    }

    /// A certificate for an identity that the caller proved, over a key that it has.
    pub(crate) fn sign(
        &self,
        key: &ProvenKey,
        identity: &SpiffeId,
        profile: CertificateProfile,
        now: SystemTime,
    ) -> Result<Issued, CaError> {
        let root = self.current().ok_or(CaError::NoRoot)?;
        issue::for_key(&root, key, identity, profile, now)
    }

    /// A token with which one proxy may join as this identity.
    pub(crate) fn mint(&self, identity: &SpiffeId, now: Timestamp) -> Result<Minted, MintError> {
        let root = self.current().ok_or(MintError::NoRoot)?;
        tokens::mint(&*self.store, &root, identity, now)
    }

    /// The identity of a token, to exactly one caller.
    pub(crate) fn redeem(&self, token: &str, now: Timestamp) -> Result<SpiffeId, RedeemError> {
        tokens::redeem(&*self.store, token, now)
    }

    fn current(&self) -> Option<Arc<Root>> {
        let root = self.root.read().unwrap_or_else(PoisonError::into_inner);
        root.clone()
    }
}

#[cfg(test)]
mod tests;
