//! What an analysis of all requests must know of the normal form of one: the same
//! functions that decisions are made with, without a request around them.

use crate::authority::Authority;
use crate::path::Target;
use crate::readings::Readings;

/// Every way in which an application may read a request target, in canonical
/// escapes, the plain one first; or why such a request is answered 400.
///
/// `%2F` is read in both ways where the path holds one, as services with
/// `encodedSlash: judge` have it.
pub fn path_readings(method: &[u8], target: &[u8]) -> Result<Vec<Vec<u8>>, &'static str> {
    let target = Target::parse(method, target)?;
    let readings = Readings::all(&target);
    let all = readings.as_slice().iter();
    Ok(all.map(|reading| reading.to_vec()).collect())
}

/// A host as it is compared (lower case, no trailing dot) and the port after it.
pub fn canonical_host(authority: &[u8]) -> Result<(String, Option<u16>), &'static str> {
    let authority = Authority::parse(authority)?;
    Ok((authority.host().to_owned(), authority.port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::automaton::regex_form;

    #[test]
    fn analyses_see_what_decisions_see() {
        assert_eq!(
            path_readings(b"GET", b"/a;x//b").unwrap(),
            [&b"/a/b"[..], b"/a;x/b", b"/a//b", b"/a;x//b"]
        );
        assert!(path_readings(b"GET", b"/a/../b").is_err());
        let (host, port) = canonical_host(b"Shop.Example.:8080").unwrap();
        assert_eq!((host.as_str(), port), ("shop.example", Some(8080)));
        assert_eq!(regex_form("a|b", false).pattern, r"\A(?:a|b)\z");
    }
}
