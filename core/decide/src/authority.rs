use std::net::Ipv6Addr;

use smallvec::SmallVec;

use crate::request::Request;

/// A host in canonical form, and the port that was written after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    /// ASCII in lower case, without a trailing dot.
    host: SmallVec<[u8; 64]>,
    /// 1 to 65535.
    pub(crate) port: Option<u16>,
}

impl Authority {
    /// The one authority of a request: `:authority`, `Host` and the target's own
    /// must agree, and one must be there.
    pub(crate) fn of(
        request: &Request<'_>,
        from_target: Option<&[u8]>,
    ) -> Result<Self, &'static str> {
        let mut hosts = 0_u32;
        let mut from_header = None;
        request.headers.for_each("host", &mut |value| {
            hosts += 1;
            from_header = Some(Self::parse(value));
        });
        if hosts > 1 {
            return Err("the request has more than one Host");
        }
        let mut known = from_header.transpose()?;
        for other in [request.authority, from_target].into_iter().flatten() {
            let other = Self::parse(other)?;
            if known.as_ref().is_some_and(|it| *it != other) {
                return Err("the request names more than one authority");
            }
            known = Some(other);
        }
        known.ok_or("the request has no host")
    }

    /// Parses `host[:port]` without a user.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, &'static str> {
        if text.contains(&b'@') {
            return Err("the authority names a user");
        }
        let (host, port) = match text.first() {
            Some(b'[') => {
                let end = text.iter().position(|byte| *byte == b']');
                text.split_at(end.ok_or("the host is no host")? + 1)
            }
            _ => text.split_at(
                text.iter()
                    .position(|byte| *byte == b':')
                    .unwrap_or(text.len()),
            ),
        };
        let port = match port {
            [] => None,
            [b':', digits @ ..] => Some(parse_port(digits)?),
            _ => return Err("the host is no host"),
        };
        Ok(Self {
            host: canonical_host(host)?,
            port,
        })
    }

    /// The host in canonical form.
    pub(crate) fn host(&self) -> &str {
        std::str::from_utf8(&self.host).expect("a parsed host is ASCII")
    }
}

fn canonical_host(host: &[u8]) -> Result<SmallVec<[u8; 64]>, &'static str> {
    if let [b'[', inner @ .., b']'] = host {
        let address: Option<Ipv6Addr> = std::str::from_utf8(inner)
            .ok()
            .and_then(|text| text.parse().ok());
        let address = address.ok_or("the host is no host")?;
        return Ok(SmallVec::from_slice(format!("[{address}]").as_bytes()));
    }
    let host = host.strip_suffix(b".").unwrap_or(host);
    if host.is_empty() {
        return Err("the host is empty");
    }
    let labels_are_names = host.len() <= 253
        && host.split(|byte| *byte == b'.').all(|label| {
            !label.is_empty()
                && label
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_~".contains(byte))
        });
    labels_are_names
        .then(|| host.iter().map(u8::to_ascii_lowercase).collect())
        .ok_or("the host is no host")
}

fn parse_port(digits: &[u8]) -> Result<u16, &'static str> {
    let plain = !digits.is_empty() && digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits)
        .ok()
        .filter(|_| plain)
        .and_then(|text| text.parse().ok())
        .filter(|port| *port != 0)
        .ok_or("the port is no port")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> (String, Option<u16>) {
        let authority = Authority::parse(text.as_bytes()).expect(text);
        (authority.host().to_owned(), authority.port)
    }

    fn of(
        authority: Option<&str>,
        hosts: &[&str],
        target: Option<&str>,
    ) -> Result<String, &'static str> {
        let headers: Vec<_> = hosts
            .iter()
            .map(|host| ("host".to_owned(), host.as_bytes().to_vec()))
            .collect();
        let request = Request {
            method: b"GET",
            target: b"/",
            authority: authority.map(str::as_bytes),
            headers: &headers,
        };
        Authority::of(&request, target.map(str::as_bytes)).map(|it| it.host().to_owned())
    }

    #[test]
    fn a_host_has_one_form() {
        assert_eq!(parsed("Reviews.Shop."), ("reviews.shop".into(), None));
        assert_eq!(
            parsed("reviews.shop.:9080"),
            ("reviews.shop".into(), Some(9080))
        );
        assert_eq!(parsed("[::0001]:80"), ("[::1]".into(), Some(80)));
        assert_eq!(parsed("10.0.0.1"), ("10.0.0.1".into(), None));
    }

    #[test]
    fn what_is_no_authority_is_refused() {
        for text in [
            "", ":80", ".", "..", "a..b", ".a", "a:", "a:0", "a:65536", "a:080808", "a:+1",
            "a:1:2", "u@a", "u:p@a", "[::1", "[x]", "[::1]x", "a b", "a/b", "a%41", "é", "a,b",
            "a\tb",
        ] {
            assert!(Authority::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn every_authority_of_a_request_must_agree() {
        assert_eq!(of(None, &["A"], None), Ok("a".into()));
        assert_eq!(of(Some("a"), &["A."], Some("a")), Ok("a".into()));
        assert!(of(None, &[], None).is_err());
        assert!(of(None, &["a", "a"], None).is_err());
        assert!(of(Some("a"), &["b"], None).is_err());
        assert!(of(None, &["a"], Some("b")).is_err());
        assert!(of(None, &["a:80"], Some("a:81")).is_err());
        assert!(of(None, &["a"], Some("u@a")).is_err());
    }

    proptest! {
        #[test]
        fn no_authority_panics_and_the_form_is_stable(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(first) = Authority::parse(&text) {
                let again = Authority::parse(first.host().as_bytes()).expect("canonical is valid");
                prop_assert_eq!(again.host(), first.host());
            }
        }
    }
}
