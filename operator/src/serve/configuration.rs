use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use mesh_ir::{Bundle, SpiffeId};
use mesh_xds::BUNDLE_TYPE;
use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse};
use mesh_xds::session::server::{Event, ServerSession};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::Context;
use super::peer::Peer;
use super::view::{View, authorize};
use crate::observe::Connected;
use crate::plan::Plan;

/// One response of each type may wait for its answer.
const WAITING_RESPONSES: usize = 16;
/// How long a client may take to say who it is, and to read what it is sent.
const PATIENCE: Duration = Duration::from_secs(30);

type Responses = mpsc::Sender<Result<DeltaDiscoveryResponse, Status>>;

/// Opens the stream over which one proxy is told everything.
pub(super) fn open(
    request: Request<Streaming<DeltaDiscoveryRequest>>,
    context: &Arc<Context>,
    peer: &Arc<Peer>,
) -> Result<Response<ReceiverStream<Result<DeltaDiscoveryResponse, Status>>>, Status> {
    let identity = peer.identity()?.clone();
    let (responses, stream) = mpsc::channel(WAITING_RESPONSES);
    let (context, peer) = (context.clone(), peer.clone());
    tokio::spawn(async move {
        let requests = request.into_inner();
        if let Err(status) = run(requests, &responses, &context, &peer, identity).await {
            tracing::debug!(peer = %peer.address, %status, "configuration stream ended");
            // The client may be gone; then nobody needs to know why.
            drop(responses.try_send(Err(status)));
        }
    });
    Ok(Response::new(ReceiverStream::new(stream)))
}

async fn run(
    mut requests: Streaming<DeltaDiscoveryRequest>,
    responses: &Responses,
    context: &Arc<Context>,
    peer: &Peer,
    identity: SpiffeId,
) -> Result<(), Status> {
    let first = timeout(PATIENCE, requests.message())
        .await
        .map_err(|_| Status::deadline_exceeded("nothing was asked for"))??;
    let Some(first) = first else {
        return Ok(());
    };
    let workload = first.node.as_ref().map(|node| node.id.clone());
    let workload = workload.unwrap_or_default();
    let mut plans = context.plan.clone();
    let current = plans.borrow_and_update().clone();
    let view = view(context, current, &workload, &identity)?;
    let now = Timestamp::now();
    let mut stream = Stream {
        connected: context.fleet.connect(&workload, peer.not_after(), now),
        session: ServerSession::new(view.desired.clone()),
        view,
        told: None,
        workload,
        context,
    };
    stream.given();
    stream.take(first)?;
    loop {
        stream.send(responses).await?;
        tokio::select! {
            request = requests.message() => match request? {
                Some(request) => stream.take(request)?,
                None => return Ok(()),
            },
            changed = plans.changed() => {
                changed.map_err(|_| stopping())?;
                let current = plans.borrow_and_update().clone();
                stream.view = self::view(context, current, &stream.workload, &identity)?;
                stream.session.set_desired(stream.view.desired.clone());
                stream.given();
            }
            () = stream.connected.resend.notified() => stream.session.resend_bundle(),
            () = context.shutdown.cancelled() => return Err(stopping()),
        }
    }
}

fn stopping() -> Status {
    Status::unavailable("the operator is stopping")
}

/// What the caller should have, if it is who the plan says.
fn view(
    context: &Context,
    plan: Option<Arc<Plan>>,
    workload: &str,
    identity: &SpiffeId,
) -> Result<View, Status> {
    let plan = plan.ok_or_else(|| Status::unavailable("no commit is live yet"))?;
    let roots = context
        .ca
        .roots()
        .ok_or_else(|| Status::unavailable("there is no root yet"))?;
    let planned = authorize(&plan, workload, identity)?;
    Ok(context.views.of(&plan, planned, &roots))
}

/// One proxy's stream, and what is observed of it.
struct Stream<'a> {
    context: &'a Arc<Context>,
    workload: String,
    session: ServerSession,
    view: View,
    /// The bundle that was sent last; by its answer the plan may be another.
    told: Option<Bundle>,
    connected: Connected,
}

impl Stream<'_> {
    fn given(&self) {
        let fleet = &self.context.fleet;
        fleet.given(&self.workload, &self.view.bundle, Timestamp::now());
    }

    fn take(&mut self, request: DeltaDiscoveryRequest) -> Result<(), Status> {
        let (fleet, now) = (&self.context.fleet, Timestamp::now());
        let before = self.session.acknowledged_bundle();
        let event = self
            .session
            .handle_request(request)
            .map_err(|violation| Status::invalid_argument(violation.to_string()))?;
        match event {
            Some(Event::Acknowledged { resource_type, .. }) => {
                fleet.accepted(&self.workload, resource_type, now);
            }
            Some(Event::Refused {
                resource_type,
                resources,
                reason,
            }) => fleet.refused(&self.workload, resource_type, &resources, &reason, now),
            Some(Event::UnknownType(kind)) => {
                tracing::debug!(workload = self.workload, kind, "unknown type asked for");
            }
            None => {}
        }
        if self.session.acknowledged_bundle() != before
            && let Some(bundle) = self.enforced()
        {
            fleet.acknowledged(&self.workload, bundle, now);
        }
        Ok(())
    }

    /// What an acknowledgement just meant: the bundle that was sent, or one that the
    /// client held already when it came.
    fn enforced(&self) -> Option<&Bundle> {
        let held = self.session.acknowledged_bundle();
        let known = held.is_some() && held == self.view.desired.bundle_version();
        self.told.as_ref().or(known.then_some(&self.view.bundle))
    }

    async fn send(&mut self, responses: &Responses) -> Result<(), Status> {
        while let Some(response) = self.session.poll_response() {
            let count = response.resources.len() + response.removed_resources.len();
            let metrics = self.context.fleet.metrics();
            metrics.sent.inc_by(count.try_into().unwrap_or(u64::MAX));
            if response.type_url == BUNDLE_TYPE {
                self.told = Some(self.view.bundle.clone());
            }
            timeout(PATIENCE, responses.send(Ok(response)))
                .await
                .map_err(|_| Status::deadline_exceeded("the client does not read"))?
                .map_err(|_| Status::cancelled("the client is gone"))?;
        }
        Ok(())
    }
}
