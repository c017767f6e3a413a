use crate::pattern::Pattern;

/// A path template of `rewrite` or `redirect`: text, `$1`…`$9`, and perhaps a trailing `/**`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    Capture(usize),
    Below,
}

impl Template {
    pub(crate) fn parse(text: &str) -> Self {
        let (front, below) = match text.strip_suffix("/**") {
            Some(front) => (front, true),
            None => (text, false),
        };
        let mut parts = vec![];
        let mut literal = vec![];
        let mut rest = front.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            if let [b'$', digit @ b'1'..=b'9', end @ ..] = rest {
                parts.push(Part::Text(std::mem::take(&mut literal)));
                parts.push(Part::Capture(usize::from(digit - b'0')));
                rest = end;
            } else {
                literal.push(*first);
                rest = after;
            }
        }
        parts.push(Part::Text(literal));
        parts.extend(below.then_some(Part::Below));
        parts.retain(|part| *part != Part::Text(vec![]));
        Self { parts }
    }

    /// The greatest `$n` in it; 0 for none.
    pub(crate) fn captures(&self) -> usize {
        let number = |part: &Part| match part {
            Part::Capture(number) => *number,
            Part::Text(_) | Part::Below => 0,
        };
        self.parts.iter().map(number).max().unwrap_or(0)
    }

    /// The path it makes; an empty result is `/`.
    pub(crate) fn expand(&self, captured: &Captured<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(captured.path.len() + 16);
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Capture(number) => out.extend_from_slice(captured.received(*number)),
                Part::Below => out.extend_from_slice(captured.below()),
            }
        }
        if out.is_empty() {
            out.push(b'/');
        }
        out
    }
}

/// What the stars or groups of the matched path stand for.
#[derive(Clone, Copy)]
pub(crate) struct Captured<'a> {
    /// The pattern that matched; `None` for a match without paths.
    pub(crate) pattern: Option<&'a Pattern>,
    /// As received.
    pub(crate) path: &'a [u8],
    /// Its plain reading.
    pub(crate) reading: &'a [u8],
}

impl<'a> Captured<'a> {
    /// `$number` as received: a segment with its parameters and escapes. What a
    /// regex group holds is of the plain reading, which is what it matched.
    fn received(&self, number: usize) -> &'a [u8] {
        match self.pattern {
            Some(Pattern::Segments(pattern)) => pattern
                .stars()
                .nth(number - 1)
                .and_then(|at| named_segments(self.path).nth(at))
                .map_or(&[], |(start, end)| &self.path[start..end]),
            _ => self.canonical(number),
        }
    }

    /// `$number` of the plain reading, so that spellings of one path share a key.
    pub(crate) fn canonical(&self, number: usize) -> &'a [u8] {
        match self.pattern {
            None => &[],
            Some(Pattern::Regex(regex)) => regex.group(self.reading, number),
            Some(Pattern::Segments(pattern)) => pattern
                .stars()
                .nth(number.saturating_sub(1))
                .and_then(|at| named_segments(self.reading).nth(at))
                .map_or(&[], |(start, end)| &self.reading[start..end]),
        }
    }

    /// What a trailing `/**` matched, as received: empty, or from its slash on.
    fn below(&self) -> &'a [u8] {
        let Some(Pattern::Segments(pattern)) = self.pattern else {
            return &[];
        };
        match pattern.below() {
            None => &[],
            Some(0) => self.path,
            Some(front) => named_segments(self.path)
                .nth(front - 1)
                .map_or(&[], |(_, end)| &self.path[end..]),
        }
    }
}

/// Where the segments lie that the plain reading keeps: those that are not empty
/// without their parameters.
fn named_segments(path: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut start = 0;
    path.split(|byte| *byte == b'/')
        .map(move |segment| {
            let place = (start, start + segment.len());
            start = place.1 + 1;
            (place, segment)
        })
        .filter(|(_, segment)| !matches!(segment.first(), None | Some(b';')))
        .map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use mesh_ir::PathPattern;

    use super::*;
    use crate::path::Target;
    use crate::readings::Readings;

    fn expand(template: &str, pattern: &str, path: &str) -> String {
        let pattern = match pattern.strip_prefix("regex ") {
            Some(regex) => PathPattern::Regex(regex.to_owned()),
            None => PathPattern::parse(pattern).unwrap(),
        };
        let pattern = Pattern::new(&pattern).unwrap();
        let target = Target::parse(b"GET", path.as_bytes()).unwrap();
        let readings = Readings::plain(&target);
        assert!(pattern.matches(&readings.as_slice()[0], crate::mode::Mode::Plain));
        let captured = Captured {
            pattern: Some(&pattern),
            path: target.path,
            reading: &readings.as_slice()[0],
        };
        String::from_utf8(Template::parse(template).expand(&captured)).unwrap()
    }

    #[test]
    fn captures_are_put_in_as_received() {
        assert_eq!(
            expand("/r/$1", "/reviews/*/legacy", "/reviews/7/legacy"),
            "/r/7"
        );
        assert_eq!(expand("/$2/$1", "/*/*", "/a;x=1//%62"), "/%62/a;x=1");
        assert_eq!(expand("/p-$1$1", "/*", "/a"), "/p-aa");
        assert_eq!(expand("/$1", "/*/b", "/;x/a/b"), "/a");
        assert_eq!(expand("/$0$", "/*", "/a"), "/$0$");
    }

    #[test]
    fn a_trailing_double_star_takes_what_is_below() {
        assert_eq!(expand("/v1/**", "/api/**", "/api/x/y"), "/v1/x/y");
        assert_eq!(expand("/v1/**", "/api/**", "/api"), "/v1");
        assert_eq!(expand("/v1/**", "/api/**", "/api/"), "/v1/");
        assert_eq!(expand("/v1/**", "/api/**", "/api;x//y;z"), "/v1//y;z");
        assert_eq!(expand("/v1/**", "/**", "/a"), "/v1/a");
    }

    #[test]
    fn an_empty_result_is_the_root() {
        assert_eq!(expand("/**", "/api/**", "/api"), "/");
        assert_eq!(expand("/**", "/api/**", "/api/x"), "/x");
    }

    #[test]
    fn the_groups_of_a_regex_are_captures() {
        assert_eq!(expand("/$2/$1", "regex /(a+)/(b+)", "/aa/b"), "/b/aa");
    }

    #[test]
    fn the_greatest_capture_is_known() {
        assert_eq!(Template::parse("/$1/$7/**").captures(), 7);
        assert_eq!(Template::parse("/a").captures(), 0);
    }
}
