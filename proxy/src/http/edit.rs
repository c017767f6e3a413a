use http::header::{COOKIE, HeaderName, HeaderValue, VARY};
use http::{HeaderMap, Version};
use mesh_decide::Fields;
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

/// Says to a browser what scripts of other origins may do with an answer, instead of
/// what the application says about it.
pub(super) fn share(headers: &mut HeaderMap, fields: &Fields) {
    let own = |name: &&HeaderName| name.as_str().starts_with("access-control-");
    let own: Vec<HeaderName> = headers.keys().filter(own).cloned().collect();
    for name in own {
        headers.remove(name);
    }
    for (name, value) in fields {
        let name = HeaderName::from_static(name);
        let Ok(value) = HeaderValue::from_str(value) else {
            continue;
        };
        if name == VARY {
            headers.append(name, value);
        } else {
            headers.insert(name, value);
        }
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
    fn what_the_application_says_about_other_origins_is_replaced() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-credentials", "true"),
            ("vary", "accept"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let fields = vec![
            ("access-control-allow-origin", "https://a.b".to_owned()),
            ("vary", "origin".to_owned()),
        ];
        share(&mut headers, &fields);
        assert_eq!(headers["access-control-allow-origin"], "https://a.b");
        assert!(!headers.contains_key("access-control-allow-credentials"));
        let vary: Vec<_> = headers.get_all(VARY).iter().collect();
        assert_eq!(vary, ["accept", "origin"]);
    }

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
