use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Pipeline, Sink};
use crate::follow::{Watch, Watched};

/// After the first failed look; doubled with each further one, up to the poll.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// The inventory is read again this often without being told.
const INVENTORY_POLL: Duration = Duration::from_secs(5);

/// Looks whenever something may have changed, until told to stop. May block, so it
/// wants a thread of its own.
pub(crate) async fn follow_changes<S: Sink>(
    mut pipeline: Pipeline<S>,
    poll: Duration,
    inventory: Option<PathBuf>,
    shutdown: CancellationToken,
) {
    let mut repository = Watch::new();
    let mut inventory_watch = Watch::new();
    let mut retry = FIRST_RETRY;
    if let Some(directory) = inventory.as_deref().and_then(Path::parent) {
        // The directory: a file that is replaced takes its watch with it.
        inventory_watch.set(&[Watched::Entries(directory.to_owned(), &[])]);
    }
    while let Some(looked) = shutdown.run_until_cancelled(pipeline.look()).await {
        let wait = match looked {
            // What changed between the look and the watch would be missed.
            Ok(Some(watched)) if repository.set(&watched) => continue,
            Ok(Some(_)) => {
                retry = FIRST_RETRY;
                poll
            }
            Ok(None) => backoff(&mut retry, poll),
            Err(error) => {
                tracing::error!(%error, "the store failed; what runs goes on");
                backoff(&mut retry, poll)
            }
        };
        let deadline = tokio::time::Instant::now() + jittered(wait);
        let waited = wait_for_news(&mut pipeline, &repository, &inventory_watch, deadline);
        if shutdown.run_until_cancelled(waited).await.is_none() {
            return;
        }
    }
}

/// Returns when it is time for a look at the repository; sees to the inventory meanwhile.
async fn wait_for_news<S: Sink>(
    pipeline: &mut Pipeline<S>,
    repository: &Watch,
    inventory: &Watch,
    deadline: tokio::time::Instant,
) {
    loop {
        tokio::select! {
            () = repository.changed() => return,
            () = tokio::time::sleep_until(deadline) => return,
            () = inventory.changed() => {}
            () = tokio::time::sleep(INVENTORY_POLL) => {}
        }
        if let Err(error) = pipeline.look_at_inventory() {
            tracing::error!(%error, "the store failed; what runs goes on");
        }
    }
}

fn backoff(retry: &mut Duration, poll: Duration) -> Duration {
    let wait = (*retry).min(poll);
    *retry = (*retry * 2).min(poll);
    wait
}

/// Operators that start together do not ask together.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(rand::random_range(0.8..1.2))
}
