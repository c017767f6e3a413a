use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Context;
use crate::observe::{DriftKind, ProxyState};

/// Health and metrics.
pub(crate) fn router(context: Context) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(context)
}

/// Ready: there is a plan, so a proxy that connects gets one.
async fn ready(State(context): State<Context>) -> (StatusCode, String) {
    if context.plan.borrow().is_some() {
        return (StatusCode::OK, "ok\n".to_owned());
    }
    let status = context.status.borrow();
    let why = match &status.source.problem {
        Some((word, message)) => format!(": {word}: {message}"),
        None => String::new(),
    };
    let text = format!("no commit is live yet{why}\n");
    (StatusCode::SERVICE_UNAVAILABLE, text)
}

async fn metrics(State(context): State<Context>) -> Response {
    let plan = context.plan.borrow().clone();
    if let Some(plan) = plan {
        let now = jiff::Timestamp::now();
        let statuses = context.fleet.statuses(&plan, now);
        let drifts = context.fleet.drift(&plan, now);
        let states = ProxyState::ALL.map(|state| {
            let count = statuses.iter().filter(|it| it.state == state).count();
            (state.as_str(), i64::try_from(count).unwrap_or(i64::MAX))
        });
        let kinds = DriftKind::ALL.map(|kind| {
            let count = drifts.iter().filter(|it| it.kind == kind).count();
            (kind.as_str(), i64::try_from(count).unwrap_or(i64::MAX))
        });
        context.metrics.fleet(&states, &kinds);
    }
    match context.metrics.render() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
