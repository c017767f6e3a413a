use smallvec::SmallVec;

use crate::authority::Authority;
use crate::escape::is_token;
use crate::path::Target;
use crate::request::{Headers, Request};

/// A request that has one meaning, as far as that can be told without a rule.
pub(crate) struct NormalForm<'a> {
    pub(crate) target: Target<'a>,
    pub(crate) authority: Authority,
}

/// Fields by which a client asks an application to read another method.
const OVERRIDES: [&str; 3] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
];

/// A method as an application may read it.
pub(crate) type Method = SmallVec<[u8; 16]>;

impl<'a> NormalForm<'a> {
    /// Reads a request, or says why it is answered 400.
    pub(crate) fn of(request: &Request<'a>) -> Result<Self, &'static str> {
        if !is_token(request.method) {
            return Err("the method is no token");
        }
        let target = Target::parse(request.method, request.target)?;
        let authority = Authority::of(request, target.authority)?;
        check_upgrade(request.headers)?;
        Ok(Self { target, authority })
    }
}

/// Only WebSocket passes: what another protocol carries, nobody here judges.
fn check_upgrade(headers: &dyn Headers) -> Result<(), &'static str> {
    let mut known = true;
    headers.for_each("upgrade", &mut |value| {
        known &= value.trim_ascii().eq_ignore_ascii_case(b"websocket");
    });
    known
        .then_some(())
        .ok_or("the request asks for an unknown upgrade")
}

/// The other methods that an application may read instead of the request's own:
/// each override as it is and in upper case.
pub(crate) fn override_methods(
    headers: &dyn Headers,
) -> Result<SmallVec<[Method; 2]>, &'static str> {
    let mut methods: SmallVec<[Method; 2]> = SmallVec::new();
    let mut wrong = None;
    for name in OVERRIDES {
        let mut first: Option<Method> = None;
        headers.for_each(name, &mut |value| {
            let value = value.trim_ascii();
            if !is_token(value) {
                wrong = Some("an overriding method is no token");
            } else if first.as_ref().is_some_and(|it| **it != *value) {
                wrong = Some("a header overrides the method twice");
            } else {
                first = Some(Method::from_slice(value));
            }
        });
        if let Some(method) = first {
            let upper: Method = method.iter().map(u8::to_ascii_uppercase).collect();
            for reading in [method, upper] {
                if !methods.contains(&reading) {
                    methods.push(reading);
                }
            }
        }
    }
    wrong.map_or(Ok(methods), Err)
}

/// Refuses a header that a rule reads and that came more than once.
pub(crate) fn check_single(headers: &dyn Headers, names: &[Box<str>]) -> Result<(), &'static str> {
    let repeated = |name: &str| {
        let mut count = 0_u32;
        headers.for_each(name, &mut |_| count += 1);
        count > 1
    };
    if names.iter().any(|name| repeated(name)) {
        return Err("a header that a rule reads came more than once");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(fields: &[(&str, &str)]) -> Result<Vec<String>, &'static str> {
        let headers: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
            .collect();
        let text = |method: &Method| String::from_utf8(method.to_vec()).unwrap();
        override_methods(&headers).map(|all| all.iter().map(text).collect())
    }

    #[test]
    fn only_websocket_may_be_upgraded_to() {
        let check = |values: &[&str]| {
            let headers: Vec<_> = values
                .iter()
                .map(|value| ("upgrade".to_owned(), value.as_bytes().to_vec()))
                .collect();
            check_upgrade(&headers).is_ok()
        };
        assert!(check(&[]) && check(&["WebSocket"]));
        assert!(!check(&["h2c"]) && !check(&["websocket, h2c"]) && !check(&["websocket", "x"]));
    }

    #[test]
    fn an_override_is_read_as_it_is_and_in_upper_case() {
        assert_eq!(overrides(&[]), Ok(vec![]));
        assert_eq!(
            overrides(&[("x-http-method-override", "DELETE")]),
            Ok(vec!["DELETE".into()])
        );
        assert_eq!(
            overrides(&[("x-method-override", "put"), ("x-http-method", "PUT")]),
            Ok(vec!["PUT".into(), "put".into()])
        );
    }

    #[test]
    fn an_override_that_is_no_token_or_differs_is_refused() {
        for value in ["", "A B", "GET,PUT", "GET;x"] {
            assert!(overrides(&[("x-http-method", value)]).is_err(), "{value}");
        }
        let name = "x-http-method-override";
        assert!(overrides(&[(name, "PUT"), (name, "PUT")]).is_ok());
        assert!(overrides(&[(name, "PUT"), (name, "GET")]).is_err());
    }
}
