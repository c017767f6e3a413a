use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::{Admin, dump, metrics, ready};
use crate::clock::since_epoch;

type Answer = Response<Full<Bytes>>;

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

impl Admin {
    pub(super) async fn answer(&self, request: &Request<Incoming>) -> Answer {
        if !is_local(request.headers().get(HOST)) {
            let why = "the admin interface answers only to a local host name\n";
            return answer(StatusCode::FORBIDDEN, TEXT, why.to_owned());
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut refusal = answer(StatusCode::METHOD_NOT_ALLOWED, TEXT, String::new());
            let allowed = HeaderValue::from_static("GET, HEAD");
            refusal.headers_mut().insert(ALLOW, allowed);
            return refusal;
        }
        match request.uri().path() {
            "/live" => answer(StatusCode::OK, TEXT, "live\n".to_owned()),
            "/ready" => self.ready(),
            "/metrics" => answer(StatusCode::OK, PROMETHEUS, self.metrics().await),
            "/config" => answer(StatusCode::OK, JSON, pretty(&self.config())),
            _ => answer(StatusCode::NOT_FOUND, TEXT, "not here\n".to_owned()),
        }
    }

    fn ready(&self) -> Answer {
        let in_effect = self.in_effect.borrow();
        let listeners = self.listeners.borrow();
        let reasons = ready::reasons(&ready::Inputs {
            has_bundle: in_effect.is_some(),
            not_after: in_effect.as_ref().map(|it| it.active.identity.not_after()),
            now: i64::try_from(since_epoch().as_secs()).unwrap_or(i64::MAX),
            wanted: listeners.as_ref(),
            listeners: &self.status.listeners(),
            draining: self.status.is_draining(),
        });
        let status = if reasons.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        let body = json!({ "ready": reasons.is_empty(), "reasons": reasons });
        answer(status, JSON, pretty(&body))
    }

    async fn metrics(&self) -> String {
        let mut text = String::new();
        self.publisher.metrics().await.render(&mut text);
        let in_effect = self.in_effect.borrow();
        metrics::render(&mut text, &self.status, in_effect.as_ref());
        text
    }

    fn config(&self) -> Value {
        let in_effect = self.in_effect.borrow();
        let listeners = self.listeners.borrow();
        let refusal = self.status.last_refusal();
        dump::dump(
            &self.workload,
            in_effect.as_ref(),
            listeners.as_ref(),
            refusal.as_deref(),
        )
    }
}

/// A page of somebody else's, in a browser on this machine, cannot name a local host.
fn is_local(host: Option<&HeaderValue>) -> bool {
    let Some(host) = host.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn answer(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_names_are_answered() {
        let local = |text| is_local(Some(&HeaderValue::from_static(text)));
        for host in [
            "localhost",
            "LocalHost:1",
            "127.0.0.1:15000",
            "[::1]:9",
            "127.9.9.9",
        ] {
            assert!(local(host), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example:1", "10.0.0.1", ""] {
            assert!(!local(host), "{host}");
        }
        assert!(!is_local(None));
    }
}
