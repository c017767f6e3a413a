/// What a text is made of: a byte, or (in paths) an escape, which is one piece.
///
/// Below 256 the byte itself, above it the escape of the byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Symbol(pub(super) u16);

impl Symbol {
    pub(super) const SLASH: Self = Self(b'/' as u16);

    pub(super) fn byte(byte: u8) -> Self {
        Self(u16::from(byte))
    }

    pub(super) fn escape(byte: u8) -> Self {
        Self(256 + u16::from(byte))
    }

    pub(super) fn is_escape(self) -> bool {
        self.0 >= 256
    }

    /// The byte that it stands for.
    pub(super) fn decoded(self) -> u8 {
        self.0.to_le_bytes()[0]
    }

    /// As it is written.
    pub(super) fn written(self) -> ([u8; 3], usize) {
        let digit = |value: u8| b"0123456789ABCDEF"[usize::from(value)];
        let byte = self.decoded();
        if self.is_escape() {
            ([b'%', digit(byte >> 4), digit(byte & 15)], 3)
        } else {
            ([byte, 0, 0], 1)
        }
    }

    /// The pieces of a text in canonical escapes; `None` where it is not.
    pub(super) fn all_of(text: &[u8]) -> Option<Vec<Self>> {
        let mut symbols = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((first, after)) = rest.split_first() {
            if *first != b'%' {
                symbols.push(Self::byte(*first));
                rest = after;
                continue;
            }
            let byte = escaped_byte(rest)?;
            let symbol = Self::escape(byte);
            if is_unreserved(byte) || symbol.written().0[..] != rest[..3] {
                return None;
            }
            symbols.push(symbol);
            rest = &rest[3..];
        }
        Some(symbols)
    }

    /// How gladly it is shown: smaller is better.
    pub(super) fn rank(self) -> u16 {
        let byte = self.decoded();
        let group = match byte {
            _ if self.is_escape() => 6,
            b'x' => 0,
            b'a'..=b'z' => 1,
            b'0'..=b'9' => 2,
            b'A'..=b'Z' => 3,
            b'!'..=b'~' => 4,
            b' ' => 5,
            _ => 7,
        };
        group * 256 + u16::from(byte)
    }
}

/// The byte that an escape at the start of a text stands for.
pub(super) fn escaped_byte(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else {
        return None;
    };
    let value = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(value(*high)? * 16 + value(*low)?).ok()
}

/// RFC 3986 section 2.3.
pub(super) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}
