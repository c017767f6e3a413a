use crate::escape::escaped_byte;

/// A request target that passed the checks before every decision.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// As received; `/` where an absolute-form has none, `*` for the asterisk-form.
    pub(crate) path: &'a [u8],
    /// As received, without its question mark.
    pub(crate) query: Option<&'a [u8]>,
    /// From the absolute-form.
    pub(crate) authority: Option<&'a [u8]>,
    /// What in the path readers may disagree about.
    pub(crate) ambiguity: Ambiguity,
}

/// What a path holds that some readers take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ambiguity {
    /// `//`.
    pub(crate) repeated_slash: bool,
    /// `;`.
    pub(crate) parameters: bool,
    /// `%2F`.
    pub(crate) encoded_slash: bool,
}

impl<'a> Target<'a> {
    /// Reads a request target (RFC 9112 section 3.2) or says why it is refused.
    ///
    /// An encoded slash is noted, not refused: the service called decides.
    pub(crate) fn parse(method: &[u8], target: &'a [u8]) -> Result<Self, &'static str> {
        if method == b"CONNECT" {
            return Err("CONNECT is not supported");
        }
        if target == b"*" {
            return match method {
                b"OPTIONS" => Ok(Self::asterisk(target)),
                _ => Err("the target `*` goes with OPTIONS only"),
            };
        }
        let (authority, rest) = split_absolute(target);
        if target.contains(&b'#') {
            return Err("the target has a fragment");
        }
        let (path, query) = match rest.iter().position(|byte| *byte == b'?') {
            Some(at) => (&rest[..at], Some(&rest[at + 1..])),
            None => (rest, None),
        };
        let path = match (path, authority) {
            ([], Some(_)) => b"/",
            _ => path,
        };
        if path.first() != Some(&b'/') {
            return Err("the target is no path and no URL");
        }
        query.map_or(Ok(()), check_query)?;
        Ok(Self {
            path,
            query,
            authority,
            ambiguity: check_path(path)?,
        })
    }

    fn asterisk(target: &'a [u8]) -> Self {
        Self {
            path: target,
            query: None,
            authority: None,
            ambiguity: Ambiguity::default(),
        }
    }
}

/// The authority of an absolute-form and what follows it, or the whole target.
fn split_absolute(target: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let scheme = [&b"http://"[..], b"https://"].into_iter().find(|scheme| {
        target
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let Some(scheme) = scheme else {
        return (None, target);
    };
    let rest = &target[scheme.len()..];
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?'))
        .unwrap_or(rest.len());
    (Some(&rest[..end]), &rest[end..])
}

fn check_query(query: &[u8]) -> Result<(), &'static str> {
    let is_plain = query.iter().all(u8::is_ascii_graphic);
    is_plain
        .then_some(())
        .ok_or("the query holds a byte that must be escaped")
}

/// Refuses what readers of a path disagree about and no reading can settle.
fn check_path(path: &[u8]) -> Result<Ambiguity, &'static str> {
    let mut found = Ambiguity::default();
    let mut dots = false;
    let mut last = 0;
    for (at, byte) in path.iter().copied().enumerate() {
        match byte {
            b'%' => match escaped_byte(&path[at..]) {
                None => return Err("the path holds a bad escape"),
                Some(0) => return Err("the path holds an encoded NUL"),
                Some(b'\\') => return Err("the path holds a backslash"),
                Some(b'/') => found.encoded_slash = true,
                Some(b'.') => dots = true,
                Some(_) => {}
            },
            b'\\' => return Err("the path holds a backslash"),
            b'/' => found.repeated_slash |= last == b'/',
            b';' => found.parameters = true,
            b'.' => dots = true,
            _ if !byte.is_ascii_graphic() => {
                return Err("the path holds a byte that must be escaped");
            }
            _ => {}
        }
        last = byte;
    }
    if dots && has_dot_segment(path) {
        return Err("the path holds a dot segment");
    }
    Ok(found)
}

/// Whether some reader sees `.` or `..` as a segment: with escapes decoded, `%2F`
/// as a slash, and parameters (`..;x`, also with an escaped semicolon) cut off.
fn has_dot_segment(path: &[u8]) -> bool {
    let mut rest = path;
    let mut segment = Segment::Empty;
    while let Some(first) = rest.first() {
        let (byte, length) = escaped_byte(rest).map_or((*first, 1), |byte| (byte, 3));
        rest = &rest[length..];
        segment = match (byte, segment) {
            (b'/', Segment::OneDot | Segment::TwoDots | Segment::Dots) => return true,
            (b'/', _) => Segment::Empty,
            (b';', Segment::OneDot | Segment::TwoDots) | (_, Segment::Dots) => Segment::Dots,
            (b'.', Segment::Empty) => Segment::OneDot,
            (b'.', Segment::OneDot) => Segment::TwoDots,
            _ => Segment::Name,
        };
    }
    matches!(segment, Segment::OneDot | Segment::TwoDots | Segment::Dots)
}

/// What was seen of a segment so far.
#[derive(Clone, Copy)]
enum Segment {
    Empty,
    OneDot,
    TwoDots,
    /// One or two dots, and parameters after them.
    Dots,
    Name,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(target: &str) -> &'static str {
        Target::parse(b"GET", target.as_bytes()).expect_err(target)
    }

    fn ambiguity(target: &str) -> Ambiguity {
        Target::parse(b"GET", target.as_bytes())
            .expect(target)
            .ambiguity
    }

    #[test]
    fn dot_segments_are_refused_however_they_are_written() {
        for path in [
            "/..",
            "/.",
            "/a/../b",
            "/a/./b",
            "/%2e%2E/a",
            "/a/%2e./b",
            "/a/.%2E",
            "/..;/a",
            "/..;x=1/a",
            "/.;/a",
            "/..%3bx/a",
            "/a%2f..%2fb",
            "/a%2F.",
            "/%2e%2e%2fa",
            "//../a",
        ] {
            assert_eq!(refused(path), "the path holds a dot segment", "{path}");
        }
        for path in [
            "/...",
            "/.a",
            "/a.",
            "/a..",
            "/..a",
            "/a/.well-known",
            "/.;x.y.",
            "/a;..",
        ] {
            let want_dots = path.starts_with("/.;");
            assert_eq!(
                Target::parse(b"GET", path.as_bytes()).is_err(),
                want_dots,
                "{path}"
            );
        }
    }

    #[test]
    fn what_no_reading_can_settle_is_refused() {
        for (target, why) in [
            ("/a%00", "the path holds an encoded NUL"),
            ("/a%", "the path holds a bad escape"),
            ("/a%4", "the path holds a bad escape"),
            ("/a%u002e", "the path holds a bad escape"),
            ("/a\\b", "the path holds a backslash"),
            ("/a%5cb", "the path holds a backslash"),
            ("/a#b", "the target has a fragment"),
            ("/a?b#c", "the target has a fragment"),
            ("/a b", "the path holds a byte that must be escaped"),
            ("/a\u{1}", "the path holds a byte that must be escaped"),
            ("/a\u{7f}", "the path holds a byte that must be escaped"),
            ("/é", "the path holds a byte that must be escaped"),
            ("/a?é", "the query holds a byte that must be escaped"),
            ("/a?b c", "the query holds a byte that must be escaped"),
            ("", "the target is no path and no URL"),
            ("a", "the target is no path and no URL"),
            ("?a", "the target is no path and no URL"),
            ("shop:80", "the target is no path and no URL"),
            ("ftp://shop/a", "the target is no path and no URL"),
            ("*", "the target `*` goes with OPTIONS only"),
        ] {
            assert_eq!(refused(target), why, "{target}");
        }
        assert!(Target::parse(b"CONNECT", b"shop:80").is_err());
        assert_eq!(Target::parse(b"OPTIONS", b"*").unwrap().path, b"*");
    }

    #[test]
    fn what_readings_settle_is_noted() {
        assert_eq!(ambiguity("/a/b"), Ambiguity::default());
        assert!(ambiguity("/a//b").repeated_slash && ambiguity("//").repeated_slash);
        assert!(ambiguity("/a;x").parameters);
        assert!(ambiguity("/a%2fb").encoded_slash && ambiguity("/a%2Fb").encoded_slash);
    }

    #[test]
    fn an_absolute_form_is_taken_apart() {
        let parse = |target| Target::parse(b"GET", target).unwrap();
        let target = parse(b"HTTP://Shop:80/a?b?c");
        assert_eq!(target.authority, Some(&b"Shop:80"[..]));
        assert_eq!((target.path, target.query), (&b"/a"[..], Some(&b"b?c"[..])));
        assert_eq!(parse(b"http://shop").path, b"/");
        assert_eq!(parse(b"http://shop?x").query, Some(&b"x"[..]));
        assert_eq!(parse(b"/http://shop/").authority, None);
    }

    proptest! {
        #[test]
        fn no_target_panics(method in "[A-Z]{0,7}", target in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Target::parse(method.as_bytes(), &target);
        }
    }
}
