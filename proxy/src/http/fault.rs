use std::future::pending;
use std::pin::pin;
use std::time::Instant;

use mesh_decide::Injected;

use super::exchange::Unanswered;
use crate::alarm::Alarms;

/// The flag of a request that was held back.
pub(super) const DELAYED: &str = "DI";

/// Holds a request back as long as its fault says, at most until its deadline; then
/// says whether it is aborted.
pub(super) async fn inject(
    alarms: &Alarms,
    fault: &Injected,
    deadline: Option<Instant>,
) -> Result<(), Unanswered> {
    if let Some(delay) = fault.delay {
        let until = Instant::now() + delay;
        let late = deadline.filter(|deadline| *deadline < until);
        let waits = pin!(pending::<()>());
        alarms.until(late.unwrap_or(until), waits).await;
        if late.is_some() {
            return Err(Unanswered::Timeout);
        }
    }
    match fault.abort {
        Some(_) => Err(Unanswered::Aborted),
        None => Ok(()),
    }
}
