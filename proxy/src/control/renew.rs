use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mesh_ir::Percent;
use tokio::sync::watch;

use super::backoff::Backoff;
use super::chain;
use super::obtain::{ObtainError, Proof, obtain};
use crate::clock::since_epoch;
use crate::join_token::{InvalidJoinToken, JoinToken};
use crate::keeper::{KeepError, Keeper, Own};
use crate::publish::{InEffect, WorkerEnded};
use crate::renewal::{Renewal, RenewalPlan};
use crate::status::Status;

/// Where no bundle says when to renew.
const HALF: Percent = Percent(50_000);

/// Joins the mesh if need be, and renews the certificate for ever.
pub(crate) struct Renewer {
    /// `host:port`.
    pub(crate) operator: String,
    /// Where a join token is, or may be put again.
    pub(crate) token_file: Option<PathBuf>,
    /// Whom to tell.
    pub(crate) keeper: Arc<Keeper>,
    /// For the settings of the mesh.
    pub(crate) in_effect: watch::Receiver<Option<InEffect>>,
    /// For the admin interface.
    pub(crate) status: Arc<Status>,
}

/// Why an attempt gave no certificate in effect.
#[derive(Debug, thiserror::Error)]
enum RenewError {
    #[error(transparent)]
    Obtain(#[from] ObtainError),
    #[error(transparent)]
    Keep(#[from] KeepError),
    #[error("no join token file was given (--token-file)")]
    NoTokenFile,
    #[error("the join token {} cannot be read: {source}", .path.display())]
    ReadToken {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {source}", .path.display())]
    Token {
        path: PathBuf,
        source: InvalidJoinToken,
    },
}

impl Renewer {
    /// Ends only when the process cannot go on.
    pub(crate) async fn run(self) -> WorkerEnded {
        loop {
            let done = match self.keeper.current() {
                None => self.join_until_done().await,
                Some(own) => self.renew_when_due(&own).await,
            };
            if let Err(ended) = done {
                return ended;
            }
        }
    }

    async fn join_until_done(&self) -> Result<(), WorkerEnded> {
        let mut backoff = Backoff::default();
        while let Err(error) = self.join().await {
            self.failed(&error, "could not join the mesh; trying again")?;
            let wait = backoff.next(rand::random());
            tokio::time::sleep(wait.max(Duration::from_millis(50))).await;
        }
        Ok(())
    }

    async fn renew_when_due(&self, own: &Own) -> Result<(), WorkerEnded> {
        let draw = rand::random();
        let mut failures = 0;
        loop {
            let plan = RenewalPlan::new(own.credentials.svid(), self.share(), draw);
            let result = match plan.decide(now()) {
                Renewal::Wait(wait) => {
                    tokio::time::sleep(wait).await;
                    continue;
                }
                Renewal::Due => self.renew().await,
                Renewal::Expired => self.come_back().await,
            };
            let Err(error) = result else {
                return Ok(());
            };
            failures += 1;
            let left = own.credentials.svid().not_after - now() / 1000;
            let message = if left > 0 {
                "could not renew the certificate; trying again"
            } else {
                "the certificate has expired and could not be renewed: new connections fail \
                 until the operator answers, or a new join token is in the token file"
            };
            self.failed(&error, message)?;
            tracing::debug!(seconds_left = left, failures, "renewal failed");
            tokio::time::sleep(plan.retry(failures, rand::random())).await;
        }
    }

    /// With a token, where there is one.
    async fn join(&self) -> Result<(), RenewError> {
        let token = self.token()?;
        let (credentials, trust) = obtain(&self.operator, Proof::Token(&token)).await?;
        let id = credentials.svid().id.clone();
        self.keeper.install(credentials, trust).await?;
        self.status.renewed();
        tracing::info!(%id, "joined the mesh");
        Ok(())
    }

    /// With the certificate in use, and the roots of this moment.
    async fn renew(&self) -> Result<(), RenewError> {
        let Some(own) = self.keeper.current() else {
            return self.join().await;
        };
        let (credentials, trust) = obtain(&self.operator, Proof::Current(&own)).await?;
        let not_after = credentials.svid().not_after;
        self.keeper.install(credentials, trust).await?;
        self.status.renewed();
        tracing::info!(not_after, "certificate renewed");
        Ok(())
    }

    /// An expired certificate proves nothing, unless it is our clock that is wrong:
    /// a token that was put there comes first.
    async fn come_back(&self) -> Result<(), RenewError> {
        match self.join().await {
            Ok(()) => Ok(()),
            Err(by_token) => {
                tracing::debug!(error = chain(&by_token), "no way back by a join token");
                self.renew().await
            }
        }
    }

    fn token(&self) -> Result<JoinToken, RenewError> {
        let path = self.token_file.clone().ok_or(RenewError::NoTokenFile)?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => zeroize::Zeroizing::new(text),
            Err(source) => return Err(RenewError::ReadToken { path, source }),
        };
        JoinToken::parse(&text).map_err(|source| RenewError::Token { path, source })
    }

    fn failed(&self, error: &RenewError, message: &str) -> Result<(), WorkerEnded> {
        if let RenewError::Keep(KeepError::Worker(ended)) = error {
            return Err(*ended);
        }
        self.status.renewal_failed();
        tracing::warn!(error = chain(error), "{message}");
        Ok(())
    }

    fn share(&self) -> Percent {
        let in_effect = self.in_effect.borrow();
        in_effect
            .as_ref()
            .map_or(HALF, |it| it.active.tables.settings().renew_at)
    }
}

/// Unix milliseconds of the wall clock.
fn now() -> i64 {
    i64::try_from(since_epoch().as_millis()).unwrap_or(i64::MAX)
}
