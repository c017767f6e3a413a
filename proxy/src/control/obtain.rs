use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mesh_identity::{InvalidTrustDomain, SpiffeId, TrustDomain};
use mesh_xds::proto::operator::SignResponse;
use rustls_pki_types::{CertificateDer, UnixTime};
use sha2::{Digest as _, Sha256};

use super::OperatorError;
use super::connect::connect;
use super::operator::Operator;
use crate::identity::{Credentials, InvalidCredentials, KeyRequest, KeyRequestError};
use crate::join_token::JoinToken;
use crate::keeper::Own;
use crate::tls::{InvalidRoots, OperatorProof, TlsError, Trust, operator_client};

/// The operator signs at once or not at all.
const SIGN_TIMEOUT: Duration = Duration::from_secs(10);

/// What proves to the operator that a certificate may be had.
pub(super) enum Proof<'a> {
    /// A join token; the operator must have the root that it names.
    Token(&'a JoinToken),
    /// The certificate in use.
    Current(&'a Own),
}

/// Why no certificate was obtained.
#[derive(Debug, thiserror::Error)]
pub(super) enum ObtainError {
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] KeyRequestError),
    /// The connection's TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The operator was not reached, or refused.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The answer names no trust domain.
    #[error("the operator's answer: {0}")]
    TrustDomain(#[from] InvalidTrustDomain),
    /// The answer's roots cannot be trusted.
    #[error("the operator's answer: {0}")]
    Roots(#[from] InvalidRoots),
    /// The answer's roots lack the one that the token names.
    #[error("the operator's roots lack the one that the join token names")]
    RootMissing,
    /// The answer's chain is none of ours.
    #[error("the operator's answer: {0}")]
    Credentials(#[from] InvalidCredentials),
    /// The answer's chain does not hold.
    #[error("the operator's certificate does not hold: {0}")]
    Chain(rustls::Error),
    /// A certificate for somebody else.
    #[error("the operator's certificate is for {found}, not for {expected}")]
    OtherIdentity {
        /// Who we are, or a workload of which trust domain we should be.
        expected: String,
        /// Whom it names.
        found: SpiffeId,
    },
    /// No answer in time.
    #[error("the operator did not sign within {} s", SIGN_TIMEOUT.as_secs())]
    Timeout,
}

/// Makes a key, has it signed, and checks the answer as if the operator were a stranger.
pub(super) async fn obtain(
    operator: &str,
    proof: Proof<'_>,
) -> Result<(Credentials, Arc<Trust>), ObtainError> {
    let request = KeyRequest::generate()?;
    let (tls, token) = match proof {
        Proof::Token(token) => {
            let pinned = OperatorProof::RootHash(token.root_hash());
            (operator_client(pinned, None)?, token.reveal().to_owned())
        }
        Proof::Current(own) => {
            let trusted = OperatorProof::Trusted(Arc::clone(&own.trust));
            let tls = operator_client(trusted, Some(&own.credentials))?;
            (tls, String::new())
        }
    };
    let mut operator = Operator::new(connect(operator, tls).await?);
    let answer = tokio::time::timeout(SIGN_TIMEOUT, operator.sign(request.csr_der, token))
        .await
        .map_err(|_| ObtainError::Timeout)??;
    let SignResponse {
        chain_der,
        roots_der,
        trust_domain,
    } = answer;
    let chain = certificates(&chain_der);
    let credentials = Credentials::new(request.key, chain)?;
    let domain = TrustDomain::parse(&trust_domain)?;
    let roots = certificates(&roots_der);
    let trust = match proof {
        Proof::Token(token) => joined(token, &credentials, domain, roots)?,
        Proof::Current(own) => renewed(own, &credentials, domain, roots)?,
    };
    Ok((credentials, trust))
}

fn certificates(encoded: &[Bytes]) -> Vec<CertificateDer<'static>> {
    encoded
        .iter()
        .map(|der| CertificateDer::from(der.to_vec()))
        .collect()
}

/// A first certificate: under the root of the token, for a workload of the trust domain.
fn joined(
    token: &JoinToken,
    credentials: &Credentials,
    domain: TrustDomain,
    roots: Vec<CertificateDer<'static>>,
) -> Result<Arc<Trust>, ObtainError> {
    let named = |root: &CertificateDer<'_>| Sha256::digest(root).as_slice() == token.root_hash();
    if !roots.iter().any(named) {
        return Err(ObtainError::RootMissing);
    }
    let found = &credentials.svid().id;
    if *found.trust_domain() != domain {
        return Err(ObtainError::OtherIdentity {
            expected: format!("a workload of {domain}"),
            found: found.clone(),
        });
    }
    let trust = Trust::new(domain, roots)?;
    verify(&trust, credentials)?;
    Ok(Arc::new(trust))
}

/// A next certificate: for the same identity. The roots in use stay as long as they
/// vouch for it, since what the operator distributes beside is newer.
fn renewed(
    own: &Own,
    credentials: &Credentials,
    domain: TrustDomain,
    roots: Vec<CertificateDer<'static>>,
) -> Result<Arc<Trust>, ObtainError> {
    let (expected, found) = (&own.credentials.svid().id, &credentials.svid().id);
    if expected != found || domain != *own.trust.domain() {
        return Err(ObtainError::OtherIdentity {
            expected: expected.to_string(),
            found: found.clone(),
        });
    }
    if verify(&own.trust, credentials).is_ok() {
        return Ok(Arc::clone(&own.trust));
    }
    let trust = Trust::new(domain, roots)?;
    verify(&trust, credentials)?;
    Ok(Arc::new(trust))
}

fn verify(trust: &Trust, credentials: &Credentials) -> Result<(), ObtainError> {
    let svid = trust
        .verify(credentials.chain(), UnixTime::now())
        .map_err(ObtainError::Chain)?;
    debug_assert_eq!(svid.id, credentials.svid().id);
    Ok(())
}
