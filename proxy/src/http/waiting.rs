use std::future::Future;
use std::pin::Pin;

use super::standing::Standing;
use crate::context::Context;
use crate::telemetry::Record;

/// What `running` gives for a request that was let through, or why it must end.
/// The record is written here if the client goes away before either.
pub(super) async fn waiting<F: Future>(
    context: &Context,
    standing: &Standing,
    record: &mut Record,
    running: Pin<&mut F>,
) -> Result<F::Output, &'static str> {
    let mut unanswered = Unanswered {
        context,
        standing,
        record: Some(record),
    };
    let output = standing.ending.unless_ended(running).await;
    unanswered.record = None;
    output
}

struct Unanswered<'a> {
    context: &'a Context,
    standing: &'a Standing,
    /// `None` once there is an answer.
    record: Option<&'a mut Record>,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        let Some(record) = self.record.take() else {
            return;
        };
        // A panic may have come out of the log itself.
        if std::thread::panicking() {
            return;
        }
        let why = self.standing.ending.why();
        record.outcome.reason = Some(why.unwrap_or("client-gone"));
        record.outcome.flags = if why.is_none() { "DC" } else { "" };
        record.finish(&self.context.log, &self.context.metrics);
    }
}
