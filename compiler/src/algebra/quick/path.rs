use mesh_ir::{PathPattern, Segment};

use super::pattern::{full_match, literal_prefix};

/// A set of paths: tokens between slashes, perhaps with everything below.
///
/// A path is the tokens after its slashes, so `/` is one empty token and `/a/`
/// is `a` and an empty one; repeated slashes are merged before any comparison.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Path {
    Tokens { tokens: Vec<Token>, below: bool },
    Regex(String),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    /// Nothing: after a trailing slash.
    Empty,
    Literal(String),
    /// Any one that is not empty.
    One,
}

impl Path {
    pub(super) fn of(pattern: &PathPattern) -> Self {
        let (segments, below, slash) = match pattern {
            PathPattern::Regex(text) => return Self::Regex(text.clone()),
            PathPattern::Segments {
                segments,
                below,
                slash,
            } => (segments, *below, *slash),
        };
        let mut tokens: Vec<Token> = segments.iter().map(Token::of).collect();
        if slash || (tokens.is_empty() && !below) {
            tokens.push(Token::Empty);
        }
        Self::Tokens { tokens, below }
    }

    pub(super) fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            // A regex may cover the `*` of `OPTIONS *`.
            (
                Self::Tokens {
                    tokens,
                    below: true,
                },
                Self::Regex(regex),
            ) if tokens.is_empty() => literal_prefix(regex).starts_with('/'),
            (
                Self::Tokens { tokens, below },
                Self::Tokens {
                    tokens: theirs,
                    below: their_below,
                },
            ) => {
                let long_enough = if *below {
                    theirs.len() >= tokens.len()
                } else {
                    theirs.len() == tokens.len() && !their_below
                };
                long_enough && tokens.iter().zip(theirs).all(|(a, b)| a.contains(b))
            }
            (Self::Regex(mine), Self::Regex(theirs)) => mine == theirs,
            (Self::Regex(regex), one) => one
                .only_path()
                .is_some_and(|path| full_match(regex, &path, false) == Some(true)),
            (Self::Tokens { below: false, .. }, Self::Regex(_)) => false,
            (Self::Tokens { .. }, Self::Regex(regex)) => self
                .all_literal()
                .is_some_and(|own| literal_prefix(regex).starts_with(&(own + "/"))),
        }
    }

    pub(super) fn is_disjoint(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Tokens { tokens, below },
                Self::Tokens {
                    tokens: theirs,
                    below: their_below,
                },
            ) => {
                let lengths_fit = match tokens.len().cmp(&theirs.len()) {
                    std::cmp::Ordering::Less => *below,
                    std::cmp::Ordering::Equal => true,
                    std::cmp::Ordering::Greater => *their_below,
                };
                !lengths_fit
                    || tokens
                        .iter()
                        .zip(theirs)
                        .any(|(a, b)| !a.contains(b) && !b.contains(a))
            }
            (Self::Regex(a), Self::Regex(b)) => differ(literal_prefix(a), literal_prefix(b)),
            (Self::Regex(regex), tokens) | (tokens, Self::Regex(regex)) => {
                differ(literal_prefix(regex), &tokens.prefix())
                    || tokens
                        .only_path()
                        .is_some_and(|path| full_match(regex, &path, false) == Some(false))
            }
        }
    }

    /// Text with which every path of the set starts.
    fn prefix(&self) -> String {
        let Self::Tokens { tokens, .. } = self else {
            return String::new();
        };
        let mut text = String::new();
        for token in tokens {
            text.push('/');
            match token {
                Token::Empty => {}
                Token::Literal(literal) => text.push_str(literal),
                Token::One => break,
            }
        }
        text
    }

    /// The text of the tokens, where each is written out.
    fn all_literal(&self) -> Option<String> {
        match self {
            Self::Tokens { tokens, .. } if !tokens.contains(&Token::One) => Some(self.prefix()),
            _ => None,
        }
    }

    /// The text of a set of one path.
    pub(super) fn only_path(&self) -> Option<String> {
        match self {
            Self::Tokens { below: false, .. } => self.all_literal(),
            _ => None,
        }
    }
}

/// Whether no text starts with both.
fn differ(a: &str, b: &str) -> bool {
    !a.starts_with(b) && !b.starts_with(a)
}

impl Token {
    fn of(segment: &Segment) -> Self {
        match segment {
            Segment::Literal(text) => Self::Literal(text.clone()),
            Segment::One => Self::One,
        }
    }

    fn contains(&self, other: &Self) -> bool {
        self == other || (*self == Self::One && *other != Self::Empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path::of(&PathPattern::parse(text).unwrap())
    }

    #[test]
    fn below_contains_itself_its_slash_and_what_lies_under_it() {
        for inner in [
            "/api",
            "/api/",
            "/api/x",
            "/api/*/y",
            "/api/**",
            "/api/v1/**",
        ] {
            assert!(path("/api/**").contains(&path(inner)), "{inner}");
        }
        for outer in ["/apis", "/", "/**", "/*/x"] {
            assert!(!path("/api/**").contains(&path(outer)), "{outer}");
        }
        assert!(path("/**").contains(&path("/")));
        assert!(path("/**").contains(&Path::Regex("/a.*".into())));
    }

    #[test]
    fn a_star_is_one_segment_that_is_not_empty() {
        assert!(path("/*").contains(&path("/a")) && !path("/*").contains(&path("/")));
        assert!(path("/a/*").is_disjoint(&path("/a/")));
        assert!(path("/a/*").is_disjoint(&path("/a/b/c")));
        assert!(!path("/a/*").is_disjoint(&path("/*/b")));
    }

    #[test]
    fn a_regex_is_compared_by_the_text_it_starts_with() {
        let regex = Path::Regex("/a/[0-9]+".into());
        assert!(path("/a/**").contains(&regex) && !path("/b/**").contains(&regex));
        assert!(regex.is_disjoint(&path("/b/**")) && regex.is_disjoint(&path("/b/*")));
        assert!(!regex.is_disjoint(&path("/*/x")) && !path("/a/*").contains(&regex));
        assert!(regex.is_disjoint(&Path::Regex("/b.*".into())));
    }

    #[test]
    fn a_regex_is_compared_with_single_paths() {
        let regex = Path::Regex("/a[0-9]".into());
        assert!(regex.contains(&path("/a1")) && !regex.contains(&path("/ab")));
        assert!(regex.is_disjoint(&path("/ab")));
        assert!(!regex.is_disjoint(&path("/*")) && !regex.contains(&path("/*")));
    }
}
