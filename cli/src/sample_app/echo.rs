//! The JSON answer of an HTTP port; its shape is a contract.

use std::collections::BTreeMap;

use hyper::http::request::Parts;
use serde::Serialize;

use super::{Workload, peer};

/// What arrived, and at whom.
#[derive(Debug, Serialize)]
pub(super) struct Echo<'a> {
    service: &'a str,
    namespace: &'a str,
    version: Option<&'a str>,
    /// The caller's SPIFFE ID, where a sidecar said it.
    peer: Option<&'a str>,
    method: &'a str,
    /// With the query.
    path: &'a str,
    headers: BTreeMap<&'a str, Vec<String>>,
}

impl<'a> Echo<'a> {
    /// The echo of a request's head. HTTP/2's `:authority` is told as `host`.
    pub(super) fn of(workload: &'a Workload, head: &'a Parts) -> Self {
        let mut headers = BTreeMap::<_, Vec<_>>::new();
        for (name, value) in &head.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.entry(name.as_str()).or_default().push(value);
        }
        if let Some(authority) = head.uri.authority() {
            headers
                .entry("host")
                .or_insert_with(|| vec![authority.to_string()]);
        }
        Self {
            service: &workload.service,
            namespace: &workload.namespace,
            version: workload.version.as_deref(),
            peer: caller(head),
            method: head.method.as_str(),
            path: head.uri.path_and_query().map_or("/", |path| path.as_str()),
            headers,
        }
    }
}

/// The caller that the sidecar vouches for.
pub(super) fn caller(head: &Parts) -> Option<&str> {
    let value = head.headers.get("x-forwarded-client-cert")?;
    peer::of(value.to_str().ok()?)
}
