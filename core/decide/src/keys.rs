use mesh_ir::Key;
use smallvec::SmallVec;

use crate::index::IssuerIndex;
use crate::matching::Subject;
use crate::request::Caller;
use crate::template::Captured;
use crate::values::{cookie_values, header_values, query_values};

/// The values that tell requests apart, so written that different ones differ.
pub(crate) type KeyBytes = SmallVec<[u8; 128]>;

/// Writes the value of every key; a request without a value has the empty one.
///
/// Claims are those of valid tokens of `issuers`, in this order.
pub(crate) fn key_bytes(
    keys: &[Key],
    issuers: &[IssuerIndex],
    caller: &Caller<'_>,
    subject: &Subject<'_>,
    captured: &Captured<'_>,
) -> KeyBytes {
    let mut out = KeyBytes::new();
    for key in keys {
        // Values, then how many there were: nothing else ends alike.
        let mut count = 0_u32;
        let mut add = |value: &[u8]| {
            push_value(&mut out, value);
            count = count.saturating_add(1);
        };
        match key {
            Key::Caller => {
                if let Some(id) = caller.identity {
                    add(id.trust_domain().as_str().as_bytes());
                    add(id.path().as_bytes());
                }
            }
            Key::Address => match caller.address.map(|address| address.to_canonical()) {
                Some(std::net::IpAddr::V4(address)) => add(&address.octets()),
                Some(std::net::IpAddr::V6(address)) => add(&address.octets()),
                None => {}
            },
            Key::Header(name) => header_values(subject.headers, name, &mut add),
            Key::Query(name) => query_values(subject.query, name, &mut add),
            Key::Cookie(name) => cookie_values(subject.headers, name, &mut add),
            Key::Claim(name) => issuers
                .iter()
                .filter_map(|issuer| caller.answers.claims(*issuer))
                .for_each(|claims| claims.values(name, &mut add)),
            Key::Capture(number) => add(captured.canonical(usize::from(*number))),
        }
        if count == 0 {
            push_value(&mut out, b"");
            count = 1;
        }
        out.extend_from_slice(&count.to_le_bytes());
    }
    out
}

fn push_value(out: &mut KeyBytes, value: &[u8]) {
    out.extend_from_slice(value);
    let length = u64::try_from(value.len()).expect("a length fits 64 bits");
    out.extend_from_slice(&length.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn bytes(keys: &[Key], query: &str, address: Option<&str>) -> KeyBytes {
        let headers: Vec<(String, Vec<u8>)> = vec![("x-a".into(), b"1".to_vec())];
        let subject = Subject {
            method: b"GET",
            readings: &[Cow::Borrowed(b"/")],
            query: Some(query.as_bytes()),
            headers: &headers,
        };
        let caller = Caller::new(None, address.map(|text| text.parse().unwrap()));
        let captured = Captured {
            pattern: None,
            path: b"/",
            reading: b"/",
        };
        key_bytes(keys, &[], &caller, &subject, &captured)
    }

    #[test]
    fn different_values_never_make_the_same_key() {
        let keys = [Key::Query("a".into()), Key::Query("b".into())];
        let texts = [
            "a=1&b=2", "a=12", "b=12", "a=1&a=2", "a=2&b=1", "a=1", "b=1",
        ];
        let all: Vec<_> = texts.iter().map(|text| bytes(&keys, text, None)).collect();
        for (at, one) in all.iter().enumerate() {
            assert!(all[..at].iter().all(|other| other != one), "{}", texts[at]);
        }
    }

    #[test]
    fn a_request_without_the_value_has_the_empty_one() {
        let key = [Key::Query("a".into())];
        assert_eq!(bytes(&key, "", None), bytes(&key, "a=", None));
    }

    #[test]
    fn both_spellings_of_an_address_are_one_key() {
        let key = [Key::Address];
        assert_eq!(
            bytes(&key, "", Some("10.0.0.1")),
            bytes(&key, "", Some("::ffff:10.0.0.1"))
        );
    }
}
