use std::sync::Arc;
use std::time::Duration;

use mesh_ir::Listeners;
use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse, Status as Detail};
use mesh_xds::session::client::{ActiveBundle, Change, ClientSession, Offer, Reaction};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tonic::Streaming;

use super::backoff::Backoff;
use super::connect::connect;
use super::operator::Operator;
use super::report::report;
use super::{OperatorError, chain};
use crate::disk::{Kept, StateDir};
use crate::holdings::{keep_bundle, keep_facts};
use crate::keeper::{KeepError, Keeper, Own, on_disk};
use crate::listen::Clash;
use crate::publish::{PrepareError, Publisher, WorkerEnded};
use crate::status::Status;
use crate::tls::{OperatorProof, TlsError, operator_client};

/// `google.rpc.Code.INVALID_ARGUMENT`.
const INVALID_ARGUMENT: i32 = 3;
/// Facts are written when they have been quiet, or changing, for this long.
const SETTLE: Duration = Duration::from_millis(200);

/// Where what the operator says goes.
pub(crate) struct Sinks {
    /// Puts bundles and endpoints into effect.
    pub(crate) publisher: Arc<Publisher>,
    /// Puts roots into effect.
    pub(crate) keeper: Arc<Keeper>,
    /// Opens and closes listeners.
    pub(crate) listeners: watch::Sender<Option<Listeners>>,
    /// Survives a restart.
    pub(crate) disk: Arc<StateDir>,
    /// For the admin interface.
    pub(crate) status: Arc<Status>,
}

/// Follows the operator for ever: connects, stages, puts into effect, answers.
pub(crate) struct Follower {
    workload: String,
    operator: String,
    session: ClientSession,
    sinks: Sinks,
    /// Facts that are not on disk yet are written then.
    unwritten: Option<Instant>,
}

/// Why a stream ended.
#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Worker(#[from] WorkerEnded),
}

type Requests = mpsc::UnboundedSender<DeltaDiscoveryRequest>;

impl Follower {
    /// `session` begins with what the disk held.
    pub(crate) fn new(
        workload: String,
        operator: String,
        session: ClientSession,
        sinks: Sinks,
    ) -> Self {
        Self {
            workload,
            operator,
            session,
            sinks,
            unwritten: None,
        }
    }

    /// Ends only when the process cannot go on.
    pub(crate) async fn run(mut self) -> WorkerEnded {
        let mut backoff = Backoff::default();
        let mut identity = self.sinks.keeper.subscribe();
        loop {
            let own = identity.borrow_and_update().clone();
            if let Some(own) = own {
                let error = match self.stream(&own, &mut backoff).await {
                    Ok(never) => match never {},
                    Err(FollowError::Worker(ended)) => return ended,
                    Err(error) => error,
                };
                self.sinks.status.set_connected(false);
                if self.unwritten.is_some() {
                    self.write_facts().await;
                }
                let wait = backoff.next(rand::random());
                tracing::warn!(
                    error = chain(&error),
                    ?wait,
                    "not connected to the operator"
                );
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    changed = identity.changed() => if changed.is_err() { return WorkerEnded },
                }
            } else if identity.changed().await.is_err() {
                return WorkerEnded;
            }
        }
    }

    async fn stream(
        &mut self,
        own: &Own,
        backoff: &mut Backoff,
    ) -> Result<std::convert::Infallible, FollowError> {
        let trusted = OperatorProof::Trusted(Arc::clone(&own.trust));
        let tls = operator_client(trusted, Some(&own.credentials))?;
        let mut operator = Operator::new(connect(&self.operator, tls).await?);
        let (requests, receiver) = mpsc::unbounded_channel();
        for request in self.session.connect() {
            send(&requests, Some(request))?;
        }
        let responses = operator.configuration(receiver).await?;
        self.sinks.status.set_connected(true);
        tracing::info!(operator = self.operator, "connected to the operator");
        let (workload, in_effect) = (self.workload.clone(), self.sinks.publisher.in_effect());
        let ended = tokio::select! {
            ended = self.receive(responses, &requests, backoff) => ended,
            () = report(operator, &workload, in_effect) => Err(OperatorError::Ended.into()),
        };
        if self.unwritten.is_some() {
            self.write_facts().await;
        }
        ended
    }

    async fn receive(
        &mut self,
        mut responses: Streaming<DeltaDiscoveryResponse>,
        requests: &Requests,
        backoff: &mut Backoff,
    ) -> Result<std::convert::Infallible, FollowError> {
        loop {
            let settled = self.unwritten;
            tokio::select! {
                biased;
                () = settle(settled) => self.write_facts().await,
                message = responses.message() => {
                    let response = message
                        .map_err(|status| OperatorError::Refused(Box::new(status)))?
                        .ok_or(OperatorError::Ended)?;
                    backoff.reset();
                    let answer = self.handle(&response).await?;
                    send(requests, answer)?;
                }
            }
        }
    }

    /// Puts into effect what a response says, then answers it.
    async fn handle(
        &mut self,
        response: &DeltaDiscoveryResponse,
    ) -> Result<Option<DeltaDiscoveryRequest>, WorkerEnded> {
        self.sinks.status.received(response.resources.len());
        let Reaction {
            answer,
            change,
            mut refused,
        } = self.session.handle_response(response);
        // Without its listeners a restart would serve nobody, so they do not wait.
        let wait = match change {
            Change::Listeners => Duration::ZERO,
            _ => SETTLE,
        };
        let fact = match change {
            Change::Nothing => None,
            Change::Bundle(offer) => return self.take_bundle(*offer).await,
            Change::Endpoints(_) => {
                let endpoints = self.session.holdings().endpoints.clone();
                self.sinks.publisher.set_endpoints(endpoints).await?;
                Some(Ok(()))
            }
            Change::TrustRoots => Some(self.take_roots().await?),
            Change::Listeners => Some(self.take_listeners()),
        };
        match fact {
            None => {}
            Some(Ok(())) => {
                let at = Instant::now() + wait;
                self.unwritten = Some(self.unwritten.map_or(at, |before| before.min(at)));
            }
            Some(Err(reason)) => refused.push(reason),
        }
        if !refused.is_empty() {
            tracing::error!(?refused, "refused what the operator sent");
            self.sinks.status.refused(refused.clone());
        }
        Ok(answer.map(|answer| with_reasons(answer, &refused)))
    }

    async fn take_bundle(
        &mut self,
        offer: Offer,
    ) -> Result<Option<DeltaDiscoveryRequest>, WorkerEnded> {
        let publisher = &self.sinks.publisher;
        let (bundle, snapshot) = (offer.bundle.clone(), offer.snapshot.clone());
        let prepared = match publisher.prepare(bundle.clone(), snapshot.clone()).await {
            Ok(prepared) => prepared,
            Err(error) => {
                let reasons = reasons(error);
                tracing::error!(commit = %bundle.commit, ?reasons, "bundle refused");
                self.sinks.status.refused(reasons.clone());
                return Ok(self.session.refuse(offer, &reasons));
            }
        };
        publisher.activate(prepared).await?;
        let (commit, epoch) = (bundle.commit.clone(), bundle.epoch.0);
        let disk = Arc::clone(&self.sinks.disk);
        let active = ActiveBundle { bundle, snapshot };
        let kept = on_disk(move || disk.keep_resources(Kept::Bundle, &keep_bundle(&active))).await;
        if let Err(error) = kept {
            tracing::error!(
                error = chain(&error),
                "a restart would not find this bundle"
            );
        }
        self.sinks.status.bundle_accepted();
        tracing::info!(%commit, epoch, "bundle in effect");
        Ok(self.session.accept(offer))
    }

    async fn take_roots(&mut self) -> Result<Result<(), String>, WorkerEnded> {
        for roots in self.session.holdings().trust_roots.values() {
            match self.sinks.keeper.install_roots(roots).await {
                Ok(()) => {}
                Err(KeepError::Worker(ended)) => return Err(ended),
                Err(error) => return Ok(Err(chain(&error))),
            }
        }
        Ok(Ok(()))
    }

    fn take_listeners(&mut self) -> Result<(), String> {
        let Some(listeners) = &self.session.holdings().listeners else {
            return Ok(());
        };
        if let Some(clash) = Clash::find(listeners) {
            return Err(clash.to_string());
        }
        if let Some(admin) = listeners.admin.filter(|admin| !admin.ip().is_loopback()) {
            return Err(format!("the admin address {admin} is not on loopback"));
        }
        self.sinks.listeners.send_replace(Some(listeners.clone()));
        Ok(())
    }

    async fn write_facts(&mut self) {
        self.unwritten = None;
        let facts = keep_facts(self.session.holdings());
        let disk = Arc::clone(&self.sinks.disk);
        if let Err(error) = on_disk(move || disk.keep_resources(Kept::Facts, &facts)).await {
            tracing::error!(
                error = chain(&error),
                "a restart would not find these facts"
            );
        }
    }
}

async fn settle(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn send(requests: &Requests, request: Option<DeltaDiscoveryRequest>) -> Result<(), OperatorError> {
    request.map_or(Ok(()), |request| {
        requests.send(request).map_err(|_| OperatorError::Ended)
    })
}

/// An acknowledgement that turned out to be a refusal.
fn with_reasons(mut answer: DeltaDiscoveryRequest, reasons: &[String]) -> DeltaDiscoveryRequest {
    if !reasons.is_empty() {
        answer.error_detail = Some(Detail {
            code: INVALID_ARGUMENT,
            message: reasons.join("\n"),
        });
    }
    answer
}

fn reasons(error: PrepareError) -> Vec<String> {
    match error {
        PrepareError::NotHonourable(pieces) => pieces.iter().map(ToString::to_string).collect(),
        PrepareError::Panicked => vec![error.to_string()],
    }
}
