use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use mesh_ir::SpiffeId;
use serde::{Deserialize, Serialize};

use super::{Context, report};

/// A request names one workload or one identity.
const MAX_BODY: usize = 16 << 10;

/// Status, drift and join tokens.
pub(crate) fn router(context: Context) -> Router {
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/drift", get(drift))
        .route("/v1/tokens", post(token))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(context)
}

async fn status(State(context): State<Context>) -> Json<report::Status> {
    let plan = context.plan.borrow().clone();
    let status = context.status.borrow().clone();
    let proxies = plan
        .as_ref()
        .map(|plan| context.fleet.statuses(plan, jiff::Timestamp::now()))
        .unwrap_or_default();
    let proxies = plan
        .iter()
        .flat_map(|plan| proxies.iter().map(|proxy| report::proxy(plan, proxy)))
        .collect();
    Json(report::status(&status, proxies, context.addresses))
}

async fn drift(State(context): State<Context>) -> Json<report::Drift> {
    let plan = context.plan.borrow().clone();
    let drifts = plan
        .map(|plan| context.fleet.drift(&plan, jiff::Timestamp::now()))
        .unwrap_or_default();
    Json(report::drift(&drifts))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    workload: Option<String>,
    identity: Option<String>,
}

#[derive(Serialize)]
struct TokenAnswer {
    token: String,
    identity: String,
    expires: String,
}

#[derive(Serialize)]
struct Refusal {
    error: String,
}

async fn token(State(context): State<Context>, Json(request): Json<TokenRequest>) -> Response {
    let identity = match wanted(&context, &request) {
        Ok(identity) => identity,
        Err((status, error)) => return (status, Json(Refusal { error })).into_response(),
    };
    let now = jiff::Timestamp::now();
    match context.ca.mint(&identity, now) {
        Ok(minted) => Json(TokenAnswer {
            token: String::clone(&minted.token),
            identity: identity.to_string(),
            expires: minted.expires.to_string(),
        })
        .into_response(),
        Err(error) => {
            let error = error.to_string();
            let refusal = Json(Refusal { error });
            (StatusCode::INTERNAL_SERVER_ERROR, refusal).into_response()
        }
    }
}

/// A token is made for identities that the live commit knows.
fn wanted(context: &Context, request: &TokenRequest) -> Result<SpiffeId, (StatusCode, String)> {
    let plan = context.plan.borrow().clone().ok_or_else(|| {
        let error = "no commit is live yet, so there are no identities";
        (StatusCode::SERVICE_UNAVAILABLE, error.to_owned())
    })?;
    match (&request.workload, &request.identity) {
        (Some(name), None) => match plan.workloads.get(name) {
            Some(workload) => Ok(workload.identity.clone()),
            None => Err((
                StatusCode::NOT_FOUND,
                format!("there is no workload `{name}` in the inventory and the live commit"),
            )),
        },
        (None, Some(text)) => {
            let identity = SpiffeId::parse(text)
                .map_err(|error| (StatusCode::BAD_REQUEST, format!("`{text}`: {error}")))?;
            if plan.mesh.roles.iter().any(|role| role.identity == identity) {
                Ok(identity)
            } else {
                let error = format!("`{identity}` is the identity of no service");
                Err((StatusCode::NOT_FOUND, error))
            }
        }
        _ => Err((
            StatusCode::BAD_REQUEST,
            "say either `workload` or `identity`".to_owned(),
        )),
    }
}
