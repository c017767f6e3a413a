use http::HeaderMap;
use http::header::HeaderName;

/// Fields of a trailer section that would mean something to whoever merges it into
/// the head: framing, routing, authentication (RFC 9110 section 6.5.1).
const NEVER_LAST: [&str; 10] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Drops every field that only proxies of the mesh may set, in any spelling that
/// a CGI-like application might take for it.
///
/// `Forwarded` and `X-Forwarded-For` are not among them: nothing in the mesh
/// decides by what they claim, and between workloads they are the application's own.
/// Says which went.
pub(crate) fn strip(headers: &mut HeaderMap) -> Vec<HeaderName> {
    strip_where(headers, is_reserved)
}

/// The same for a trailer section, in which some more fields have no place.
pub(crate) fn strip_trailers(trailers: &mut HeaderMap) {
    strip_where(trailers, |name| {
        is_reserved(name) || NEVER_LAST.contains(&name)
    });
}

fn strip_where(headers: &mut HeaderMap, goes: impl Fn(&str) -> bool) -> Vec<HeaderName> {
    let going = headers.keys().filter(|name| goes(name.as_str()));
    let going: Vec<HeaderName> = going.cloned().collect();
    for name in &going {
        headers.remove(name);
    }
    going
}

fn is_reserved(name: &str) -> bool {
    let bytes = name.as_bytes();
    let like = |prefix: &[u8]| {
        bytes.len() >= prefix.len()
            && bytes
                .iter()
                .zip(prefix)
                .all(|(have, want)| have == want || (*have == b'_' && *want == b'-'))
    };
    bytes.first() == Some(&b'x')
        && (like(b"x-mesh-") || (bytes.len() == 23 && like(b"x-forwarded-client-cert")))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn identity_headers_from_outside_go_in_every_spelling() {
        let mut headers = HeaderMap::new();
        for name in [
            "x-forwarded-client-cert",
            "x_forwarded_client_cert",
            "x-mesh-reason",
            "x-mesh_peer",
            "x_mesh_mirror",
            "x-meshed",
            "x-forwarded-for",
        ] {
            headers.append(name, HeaderValue::from_static("1"));
            headers.append(name, HeaderValue::from_static("2"));
        }
        strip(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["x-forwarded-for", "x-meshed"]);
    }

    #[test]
    fn a_trailer_section_brings_neither_identity_nor_framing() {
        let mut trailers = HeaderMap::new();
        for name in NEVER_LAST.into_iter().chain([
            "x-forwarded-client-cert",
            "x-mesh-reason",
            "grpc-status",
            "x-checksum",
        ]) {
            trailers.append(name, HeaderValue::from_static("1"));
        }
        strip_trailers(&mut trailers);
        let mut left: Vec<_> = trailers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["grpc-status", "x-checksum"]);
    }
}
