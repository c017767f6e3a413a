use jiff::Timestamp;
use mesh_ir::{Bundle, CommitId, Digest, Epoch};
use mesh_xds::proto::operator::{ReportRequest, ReportResponse};
use tonic::{Request, Response, Status};

use super::peer::Peer;
use super::{Context, view};

/// Longer than any name of a revision.
const MAX_COMMIT: usize = 256;

/// Takes note of what a proxy says that it enforces.
pub(super) fn report(
    request: Request<ReportRequest>,
    context: &Context,
    peer: &Peer,
) -> Result<Response<ReportResponse>, Status> {
    let ReportRequest {
        workload,
        epoch,
        commit,
        digest,
        certificate_not_after,
    } = request.into_inner();
    let identity = peer.identity()?;
    let plan = context
        .plan()
        .ok_or_else(|| Status::unavailable("no commit is live yet"))?;
    view::authorize(&plan, &workload, identity)?;
    let bundle = enforced(epoch, &commit, &digest)?;
    let not_after = Timestamp::from_second(certificate_not_after)
        .ok()
        .filter(|_| certificate_not_after > 0);
    context
        .fleet
        .reported(&workload, bundle, not_after, Timestamp::now());
    Ok(Response::new(ReportResponse {}))
}

fn enforced(epoch: u64, commit: &str, digest: &[u8]) -> Result<Option<Bundle>, Status> {
    if digest.is_empty() {
        return Ok(None);
    }
    let bytes = <[u8; 32]>::try_from(digest)
        .map_err(|_| Status::invalid_argument("a digest has 32 bytes"))?;
    if commit.len() > MAX_COMMIT {
        return Err(Status::invalid_argument("the commit's name is too long"));
    }
    Ok(Some(Bundle {
        epoch: Epoch(epoch),
        commit: CommitId(commit.into()),
        digest: Digest(bytes),
    }))
}
