/// A place as the language server protocol counts: lines from 0, and in a line units of
/// UTF-16 from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextPosition {
    /// The line.
    pub line: u32,
    /// The unit in the line.
    pub unit: u32,
}

/// The byte of a position; past the end of a line it is the line's end, past the last line
/// that of the text.
pub fn byte_of(text: &str, at: TextPosition) -> usize {
    let mut start = 0;
    for _ in 0..at.line {
        match text[start..].find('\n') {
            Some(end) => start += end + 1,
            None => return text.len(),
        }
    }
    let line = text[start..].split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut units = 0;
    for (index, character) in line.char_indices() {
        if units >= at.unit as usize {
            return start + index;
        }
        units += character.len_utf16();
    }
    start + line.len()
}

/// The position of a byte; one inside of a character is that of the character.
pub fn position_of(text: &str, byte: usize) -> TextPosition {
    let byte = (0..=byte.min(text.len()))
        .rev()
        .find(|it| text.is_char_boundary(*it))
        .unwrap_or_default();
    let before = &text[..byte];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let lines = before.bytes().filter(|it| *it == b'\n').count();
    let units: usize = before[line_start..].chars().map(char::len_utf16).sum();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    TextPosition {
        line: count(lines),
        unit: count(units),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_positions_agree() {
        let text = "a: é🐟x\r\nb\n";
        for (byte, _) in text
            .char_indices()
            .filter(|(_, c)| !matches!(c, '\r' | '\n'))
        {
            assert_eq!(byte_of(text, position_of(text, byte)), byte);
        }
        let fish = TextPosition { line: 0, unit: 4 };
        assert_eq!(&text[byte_of(text, fish)..][..4], "🐟");
        assert_eq!(position_of(text, text.find('x').unwrap()).unit, 6);
    }

    #[test]
    fn what_is_past_the_end_is_the_end() {
        let at = |line, unit| byte_of("ab\r\ncd", TextPosition { line, unit });
        assert_eq!((at(0, 99), at(1, 99), at(9, 0)), (2, 6, 6));
    }
}
