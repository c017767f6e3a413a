use std::fmt;

/// A pattern over whole paths, in the one grammar of the language.
///
/// `/reviews/*` is a literal segment and one segment that is not empty; a trailing
/// `/**` is the path before it and everything below, by whole segments. A trailing
/// slash is significant. `{regex: …}` covers the whole path, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathPattern {
    /// Segments in order.
    Segments {
        /// The segments between the slashes; empty for `/` and `/**`.
        segments: Vec<Segment>,
        /// Ends in `/**`.
        below: bool,
        /// Ends in `/` after a segment; never together with `below`.
        slash: bool,
    },
    /// RE2 without look-around over the whole path.
    Regex(String),
}

/// One segment of a [`PathPattern`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// This text, unreserved characters unescaped.
    Literal(String),
    /// `*`: any one segment that is not empty.
    One,
}

/// Why a text is not a path pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPath {
    /// Does not start with a slash.
    #[error("a path starts with `/`")]
    NoSlash,
    /// `//`.
    #[error("a path has no empty segment: requests are judged with repeated slashes merged")]
    EmptySegment,
    /// `.` or `..`.
    #[error("a path has no `.` or `..` segment: such requests are refused before any rule")]
    DotSegment,
    /// A star beside other characters, or `**` that is not the end.
    #[error("`*` stands for one whole segment, and `**` only at the end of the path")]
    Star,
    /// A character that no path may hold.
    #[error("`{0}` may not stand in a path")]
    Character(char),
    /// A `%` that is not followed by two hexadecimal digits, or an escaped slash, NUL or unreserved character.
    #[error(
        "`{0}` may not stand in a path: write unreserved characters as they are, and no escaped slash, backslash or control byte"
    )]
    Escape(String),
}

impl PathPattern {
    /// Parses the segment grammar; a regex is made by its variant.
    pub fn parse(text: &str) -> Result<Self, InvalidPath> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err(InvalidPath::NoSlash);
        };
        let (rest, below) = match rest {
            "**" => ("", true),
            _ => rest
                .strip_suffix("/**")
                .map_or((rest, false), |front| (front, true)),
        };
        if rest.is_empty() {
            // `/`, `/**`; and `//**`, which has an empty segment.
            return if text.len() > 3 {
                Err(InvalidPath::EmptySegment)
            } else {
                Ok(Self::Segments {
                    segments: vec![],
                    below,
                    slash: false,
                })
            };
        }
        let (rest, slash) = match rest.strip_suffix('/') {
            Some(_) if below => return Err(InvalidPath::EmptySegment),
            Some(front) => (front, true),
            None => (rest, false),
        };
        let segments = rest
            .split('/')
            .map(Segment::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self::Segments {
            segments,
            below,
            slash,
        })
    }

    /// How many captures (`$1`…) a match of this pattern gives; `None` for a
    /// regex, whose groups only its automaton knows.
    pub fn captures(&self) -> Option<usize> {
        match self {
            Self::Segments { segments, .. } => {
                Some(segments.iter().filter(|s| **s == Segment::One).count())
            }
            Self::Regex(_) => None,
        }
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, InvalidPath> {
        match text {
            "" => return Err(InvalidPath::EmptySegment),
            "." | ".." => return Err(InvalidPath::DotSegment),
            "*" => return Ok(Self::One),
            _ => {}
        }
        if text.contains('*') {
            return Err(InvalidPath::Star);
        }
        // RFC 3986 pchar without `;`, which readers of a path disagree about.
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()+,=:@%".contains(c);
        if let Some(bad) = text.chars().find(|c| !allowed(*c)) {
            return Err(InvalidPath::Character(bad));
        }
        check_escapes(text)?;
        Ok(Self::Literal(text.to_owned()))
    }
}

fn check_escapes(text: &str) -> Result<(), InvalidPath> {
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let escape = rest
            .get(at..at + 3)
            .ok_or_else(|| InvalidPath::Escape(rest[at..].to_owned()))?;
        let byte = u8::from_str_radix(&escape[1..], 16)
            .ok()
            .filter(|_| escape[1..].bytes().all(|b| b.is_ascii_hexdigit()));
        let fine = byte.is_some_and(|b| {
            !(b.is_ascii_alphanumeric() || b"-._~/\\".contains(&b) || b.is_ascii_control())
        });
        if !fine || escape.bytes().any(|b| b.is_ascii_lowercase()) {
            return Err(InvalidPath::Escape(escape.to_owned()));
        }
        rest = &rest[at + 3..];
    }
    Ok(())
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regex(regex) => write!(f, "regex {regex}"),
            Self::Segments {
                segments,
                below,
                slash,
            } => {
                for segment in segments {
                    match segment {
                        Segment::Literal(text) => write!(f, "/{text}")?,
                        Segment::One => f.write_str("/*")?,
                    }
                }
                match (below, slash, segments.is_empty()) {
                    (true, _, _) => f.write_str("/**"),
                    (false, true, _) | (false, _, true) => f.write_str("/"),
                    (false, false, false) => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_good_pattern_prints_as_it_was_written() {
        for text in [
            "/",
            "/**",
            "/a",
            "/a/",
            "/a/*",
            "/a/*/b/**",
            "/*",
            "/*/",
            "/a%20b",
            "/a-b_c.d~e",
        ] {
            assert_eq!(PathPattern::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn bad_patterns_say_why() {
        let cases = [
            ("a", InvalidPath::NoSlash),
            ("", InvalidPath::NoSlash),
            ("//", InvalidPath::EmptySegment),
            ("//**", InvalidPath::EmptySegment),
            ("/a//b", InvalidPath::EmptySegment),
            ("/a//**", InvalidPath::EmptySegment),
            ("/a/../b", InvalidPath::DotSegment),
            ("/a*b", InvalidPath::Star),
            ("/**/b", InvalidPath::Star),
            ("/a;b", InvalidPath::Character(';')),
            ("/a?b", InvalidPath::Character('?')),
            ("/a#b", InvalidPath::Character('#')),
            ("/é", InvalidPath::Character('é')),
            ("/%41", InvalidPath::Escape("%41".into())),
            ("/%2F", InvalidPath::Escape("%2F".into())),
            ("/%3a", InvalidPath::Escape("%3a".into())),
            ("/%+1", InvalidPath::Escape("%+1".into())),
            ("/%2", InvalidPath::Escape("%2".into())),
        ];
        for (text, error) in cases {
            assert_eq!(PathPattern::parse(text), Err(error), "{text}");
        }
    }
}
