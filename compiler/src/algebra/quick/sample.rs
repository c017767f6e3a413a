use super::pattern::full_match;

/// A short text that a regex covers, where a guess finds one: it is tried, so that
/// what a guess does not understand does no harm.
pub(super) fn sample(pattern: &str) -> Option<String> {
    let mut guess = Guess {
        rest: pattern.as_bytes(),
        depth: 0,
    };
    let text = guess.alternatives()?;
    let text = String::from_utf8(text).ok()?;
    (full_match(pattern, &text, false) == Some(true)).then_some(text)
}

/// Reads a regex and writes the first text that comes to mind: of alternatives the
/// first, of a class its first character, of what may be left out nothing.
struct Guess<'p> {
    rest: &'p [u8],
    depth: u32,
}

impl Guess<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, after) = self.rest.split_first()?;
        self.rest = after;
        Some(*first)
    }

    /// The first of some alternatives; the others are read and forgotten.
    fn alternatives(&mut self) -> Option<Vec<u8>> {
        self.depth += 1;
        if self.depth > 16 {
            return None;
        }
        let first = self.sequence()?;
        while self.rest.first() == Some(&b'|') {
            self.next();
            self.sequence()?;
        }
        self.depth -= 1;
        Some(first)
    }

    fn sequence(&mut self) -> Option<Vec<u8>> {
        let mut out = vec![];
        while let Some(first) = self.rest.first() {
            if matches!(first, b'|' | b')') {
                break;
            }
            let one = self.one()?;
            let times = self.times()?;
            for _ in 0..times {
                out.extend_from_slice(&one);
            }
        }
        (out.len() < 256).then_some(out)
    }

    fn one(&mut self) -> Option<Vec<u8>> {
        Some(match self.next()? {
            b'(' => {
                if self.rest.starts_with(b"?:") {
                    self.rest = &self.rest[2..];
                }
                let inner = self.alternatives()?;
                (self.next()? == b')').then_some(inner)?
            }
            b'[' => vec![self.class()?],
            b'.' => vec![b'x'],
            b'^' | b'$' => vec![],
            b'\\' => vec![escaped(self.next()?)],
            other => vec![other],
        })
    }

    fn class(&mut self) -> Option<u8> {
        let negated = self.rest.first() == Some(&b'^');
        let mut first = self.next()?;
        if first == b'\\' {
            first = escaped(self.next()?);
        }
        while self.next()? != b']' {}
        Some(if negated { b'x' } else { first })
    }

    /// How often what was read is written.
    fn times(&mut self) -> Option<usize> {
        let times = match self.rest.first() {
            Some(b'*' | b'?') => 0,
            Some(b'+') => 1,
            Some(b'{') => {
                let end = self.rest.iter().position(|byte| *byte == b'}')?;
                let inside = std::str::from_utf8(&self.rest[1..end]).ok()?;
                let least = inside.split(',').next()?.parse().ok()?;
                self.rest = &self.rest[end..];
                least
            }
            _ => return Some(1),
        };
        self.next();
        // `*?` and `+?` match the same texts.
        if self.rest.first() == Some(&b'?') {
            self.next();
        }
        (times <= 64).then_some(times)
    }
}

fn escaped(byte: u8) -> u8 {
    match byte {
        b'd' => b'0',
        b'w' | b'S' | b'D' => b'x',
        b's' => b' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_in_the_language_or_is_none() {
        let cases = [
            ("/v[0-9]+/.*", Some("/v0/")),
            (r"/(a|b)\.(?:x|y){2}", Some("/a.xx")),
            (r"/\d{3}-[^/]+", Some("/000-x")),
            ("(?i)/a", None),
            (r"/[[:alpha:]]", None),
            ("", Some("")),
            ("[a", None),
        ];
        for (pattern, expected) in cases {
            assert_eq!(sample(pattern).as_deref(), expected, "{pattern}");
        }
    }
}
