use http::header::{COOKIE, HeaderName, HeaderValue};
use http::{HeaderMap, Version};
use mesh_ir::HeaderEdits;

/// Who is on the other side of the mTLS connection, for the application.
pub(super) const CLIENT_CERT: HeaderName = HeaderName::from_static("x-forwarded-client-cert");
/// Names one request wherever it goes.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Why a proxy of the mesh answered itself.
pub(super) const REASON: HeaderName = HeaderName::from_static("x-mesh-reason");

/// Set, add, remove. Values and names were checked when the tables were built;
/// what cannot be a field is left out.
pub(super) fn apply(headers: &mut HeaderMap, edits: &HeaderEdits) {
    let name = |name: &str| HeaderName::from_bytes(name.as_bytes()).ok();
    for edit in &edits.set {
        if let (Some(name), Ok(value)) = (name(&edit.name), HeaderValue::from_str(&edit.value)) {
            headers.insert(name, value);
        }
    }
    for edit in &edits.add {
        if let (Some(name), Ok(value)) = (name(&edit.name), HeaderValue::from_str(&edit.value)) {
            headers.append(name, value);
        }
    }
    for name in edits.remove.iter().filter_map(|it| name(it)) {
        headers.remove(name);
    }
}

/// HTTP/2 may split `Cookie` into many fields; HTTP/1.1 has one (RFC 9113 section 8.2.3).
pub(super) fn join_cookies(headers: &mut HeaderMap, received: Version) {
    if received != Version::HTTP_2 || headers.get_all(COOKIE).iter().nth(1).is_none() {
        return;
    }
    let crumbs: Vec<&[u8]> = headers
        .get_all(COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if let Ok(joined) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])) {
        headers.insert(COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_crumbs_become_one_field() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1"));
        headers.append(COOKIE, HeaderValue::from_static("b=2"));
        join_cookies(&mut headers, Version::HTTP_2);
        let joined: Vec<_> = headers.get_all(COOKIE).iter().collect();
        assert_eq!(joined, ["a=1; b=2"]);
    }
}
