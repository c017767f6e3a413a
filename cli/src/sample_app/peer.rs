//! Who called, as the sidecar says.

/// The `URI` of the last element of `x-forwarded-client-cert`: the sidecar that is
/// in front of this application appended it, or set the header anew.
pub(super) fn of(forwarded_client_cert: &str) -> Option<&str> {
    let last = split_outside_quotes(forwarded_client_cert, ',').last()?;
    split_outside_quotes(last, ';').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        key.eq_ignore_ascii_case("uri")
            .then_some(value.trim_matches('"'))
    })
}

fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_last_element_decides() {
        assert_eq!(
            of("URI=spiffe://a/x,By=spiffe://a/z;URI=spiffe://a/y"),
            Some("spiffe://a/y")
        );
    }

    #[test]
    fn separators_in_quotes_do_not_separate() {
        assert_eq!(
            of("Subject=\"CN=x,O=y;URI=z\";URI=\"spiffe://a/x\""),
            Some("spiffe://a/x")
        );
    }

    #[test]
    fn without_a_uri_nobody_is_named() {
        assert_eq!(of("Hash=00"), None);
        assert_eq!(of(""), None);
    }
}
