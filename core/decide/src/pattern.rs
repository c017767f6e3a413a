use mesh_ir::{PathPattern, Segment};

use crate::automaton::{Automaton, InvalidRegex};
use crate::escape::decoded;
use crate::mode::Mode;
use crate::readings::Reading;

/// A path pattern, ready to match.
#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    /// The segment grammar.
    Segments(SegmentPattern),
    /// A regex over the whole path.
    Regex(Automaton),
}

/// Segments in order; see [`PathPattern::Segments`].
#[derive(Debug, Clone)]
pub(crate) struct SegmentPattern {
    segments: Vec<Part>,
    below: bool,
    slash: bool,
}

#[derive(Debug, Clone)]
enum Part {
    Literal {
        exact: Box<[u8]>,
        /// Every escape decoded, in lower case.
        folded: Box<[u8]>,
    },
    One,
}

impl Pattern {
    pub(crate) fn new(pattern: &PathPattern) -> Result<Self, InvalidRegex> {
        match pattern {
            PathPattern::Regex(regex) => Automaton::new(regex).map(Self::Regex),
            PathPattern::Segments {
                segments,
                below,
                slash,
            } => Ok(Self::Segments(SegmentPattern {
                segments: segments.iter().map(Part::new).collect(),
                below: *below,
                slash: *slash,
            })),
        }
    }

    /// Whether the reading matches, in the way of the mode.
    pub(crate) fn matches(&self, reading: &Reading<'_>, mode: Mode) -> bool {
        match (self, mode) {
            (Self::Segments(pattern), Mode::Lenient) => pattern.matches_leniently(reading),
            (Self::Segments(pattern), _) => pattern.matches(reading),
            (Self::Regex(regex), Mode::Lenient) => matches_leniently(regex, reading),
            (Self::Regex(regex), _) => regex.matches(reading),
        }
    }

    /// How many captures a match gives.
    pub(crate) fn captures(&self) -> usize {
        match self {
            Self::Segments(pattern) => pattern.stars().count(),
            Self::Regex(regex) => regex.groups(),
        }
    }
}

impl SegmentPattern {
    /// The positions of its stars among the segments.
    pub(crate) fn stars(&self) -> impl Iterator<Item = usize> + '_ {
        self.segments
            .iter()
            .enumerate()
            .filter(|(_, part)| matches!(part, Part::One))
            .map(|(at, _)| at)
    }

    /// Where a trailing `/**` begins, in segments.
    pub(crate) fn below(&self) -> Option<usize> {
        self.below.then_some(self.segments.len())
    }

    fn matches(&self, path: &[u8]) -> bool {
        let Some(rest) = path.strip_prefix(b"/") else {
            return false;
        };
        if self.segments.is_empty() {
            return self.below || rest.is_empty();
        }
        let mut left = rest.split(|byte| *byte == b'/');
        let front = self.segments.iter().all(|part| match (part, left.next()) {
            (Part::Literal { exact, .. }, Some(segment)) => **exact == *segment,
            (Part::One, Some(segment)) => !segment.is_empty(),
            (_, None) => false,
        });
        front
            && (self.below
                || match (self.slash, left.next()) {
                    (false, None) => true,
                    (true, Some(last)) => last.is_empty() && left.next().is_none(),
                    _ => false,
                })
    }

    fn matches_leniently(&self, path: &[u8]) -> bool {
        // `OPTIONS *` is about the whole server: what closes every path closes it too.
        let Some(rest) = path.strip_prefix(b"/") else {
            return self.below && self.segments.is_empty();
        };
        if self.segments.is_empty() {
            return self.below || rest.is_empty();
        }
        let mut left = rest.split(|byte| *byte == b'/');
        let front = self.segments.iter().all(|part| match (part, left.next()) {
            (Part::Literal { folded, .. }, Some(segment)) => {
                fold(segment).eq(folded.iter().copied())
            }
            (Part::One, Some(segment)) => !segment.is_empty(),
            (_, None) => false,
        });
        let mut at_end = || match left.next() {
            None => true,
            Some(last) => last.is_empty() && left.next().is_none(),
        };
        front && (self.below || at_end())
    }
}

impl Part {
    fn new(segment: &Segment) -> Self {
        match segment {
            Segment::One => Self::One,
            Segment::Literal(text) => Self::Literal {
                exact: text.as_bytes().into(),
                folded: fold(text.as_bytes()).collect(),
            },
        }
    }
}

fn fold(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    decoded(text).map(|byte| byte.to_ascii_lowercase())
}

/// A regex without case, over the path as it is and decoded, with and without a trailing slash.
fn matches_leniently(regex: &Automaton, path: &[u8]) -> bool {
    if either_slash(regex, path) {
        return true;
    }
    path.contains(&b'%') && either_slash(regex, &decoded(path).collect::<Vec<_>>())
}

fn either_slash(regex: &Automaton, path: &[u8]) -> bool {
    regex.matches_folded(path)
        || match path.strip_suffix(b"/") {
            Some([]) => false,
            Some(shorter) => regex.matches_folded(shorter),
            None => regex.matches_folded(&[path, b"/"].concat()),
        }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn matches(pattern: &str, path: &str, mode: Mode) -> bool {
        let pattern = match pattern.strip_prefix("regex ") {
            Some(regex) => PathPattern::Regex(regex.to_owned()),
            None => PathPattern::parse(pattern).unwrap(),
        };
        Pattern::new(&pattern)
            .unwrap()
            .matches(&Cow::Borrowed(path.as_bytes()), mode)
    }

    fn check(mode: Mode, pattern: &str, yes: &[&str], no: &[&str]) {
        for path in yes {
            assert!(matches(pattern, path, mode), "{pattern} must match {path}");
        }
        for path in no {
            assert!(
                !matches(pattern, path, mode),
                "{pattern} must not match {path}"
            );
        }
    }

    #[test]
    fn segments_match_whole() {
        let mode = Mode::Strict;
        check(mode, "/", &["/"], &["/a", "//", "*"]);
        check(mode, "/a", &["/a"], &["/a/", "/A", "/ab", "/", "/a/b"]);
        check(mode, "/a/", &["/a/"], &["/a", "/a//", "/a/b"]);
        check(
            mode,
            "/a/*",
            &["/a/b", "/a/%2F"],
            &["/a", "/a/", "/a/b/", "/a//b", "/a/b/c"],
        );
        check(mode, "/a/*/c", &["/a/b/c"], &["/a//c", "/a/b/d"]);
        check(mode, "/a/*/", &["/a/b/"], &["/a/b", "/a//"]);
    }

    #[test]
    fn two_stars_are_the_path_before_and_everything_below() {
        let mode = Mode::Plain;
        check(
            mode,
            "/api/**",
            &["/api", "/api/", "/api/x", "/api/x/y"],
            &["/apis", "/ap", "/API"],
        );
        check(mode, "/**", &["/", "/a", "/a/b/"], &["*"]);
        check(mode, "/a/*/**", &["/a/b", "/a/b/c"], &["/a", "/a/"]);
    }

    #[test]
    fn what_closes_ignores_case_escapes_and_one_trailing_slash() {
        let mode = Mode::Lenient;
        check(
            mode,
            "/admin",
            &["/admin", "/ADMIN", "/admin/"],
            &["/admin//", "/admins", "/admin/x"],
        );
        check(mode, "/admin/", &["/admin", "/Admin/"], &["/admin/x"]);
        check(mode, "/a/*", &["/A/b", "/a/b/"], &["/a/", "/a"]);
        check(mode, "/a:b", &["/a%3Ab", "/A:B"], &["/a%3A"]);
        check(mode, "/a%20b", &["/a%20b"], &["/a b%20"]);
        check(mode, "/", &["/"], &["/a"]);
        check(mode, "/**", &["/", "/x", "*"], &[]);
        check(mode, "/x/**", &["/X/y", "/x"], &["*", "/y"]);
        check(mode, "regex /a[:]b", &["/A%3ab", "/a:b/"], &["/ab"]);
        check(mode, "regex /a/", &["/a", "/A/"], &["/a//x"]);
    }

    #[test]
    fn a_regex_covers_the_whole_path() {
        check(
            Mode::Strict,
            "regex /v[0-9]+/.*",
            &["/v1/x"],
            &["/v1", "/V1/x", "x/v1/x"],
        );
    }
}
