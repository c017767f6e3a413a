//! How a proxy gets the token that it joins with.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::commands::token::Minted;
use crate::operator_api::{Operator, OperatorError};

use super::state::write_secret;

/// How long the operator may take to know a workload that was just added.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// A token to fetch before a proxy starts.
#[derive(Debug, Clone)]
pub(super) struct Errand {
    /// Whom to ask.
    pub(super) operator: Operator,
    /// For whom, `namespace/name`.
    pub(super) workload: String,
    /// Where the proxy reads it.
    pub(super) file: PathBuf,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum ErrandError {
    /// The operator gave none.
    #[error("got no token")]
    Token(#[from] OperatorError),
    /// It could not be written.
    #[error("cannot write {path}")]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Errand {
    /// Asks once.
    pub(super) async fn attempt(&self) -> Result<(), ErrandError> {
        let whom = json!({ "workload": self.workload });
        let minted: Minted = self.operator.post("/v1/tokens", &whom).await?;
        write_secret(&self.file, &minted.token).map_err(|source| ErrandError::Write {
            path: self.file.clone(),
            source,
        })
    }

    /// Asks until there is an answer: the operator may not have read the inventory yet.
    pub(super) async fn insist(&self) -> Result<(), ErrandError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.attempt().await {
                Err(ErrandError::Token(_)) if Instant::now() < deadline => sleep(PAUSE).await,
                outcome => return outcome,
            }
        }
    }
}
