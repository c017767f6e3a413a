use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, Method, Version, request};

/// Fields of one head. HTTP/1.1 is held to it while it is read.
const MAX_FIELDS: usize = 100;

/// Fields that `Connection` may not strip: whoever reads them behind us would
/// decide by something else than we did.
const PROTECTED: [&str; 10] = [
    "host",
    "content-length",
    "content-type",
    "authorization",
    "cookie",
    "forwarded",
    "x-request-id",
    "grpc-timeout",
    "traceparent",
    "expect",
];

/// What a head asks of the connection that it came on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// An exchange.
    Plain,
    /// A WebSocket handshake (RFC 6455 section 4.1).
    WebSocket,
}

/// Refuses what two readers may frame differently, before anything is decided.
///
/// Target and host are read by `mesh-decide`; this looks at what it does not see.
/// hyper has already refused what it cannot parse.
pub(super) fn check(head: &request::Parts) -> Result<Head, &'static str> {
    if head.method == Method::CONNECT {
        return Err("CONNECT is not served");
    }
    if head.headers.len() > MAX_FIELDS {
        return Err("more than 100 header fields");
    }
    if count(&head.headers, &HOST) > 1 {
        return Err("more than one Host");
    }
    check_length(head)?;
    check_connection(&head.headers)?;
    check_upgrade(head)
}

fn check_length(head: &request::Parts) -> Result<(), &'static str> {
    let lengths = count(&head.headers, &CONTENT_LENGTH);
    if lengths > 1 {
        return Err("more than one Content-Length");
    }
    if let Some(length) = head.headers.get(CONTENT_LENGTH) {
        let digits = length.as_bytes();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err("Content-Length is not a number");
        }
    }
    let mut codings = head.headers.get_all(TRANSFER_ENCODING).iter();
    let Some(coding) = codings.next() else {
        return Ok(());
    };
    if head.version != Version::HTTP_11 {
        return Err("Transfer-Encoding outside HTTP/1.1");
    }
    if lengths > 0 {
        return Err("Content-Length beside Transfer-Encoding");
    }
    if codings.next().is_some() || !coding.as_bytes().eq_ignore_ascii_case(b"chunked") {
        return Err("a Transfer-Encoding other than chunked");
    }
    Ok(())
}

fn check_connection(headers: &HeaderMap) -> Result<(), &'static str> {
    for value in headers.get_all(CONNECTION) {
        for option in value.as_bytes().split(|byte| *byte == b',') {
            let option = option.trim_ascii().to_ascii_lowercase();
            let named = |name: &str| option == name.as_bytes();
            if option.starts_with(b":")
                || option.starts_with(b"x-mesh-")
                || option.starts_with(b"x-forwarded-")
                || PROTECTED.into_iter().any(named)
            {
                return Err("Connection names a field that is not the connection's");
            }
        }
    }
    Ok(())
}

fn check_upgrade(head: &request::Parts) -> Result<Head, &'static str> {
    let mut tokens = head.headers.get_all(UPGRADE).iter();
    let Some(token) = tokens.next() else {
        return Ok(Head::Plain);
    };
    // Without it, the field was for another hop than this one (RFC 9110 section 7.8).
    let for_us = head.headers.get_all(CONNECTION).iter().any(|value| {
        let mut options = value.as_bytes().split(|byte| *byte == b',');
        options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
    });
    let websocket = for_us
        && head.version == Version::HTTP_11
        && head.method == Method::GET
        && tokens.next().is_none()
        && token.as_bytes().eq_ignore_ascii_case(b"websocket")
        && !head.headers.contains_key(CONTENT_LENGTH)
        && !head.headers.contains_key(TRANSFER_ENCODING);
    if websocket {
        Ok(Head::WebSocket)
    } else {
        Err("an Upgrade other than websocket")
    }
}

fn count(headers: &HeaderMap, name: &HeaderName) -> usize {
    headers.get_all(name).iter().count()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn verdict(
        version: Version,
        method: &str,
        fields: &[(&str, &str)],
    ) -> Result<Head, &'static str> {
        let mut request = Request::builder().version(version).method(method).uri("/");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0)
    }

    fn refused(fields: &[(&str, &str)]) -> bool {
        verdict(Version::HTTP_11, "POST", fields).is_err()
    }

    #[test]
    fn a_length_that_two_readers_may_read_differently_is_refused() {
        assert!(refused(&[
            ("content-length", "5"),
            ("transfer-encoding", "chunked")
        ]));
        assert!(refused(&[("content-length", "5"), ("content-length", "6")]));
        assert!(refused(&[("content-length", "+5")]));
        assert!(refused(&[("content-length", "5, 5")]));
        assert!(refused(&[("transfer-encoding", "gzip, chunked")]));
        assert!(refused(&[
            ("transfer-encoding", "chunked"),
            ("transfer-encoding", "chunked")
        ]));
        assert!(!refused(&[("transfer-encoding", "Chunked")]));
        assert!(!refused(&[("content-length", "5")]));
    }

    #[test]
    fn transfer_encoding_belongs_to_http_1_1_alone() {
        let fields = [("transfer-encoding", "chunked")];
        for version in [Version::HTTP_10, Version::HTTP_2] {
            assert!(verdict(version, "POST", &fields).is_err());
        }
    }

    #[test]
    fn connection_cannot_strip_what_others_decide_by() {
        for name in [
            "Host",
            "close, X-Forwarded-For",
            "x-mesh-peer",
            "Cookie",
            ":path",
        ] {
            assert!(refused(&[("connection", name)]), "{name}");
        }
        assert!(!refused(&[("connection", "close, x-hop")]));
    }

    #[test]
    fn only_a_websocket_upgrades() {
        let ask = |version, token: &str| {
            verdict(
                version,
                "GET",
                &[("connection", "upgrade"), ("upgrade", token)],
            )
        };
        assert_eq!(ask(Version::HTTP_11, "WebSocket"), Ok(Head::WebSocket));
        assert!(ask(Version::HTTP_11, "h2c").is_err());
        assert!(ask(Version::HTTP_11, "websocket, h2c").is_err());
        assert!(ask(Version::HTTP_2, "websocket").is_err());
        let unsaid = [("upgrade", "websocket")];
        assert!(verdict(Version::HTTP_11, "GET", &unsaid).is_err());
    }

    #[test]
    fn connect_and_a_second_host_are_refused() {
        assert!(verdict(Version::HTTP_11, "CONNECT", &[]).is_err());
        assert!(refused(&[("host", "a"), ("host", "a")]));
    }
}
