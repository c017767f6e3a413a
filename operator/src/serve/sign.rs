use std::sync::Arc;
use std::time::{Instant, SystemTime};

use jiff::Timestamp;
use mesh_identity::{CertificateProfile, SpiffeId};
use mesh_xds::proto::operator::{SignRequest, SignResponse};
use tonic::{Request, Response, Status};

use super::Context;
use super::peer::Peer;
use crate::ca::{Ca, CaError, ProvenKey, RedeemError};
use crate::plan::Plan;

/// Calls from one address in a row: a machine full of workloads that start together.
pub(super) const BURST: f64 = 200.0;
/// And then so many a second.
pub(super) const PER_SECOND: f64 = 20.0;

/// Issues a certificate for the identity that the caller proves: by a join token, or
/// by the certificate that it has.
pub(super) async fn sign(
    request: Request<SignRequest>,
    context: &Context,
    peer: &Peer,
) -> Result<Response<SignResponse>, Status> {
    if !context.signatures.admit(peer.address.ip(), Instant::now()) {
        return Err(Status::resource_exhausted(
            "too many certificates are asked for from this address",
        ));
    }
    let SignRequest { csr_der, token } = request.into_inner();
    let plan = context
        .plan()
        .ok_or_else(|| Status::unavailable("no commit is live yet"))?;
    // Before the token: a bad request does not use it up.
    let key = ProvenKey::of_request(&csr_der)
        .map_err(|error| Status::invalid_argument(error.to_string()))?;
    let (identity, proof) = if token.is_empty() {
        (peer.identity()?.clone(), "certificate")
    } else {
        (redeem(&context.ca, token).await?, "token")
    };
    if !plan.mesh.roles.iter().any(|role| role.identity == identity) {
        return Err(Status::permission_denied(format!(
            "`{identity}` is the identity of no service"
        )));
    }
    let issued = issue(context, &plan, &key, &identity).map_err(|error| {
        tracing::error!(%identity, %error, "cannot issue a certificate");
        Status::internal(error.to_string())
    })?;
    context.fleet.metrics().certificates.inc();
    tracing::debug!(%identity, proof, peer = %peer.address, "certificate issued");
    Ok(Response::new(issued))
}

/// The store waits for its disk, so this is not done on a thread that serves.
async fn redeem(ca: &Arc<Ca>, token: String) -> Result<SpiffeId, Status> {
    let ca = ca.clone();
    let redeemed = tokio::task::spawn_blocking(move || ca.redeem(&token, Timestamp::now())).await;
    match redeemed {
        Ok(Ok(identity)) => Ok(identity),
        Ok(Err(error @ (RedeemError::Unknown | RedeemError::Expired))) => {
            Err(Status::unauthenticated(error.to_string()))
        }
        Ok(Err(RedeemError::Store(error))) => {
            tracing::error!(%error, "cannot look a join token up");
            Err(Status::internal("the join token cannot be looked up"))
        }
        Err(_) => Err(Status::unavailable("the operator is stopping")),
    }
}

fn issue(
    context: &Context,
    plan: &Plan,
    key: &ProvenKey,
    identity: &SpiffeId,
) -> Result<SignResponse, CaError> {
    let lifetime = plan.mesh.settings.certificate_lifetime;
    let profile =
        CertificateProfile::new(lifetime).map_err(|error| CaError::Crypto(error.to_string()))?;
    let roots = context.ca.roots().ok_or(CaError::NoRoot)?;
    let issued = context.ca.sign(key, identity, profile, SystemTime::now())?;
    Ok(SignResponse {
        chain_der: vec![issued.leaf.to_vec().into()],
        roots_der: roots.roots.into_iter().map(Into::into).collect(),
        trust_domain: roots.trust_domain.to_string(),
    })
}
