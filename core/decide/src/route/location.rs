use mesh_ir::Redirect;

use crate::authority::Authority;

/// The `Location` of a redirect (RFC 9110 section 10.2.2): a URL where scheme,
/// host or port are named, else a path. The query is kept; so is the scheme and the
/// host of the request where no other is named.
pub(super) fn location(
    redirect: &Redirect,
    path: &[u8],
    query: Option<&[u8]>,
    (scheme, authority): (&str, &Authority),
) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() + 32);
    if redirect.scheme.is_some() || redirect.host.is_some() || redirect.port.is_some() {
        out.extend_from_slice(redirect.scheme.as_deref().unwrap_or(scheme).as_bytes());
        out.extend_from_slice(b"://");
        let host = redirect.host.as_ref().map(mesh_ir::Host::as_str);
        out.extend_from_slice(host.unwrap_or_else(|| authority.host()).as_bytes());
        if let Some(port) = port(redirect, authority) {
            out.extend_from_slice(format!(":{port}").as_bytes());
        }
    }
    // A path that began with two slashes would name another host.
    let slashes = path.iter().take_while(|byte| **byte == b'/').count();
    out.push(b'/');
    out.extend_from_slice(&path[slashes..]);
    if let Some(query) = query {
        out.push(b'?');
        out.extend_from_slice(query);
    }
    out
}

/// The port that was written, else that of the request where host and scheme stay.
fn port(redirect: &Redirect, authority: &Authority) -> Option<u16> {
    redirect.port.or(match (&redirect.host, &redirect.scheme) {
        (None, None) => authority.port,
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use mesh_ir::Host;

    use super::*;

    fn check(redirect: &Redirect, path: &str, query: Option<&str>) -> String {
        let authority = Authority::parse(b"shop:8080").unwrap();
        let query = query.map(str::as_bytes);
        String::from_utf8(location(
            redirect,
            path.as_bytes(),
            query,
            ("http", &authority),
        ))
        .unwrap()
    }

    fn redirect() -> Redirect {
        Redirect {
            status: 301,
            scheme: None,
            host: None,
            port: None,
            path: None,
        }
    }

    #[test]
    fn a_path_alone_stays_on_the_host() {
        assert_eq!(check(&redirect(), "/a", Some("b")), "/a?b");
        assert_eq!(
            check(&redirect(), "//evil.example/a", None),
            "/evil.example/a"
        );
    }

    #[test]
    fn a_named_part_makes_a_url() {
        let https = Redirect {
            scheme: Some("https".into()),
            ..redirect()
        };
        assert_eq!(check(&https, "/a", None), "https://shop/a");
        let port = Redirect {
            port: Some(81),
            ..redirect()
        };
        assert_eq!(check(&port, "/", None), "http://shop:81/");
        let host = Redirect {
            host: Some(Host::parse("new.example").unwrap()),
            ..redirect()
        };
        assert_eq!(check(&host, "/a", Some("")), "http://new.example/a?");
    }
}
