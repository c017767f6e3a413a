use std::borrow::Cow;

use smallvec::SmallVec;

use crate::escape::canonical;
use crate::path::Target;

/// One way in which an application may read a path, in canonical escapes.
pub(crate) type Reading<'a> = Cow<'a, [u8]>;

/// Every way in which an application may read a path.
///
/// As received, without repeated slashes, without `;parameters`, and without
/// both; each with `%2F` as text and as a slash where the path holds one. The
/// first is the one without both and with `%2F` as text: routes and limits know
/// no other.
#[derive(Debug, Clone)]
pub(crate) struct Readings<'a>(SmallVec<[Reading<'a>; 1]>);

impl<'a> Readings<'a> {
    /// All readings of a target.
    pub(crate) fn all(target: &Target<'a>) -> Self {
        let mut readings = SmallVec::new();
        let text = canonical(target.path);
        if !target.ambiguity.encoded_slash {
            add_readings(&mut readings, text, target);
            return Self(readings);
        }
        let slashed = with_slashes(&text);
        add_readings(&mut readings, text, target);
        add_readings(&mut readings, Cow::Owned(slashed), target);
        Self(readings)
    }

    /// Only the first.
    pub(crate) fn plain(target: &Target<'a>) -> Self {
        let text = canonical(target.path);
        let found = target.ambiguity;
        let plain = if found.repeated_slash || found.parameters {
            Cow::Owned(merged(&stripped(&text)))
        } else {
            text
        };
        Self(SmallVec::from_iter([plain]))
    }

    /// The readings, the plain one first.
    pub(crate) fn as_slice(&self) -> &[Reading<'a>] {
        &self.0
    }
}

fn add_readings<'a>(
    readings: &mut SmallVec<[Reading<'a>; 1]>,
    text: Reading<'a>,
    target: &Target<'_>,
) {
    let parameters = target.ambiguity.parameters;
    let slashes = text.windows(2).any(|pair| pair == b"//");
    if !parameters && !slashes {
        readings.push(text);
        return;
    }
    let without_parameters = stripped(&text);
    readings.push(Cow::Owned(merged(&without_parameters)));
    readings.push(Cow::Owned(merged(&text)));
    readings.push(Cow::Owned(without_parameters));
    readings.push(text);
}

/// Without repeated slashes.
fn merged(path: &[u8]) -> Vec<u8> {
    let mut out = path.to_vec();
    out.dedup_by(|after, before| *after == b'/' && *before == b'/');
    out
}

/// Without what follows a semicolon in each segment.
fn stripped(path: &[u8]) -> Vec<u8> {
    let mut in_parameters = false;
    let mut out = path.to_vec();
    out.retain(|byte| {
        in_parameters = match byte {
            b'/' => false,
            b';' => true,
            _ => in_parameters,
        };
        !in_parameters
    });
    out
}

/// With every `%2F` as a slash.
fn with_slashes(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        let slash = rest.strip_prefix(b"%2F");
        out.push(if slash.is_some() { b'/' } else { *first });
        rest = slash.unwrap_or(after);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn readings(path: &str) -> Vec<String> {
        let target = Target::parse(b"GET", path.as_bytes()).unwrap();
        let all = Readings::all(&target);
        assert_eq!(
            all.as_slice()[0],
            Readings::plain(&target).as_slice()[0],
            "{path}"
        );
        all.as_slice()
            .iter()
            .map(|reading| String::from_utf8(reading.to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn a_plain_path_has_one_reading_and_is_not_copied() {
        assert_eq!(readings("/a/b"), ["/a/b"]);
        let target = Target::parse(b"GET", b"/a/b").unwrap();
        assert!(matches!(
            Readings::all(&target).as_slice(),
            [Cow::Borrowed(_)]
        ));
    }

    #[test]
    fn unreserved_characters_are_compared_decoded() {
        assert_eq!(readings("/%61%2d%3a"), ["/a-%3A"]);
    }

    #[test]
    fn slashes_and_parameters_are_read_in_four_ways() {
        assert_eq!(
            readings("/a;x//b;y"),
            ["/a/b", "/a;x/b;y", "/a//b", "/a;x//b;y"]
        );
        assert_eq!(readings("/;x/b"), ["/b", "/;x/b", "//b", "/;x/b"]);
    }

    proptest! {
        #[test]
        fn the_plain_reading_of_a_plain_reading_is_itself(path in "(/|//|;|a|%61|%2f|%3b|%3a|b){1,10}") {
            let path = format!("/{path}");
            let target = Target::parse(b"GET", path.as_bytes()).expect("nothing in it is refused");
            let plain = Readings::plain(&target).as_slice()[0].to_vec();
            let again = Target::parse(b"GET", &plain).expect("a reading is a path");
            prop_assert_eq!(&Readings::plain(&again).as_slice()[0].to_vec(), &plain);
        }
    }

    #[test]
    fn an_encoded_slash_is_read_as_text_and_as_slash() {
        assert_eq!(readings("/a%2fb"), ["/a%2Fb", "/a/b"]);
        assert_eq!(
            readings("/a%2f/b"),
            ["/a%2F/b", "/a/b", "/a/b", "/a//b", "/a//b"]
        );
    }
}
