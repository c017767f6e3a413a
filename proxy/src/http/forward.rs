use http::header::{CONNECTION, HOST, HeaderMap, HeaderValue, UPGRADE};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Uri, Version, request};
use mesh_decide::{Headers, Plan};
use mesh_ir::Protocol;

use super::edit::join_cookies;
use super::guard::Head;
use super::hop;
use crate::active::Active;
use crate::pool::{HttpVersion, Outgoing};

/// A received head, as `mesh-decide` reads it.
pub(super) struct Fields<'a>(pub(super) &'a HeaderMap);

/// Fields up to which looking at each name costs less than hashing the one wanted.
const FEW: usize = 24;

impl Headers for Fields<'_> {
    fn for_each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        if self.0.len() > FEW {
            let values = self.0.get_all(name);
            return values.iter().for_each(|value| f(value.as_bytes()));
        }
        for (field, value) in self.0 {
            if field.as_str() == name {
                f(value.as_bytes());
            }
        }
    }
}

/// A request target in the bytes in which it came, without a copy where it is in origin-form.
pub(super) enum Target<'a> {
    Part(&'a str),
    Whole(String),
}

impl Target<'_> {
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Part(part) => part.as_bytes(),
            Self::Whole(whole) => whole.as_bytes(),
        }
    }
}

/// The target, and `:authority` where the protocol has one.
pub(super) fn target(head: &request::Parts) -> (Target<'_>, Option<&[u8]>) {
    let uri = &head.uri;
    let part = uri
        .path_and_query()
        .map_or(uri.path(), PathAndQuery::as_str);
    let authority = uri.authority().map(|it| it.as_str().as_bytes());
    if head.version == Version::HTTP_2 {
        (Target::Part(part), authority)
    } else if authority.is_some() {
        (Target::Whole(uri.to_string()), None)
    } else {
        (Target::Part(part), None)
    }
}

/// The host that the client named, as it wrote it.
pub(super) fn host(head: &request::Parts) -> Option<HeaderValue> {
    match head.headers.get(HOST) {
        Some(host) => Some(host.clone()),
        None => HeaderValue::from_str(head.uri.authority()?.as_str()).ok(),
    }
}

/// A head that cannot be said to the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unspeakable;

/// Makes a received head the head for an upstream: what concerned one hop only is
/// gone, and target and host stand where the upstream's protocol has them.
///
/// `host` and `path` are instead of those received.
pub(super) fn translate(
    head: &mut request::Parts,
    kind: Head,
    to: HttpVersion,
    host: Option<HeaderValue>,
    path: Option<&[u8]>,
) -> Result<(), Unspeakable> {
    hop::strip(&mut head.headers);
    if kind == Head::WebSocket {
        let headers = &mut head.headers;
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
    let host = host.or_else(|| self::host(head)).ok_or(Unspeakable)?;
    match to {
        HttpVersion::H1 => {
            join_cookies(&mut head.headers, head.version);
            head.headers.insert(HOST, host);
            head.version = Version::HTTP_11;
            if path.is_some() || head.uri.authority().is_some() {
                let path = path_of(&head.uri, path)?;
                head.uri = Uri::from(path);
            }
        }
        HttpVersion::H2 => {
            let mut parts = http::uri::Parts::default();
            parts.path_and_query = Some(path_of(&head.uri, path)?);
            parts.scheme = Some(Scheme::HTTP);
            let authority = Authority::try_from(host.as_bytes()).map_err(|_| Unspeakable)?;
            parts.authority = Some(authority);
            head.headers.remove(HOST);
            head.version = Version::HTTP_2;
            head.uri = Uri::from_parts(parts).map_err(|_| Unspeakable)?;
        }
    }
    Ok(())
}

fn path_of(uri: &Uri, rewritten: Option<&[u8]>) -> Result<PathAndQuery, Unspeakable> {
    match (rewritten, uri.path_and_query()) {
        (Some(path), _) => PathAndQuery::try_from(path).map_err(|_| Unspeakable),
        (None, Some(path)) => Ok(path.clone()),
        (None, None) => Ok(PathAndQuery::from_static("/")),
    }
}

/// The version that the application spoke, except where the port takes only HTTP/2.
pub(super) fn version_between(active: &Active, plan: &Plan, received: Version) -> HttpVersion {
    let port = &active.tables.service(plan.service).ports[plan.port.position()];
    match port.protocol {
        Protocol::Http2 | Protocol::Grpc => HttpVersion::H2,
        _ if received == Version::HTTP_2 => HttpVersion::H2,
        _ => HttpVersion::H1,
    }
}

/// The request that one attempt sends. `head` stays behind for another.
pub(super) fn copy(head: &request::Parts, body: Outgoing) -> Request<Outgoing> {
    let mut request = Request::new(body);
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = head.uri.clone();
    *request.version_mut() = head.version;
    *request.headers_mut() = head.headers.clone();
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(version: Version, uri: &str, fields: &[(&str, &str)]) -> request::Parts {
        let mut request = Request::builder().version(version).uri(uri);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn http_2_becomes_http_1_1_with_a_host() {
        let mut it = head(
            Version::HTTP_2,
            "http://a.b:80/x?y=1",
            &[("cookie", "a=1"), ("cookie", "b=2"), ("te", "trailers")],
        );
        translate(&mut it, Head::Plain, HttpVersion::H1, None, None).unwrap();
        assert_eq!(it.uri, "/x?y=1");
        assert_eq!(it.headers[HOST], "a.b:80");
        assert_eq!(it.headers["cookie"], "a=1; b=2");
        assert_eq!(it.headers["te"], "trailers");
    }

    #[test]
    fn http_1_1_becomes_http_2_with_an_authority() {
        let mut it = head(
            Version::HTTP_11,
            "/x?y=1",
            &[
                ("host", "a.b"),
                ("connection", "close"),
                ("keep-alive", "1"),
            ],
        );
        translate(&mut it, Head::Plain, HttpVersion::H2, None, None).unwrap();
        assert_eq!(it.uri, "http://a.b/x?y=1");
        assert!(it.headers.is_empty());
    }

    #[test]
    fn a_rewrite_changes_target_and_host() {
        let mut it = head(Version::HTTP_11, "/x?y=1", &[("host", "a.b")]);
        let host = Some(HeaderValue::from_static("c.d"));
        translate(&mut it, Head::Plain, HttpVersion::H1, host, Some(b"/z?y=1")).unwrap();
        assert_eq!(it.uri, "/z?y=1");
        assert_eq!(it.headers[HOST], "c.d");
    }

    #[test]
    fn an_absolute_target_is_decided_whole_and_sent_in_origin_form() {
        let mut it = head(Version::HTTP_11, "http://a.b/x", &[("host", "a.b")]);
        let (whole, authority) = target(&it);
        assert_eq!(whole.as_bytes(), b"http://a.b/x");
        assert_eq!(authority, None);
        translate(&mut it, Head::Plain, HttpVersion::H1, None, None).unwrap();
        assert_eq!(it.uri, "/x");
    }
}
