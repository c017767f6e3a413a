use std::sync::Arc;
use std::time::Duration;

use mesh_xds::proto::operator::ReportRequest;
use mesh_xds::snapshot_digest;
use tokio::sync::watch;

use super::chain;
use super::operator::Operator;
use crate::publish::InEffect;

/// A proxy that says nothing for some of these is silent to the operator.
const INTERVAL: Duration = Duration::from_secs(2);
/// A report that takes longer is given up.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Tells the operator what is in effect, at once after each change and every two
/// seconds, as long as the connection lasts.
pub(super) async fn report(
    mut operator: Operator,
    workload: &str,
    mut in_effect: watch::Receiver<Option<InEffect>>,
) {
    loop {
        let now = in_effect.borrow_and_update().clone();
        let report = make(workload, now).await;
        match tokio::time::timeout(TIMEOUT, operator.report(report)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(error = chain(&error), "report failed"),
            Err(_) => tracing::debug!("report timed out"),
        }
        tokio::select! {
            changed = in_effect.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

/// The digest is that of what the tables were built from, computed anew: it says
/// what is enforced, not what was once received.
async fn make(workload: &str, in_effect: Option<InEffect>) -> ReportRequest {
    let mut report = ReportRequest {
        workload: workload.to_owned(),
        ..ReportRequest::default()
    };
    let Some(in_effect) = in_effect else {
        return report;
    };
    let snapshot = Arc::clone(&in_effect.snapshot);
    let digest = tokio::task::spawn_blocking(move || snapshot_digest(&snapshot)).await;
    report.epoch = in_effect.active.bundle.epoch.0;
    report.commit = in_effect.active.bundle.commit.0.to_string();
    report.digest = digest.map(|it| it.0.to_vec().into()).unwrap_or_default();
    report.certificate_not_after = in_effect.active.identity.not_after();
    report
}
