use http::HeaderMap;
use http::header::{CONNECTION, HeaderName, HeaderValue, TE, TRANSFER_ENCODING, UPGRADE};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Removes what concerns one hop only (RFC 9110 section 7.6.1), and whatever
/// `Connection` names. `TE: trailers` stays: trailers are passed on.
pub(super) fn strip(headers: &mut HeaderMap) {
    // Most heads have none of it, and a look at each name costs less than six lookups.
    if !headers.keys().any(concerns_one_hop) {
        return;
    }
    strip_named(headers);
    headers.remove(CONNECTION);
    headers.remove(KEEP_ALIVE);
    headers.remove(PROXY_CONNECTION);
    headers.remove(TRANSFER_ENCODING);
    headers.remove(UPGRADE);
    let trailers = headers.get_all(TE).iter().any(takes_trailers);
    if headers.remove(TE).is_some() && trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
}

fn concerns_one_hop(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection" | "keep-alive" | "proxy-connection" | "transfer-encoding" | "upgrade" | "te"
    )
}

fn strip_named(headers: &mut HeaderMap) {
    let mut named: Vec<HeaderName> = vec![];
    for value in headers.get_all(CONNECTION) {
        let options = value.as_bytes().split(|byte| *byte == b',');
        let options = options.map(<[u8]>::trim_ascii).filter(|option| {
            !option.eq_ignore_ascii_case(b"close")
                && !option.eq_ignore_ascii_case(b"keep-alive")
                && !option.eq_ignore_ascii_case(b"te")
        });
        named.extend(options.filter_map(|option| HeaderName::from_bytes(option).ok()));
    }
    for name in named {
        headers.remove(name);
    }
}

fn takes_trailers(value: &HeaderValue) -> bool {
    value
        .as_bytes()
        .split(|byte| *byte == b',')
        .any(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"trailers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&str, &str)]) -> HeaderMap {
        let fields = fields.iter().map(|(name, value)| {
            (
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        fields.collect()
    }

    #[test]
    fn what_concerns_one_hop_goes_with_what_connection_names() {
        let mut some = headers(&[
            ("connection", "keep-alive, X-Hop"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "x"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("x-hop", "1"),
            ("x-end", "2"),
        ]);
        strip(&mut some);
        assert_eq!(some, headers(&[("x-end", "2")]));
    }

    #[test]
    fn of_te_only_trailers_stays() {
        let mut some = headers(&[("te", "gzip;q=0.5, Trailers"), ("connection", "te")]);
        strip(&mut some);
        assert_eq!(some, headers(&[("te", "trailers")]));
        let mut none = headers(&[("te", "gzip")]);
        strip(&mut none);
        assert!(none.is_empty());
    }
}
