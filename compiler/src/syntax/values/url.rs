use mesh_ir::Host;

use crate::syntax::ast::{Origin, TestScheme, TestUrl};

/// The URL of a request in a test.
pub(super) fn test_url(text: &str) -> Result<TestUrl, String> {
    const SHAPE: &str = "write it as `http://reviews.shop/reviews/7`, https, tcp or tls";
    let (scheme, rest) = text.split_once("://").ok_or(SHAPE)?;
    let scheme = match scheme {
        "http" => TestScheme::Http,
        "https" => TestScheme::Https,
        "tcp" => TestScheme::Tcp,
        "tls" => TestScheme::Tls,
        _ => return Err(SHAPE.to_owned()),
    };
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) = authority_of(authority)?;
    let is_stream = matches!(scheme, TestScheme::Tcp | TestScheme::Tls);
    if is_stream && !target.is_empty() {
        return Err("a connection has no path".to_owned());
    }
    // What a proxy receives may be anything that fits in a request line.
    if !target.bytes().all(|b| b.is_ascii_graphic() && b != b'#') {
        return Err("visible ASCII characters only, and no `#`".to_owned());
    }
    Ok(TestUrl {
        text: text.to_owned(),
        scheme,
        host,
        port,
        target: match target.strip_prefix('?') {
            Some(query) => format!("/?{query}"),
            None if target.is_empty() => "/".to_owned(),
            None => target.to_owned(),
        },
    })
}

/// `https://` and what may follow: the host.
pub(super) fn https_host(text: &str) -> Result<Host, String> {
    let rest = text.strip_prefix("https://");
    let rest = rest.ok_or("a URL that starts with `https://`")?;
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if !target.bytes().all(|b| b.is_ascii_graphic() && b != b'#') {
        return Err("visible ASCII characters only, and no `#`".to_owned());
    }
    authority_of(authority).map(|(host, _)| host)
}

/// An origin as browsers write it: scheme, host, and a port where it is not the scheme's.
pub(super) fn origin(text: &str) -> Result<Origin, String> {
    const SHAPE: &str = "write it as `https://shop.example`, without a path";
    if text == "*" {
        return Ok(Origin::Any);
    }
    let (scheme, authority) = text.split_once("://").ok_or(SHAPE)?;
    let own = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err(SHAPE.to_owned()),
    };
    if authority.contains(['/', '?']) {
        return Err(SHAPE.to_owned());
    }
    match authority_of(authority)? {
        (_, Some(port)) if port == own => Err(format!("browsers leave `:{own}` out")),
        _ => Ok(Origin::Exactly(text.to_owned())),
    }
}

fn authority_of(text: &str) -> Result<(Host, Option<u16>), String> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, Some(port)),
        _ => (text, None),
    };
    let host = Host::parse(host).map_err(|reason| reason.to_string())?;
    let is_number = |port: &str| port.starts_with(|c: char| ('1'..='9').contains(&c));
    let port = match port {
        None => None,
        Some(port) if is_number(port) => {
            Some(port.parse().map_err(|_| "a port is from 1 to 65535")?)
        }
        Some(_) => return Err("a port is from 1 to 65535".to_owned()),
    };
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_may_send_what_a_client_may() {
        let url = test_url("http://reviews.shop:9080/a//b/%2e%2E?c=d").unwrap();
        assert_eq!(url.host.as_str(), "reviews.shop");
        assert_eq!(url.port, Some(9080));
        assert_eq!(url.target, "/a//b/%2e%2E?c=d");
        assert_eq!(test_url("https://a").unwrap().target, "/");
        assert_eq!(test_url("http://a?b").unwrap().target, "/?b");
        assert_eq!(
            test_url("tls://mqtt.shop.example:8883").unwrap().scheme,
            TestScheme::Tls
        );
        for text in [
            "",
            "reviews.shop/a",
            "ftp://a/b",
            "http://",
            "http://a:0/",
            "http://a:x/",
            "tcp://a:1/b",
            "http://a/b#c",
            "http://a/é",
            "http://a b/",
            "http://A/",
            "http://u@a/",
        ] {
            assert!(test_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn origins_are_as_browsers_send_them() {
        for text in ["https://shop.example", "http://localhost:3000", "*"] {
            assert!(origin(text).is_ok(), "{text}");
        }
        for text in [
            "shop.example",
            "https://a/",
            "https://a:443",
            "ftp://a",
            "https://*.a",
            "",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_are_fetched_over_tls() {
        assert_eq!(
            https_host("https://id.example/keys?a").unwrap().as_str(),
            "id.example"
        );
        for text in [
            "http://id.example/keys",
            "https://",
            "https:///keys",
            "https://a/b#c",
        ] {
            assert!(https_host(text).is_err(), "{text}");
        }
    }
}
