use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};
use mesh_decide::{LimitStatus, Preflight, Refusal};
use mesh_ir::Respond;

use super::body::Body;
use super::edit::{REASON, share};
use crate::active::Active;
use crate::context::Context;
use crate::telemetry::{Outcome, Record, Traffic};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// An answer that this proxy gives instead of passing a request on.
pub(super) struct Answer<'a> {
    /// The HTTP status, which gRPC is told in its own terms.
    pub status: u16,
    /// What gRPC is told.
    pub grpc_status: u8,
    /// The class, for `x-mesh-reason`.
    pub reason: &'static str,
    /// In words; never taken from the request.
    pub detail: &'a str,
    /// Whether it is told as gRPC whatever the port is.
    pub always_grpc: bool,
}

impl<'a> Answer<'a> {
    /// What a refusal says.
    pub(super) fn refusal(refusal: &Refusal) -> Answer<'static> {
        Answer {
            status: refusal.status,
            grpc_status: refusal.grpc_status(),
            reason: refusal.reason.as_str(),
            detail: refusal.detail,
            always_grpc: refusal.grpc.is_some(),
        }
    }

    /// A failure of the upstream or of this proxy.
    pub(super) fn failure(status: u16, reason: &'static str, detail: &'a str) -> Self {
        let grpc_status = match status {
            504 => 4,
            500 => 13,
            _ => 14,
        };
        Self {
            status,
            grpc_status,
            reason,
            detail,
            always_grpc: false,
        }
    }

    /// The exchange must end before there is an answer.
    pub(super) fn ended(why: &'static str) -> Answer<'static> {
        Answer {
            status: 403,
            grpc_status: 7,
            reason: why,
            detail: "the decisions in force do not permit it any more",
            always_grpc: false,
        }
    }

    /// For gRPC trailers only with HTTP 200, else the status and a line of text.
    pub(super) fn response(&self, grpc: bool) -> Response<Body> {
        let mut response = Response::new(Body::Empty);
        let headers = response.headers_mut();
        headers.insert(REASON, HeaderValue::from_static(self.reason));
        if grpc {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
            headers.insert(GRPC_STATUS, HeaderValue::from(u16::from(self.grpc_status)));
            if let Ok(message) = HeaderValue::from_str(self.reason) {
                headers.insert(GRPC_MESSAGE, message);
            }
            return response;
        }
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        let text = format!("{}: {}\n", self.reason, self.detail);
        *response.body_mut() = Body::Full(Bytes::from(text));
        *response.status_mut() = status(self.status);
        response
    }
}

/// Gives an answer of this proxy's own, and records it.
pub(super) fn give(
    context: &Context,
    mut record: Box<Record>,
    answer: &Answer<'_>,
    flags: &'static str,
) -> Response<Body> {
    let is_grpc = matches!(record.traffic, Traffic::Http { grpc: true, .. });
    let grpc = is_grpc || answer.always_grpc;
    let response = answer.response(grpc);
    record.outcome = Outcome {
        status: response.status().as_u16(),
        reason: Some(answer.reason),
        flags,
        grpc: grpc.then_some(answer.grpc_status),
    };
    record.finish(&context.log, &context.metrics);
    response
}

/// What a `respond` rule says.
pub(super) fn respond(respond: &Respond) -> Response<Body> {
    let mut response = Response::new(Body::Full(Bytes::copy_from_slice(respond.body.as_bytes())));
    *response.status_mut() = status(respond.status);
    for (name, value) in &respond.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// What a browser is told that asks before a request of another origin.
pub(super) fn preflight(preflight: &Preflight) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status(preflight.status);
    share(response.headers_mut(), &preflight.headers);
    response
}

/// What a `redirect` rule says.
pub(super) fn redirect(code: u16, location: &[u8]) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status(code);
    if let Ok(location) = HeaderValue::from_bytes(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// `Retry-After`, and the fields of draft-ietf-httpapi-ratelimit-headers.
pub(super) fn tell_limit(headers: &mut HeaderMap, active: &Active, refusal: &Refusal) {
    if let Some(after) = refusal.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds_up(after)));
    }
    if let Some(limit) = &refusal.limit {
        tell_room(headers, active, limit);
    }
}

/// `RateLimit-Policy` and `RateLimit`: how many in which time, how many are left.
pub(super) fn tell_room(headers: &mut HeaderMap, active: &Active, limit: &LimitStatus) {
    let meta = active.tables.rule(limit.rule);
    let name: String = match &meta.rule {
        Some(rule) => rule.0.chars().filter(|c| is_token(*c)).collect(),
        None => "default".to_owned(),
    };
    let policy = format!("\"{name}\";q={};w={}", limit.quota, limit.window.as_secs());
    let room = format!(
        "\"{name}\";r={};t={}",
        limit.remaining,
        seconds_up(limit.reset)
    );
    for (field, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, room)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(field, value);
        }
    }
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

fn seconds_up(duration: std::time::Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use http_body::Body as _;

    use super::*;

    #[test]
    fn a_grpc_refusal_is_trailers_only_with_http_200() {
        let refusal = Refusal::plain(403, mesh_decide::Reason::Access, "no rule allows it");
        let response = Answer::refusal(&refusal).response(true);
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/grpc");
        assert_eq!(response.headers()[GRPC_STATUS], "7");
        assert_eq!(response.headers()[REASON], "access");
        assert!(response.body().is_end_stream());
    }

    #[test]
    fn an_http_refusal_says_why_in_a_header_and_a_line() {
        let refusal = Refusal::plain(404, mesh_decide::Reason::NoRoute, "no rule matches");
        let response = Answer::refusal(&refusal).response(false);
        assert_eq!(response.status(), 404);
        assert_eq!(response.headers()[REASON], "no-route");
        assert!(
            matches!(response.body(), Body::Full(text) if text == "no-route: no rule matches\n")
        );
    }

    #[test]
    fn a_part_of_a_second_is_a_whole_one_to_wait() {
        assert_eq!(seconds_up(std::time::Duration::from_millis(1)), 1);
        assert_eq!(seconds_up(std::time::Duration::from_secs(2)), 2);
        assert_eq!(seconds_up(std::time::Duration::ZERO), 0);
    }
}
