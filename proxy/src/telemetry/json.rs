/// Appends `"name":` after a comma where one is needed.
pub(super) fn name(out: &mut Vec<u8>, name: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Appends a string of any bytes: what JSON cannot hold is escaped, what is not
/// UTF-8 becomes U+FFFD, and at most `limit` bytes are taken.
pub(super) fn string(out: &mut Vec<u8>, value: &[u8], limit: usize) {
    out.push(b'"');
    let value = &value[..value.len().min(limit)];
    for chunk in value.utf8_chunks() {
        escape(out, chunk.valid());
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out.push(b'"');
}

/// Appends text inside a string that the caller opened.
pub(super) fn part(out: &mut Vec<u8>, text: &str) {
    escape(out, text);
}

fn escape(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let bytes = text.as_bytes();
    let mut plain = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if !matches!(byte, b'"' | b'\\' | 0..=0x1f | 0x7f) {
            continue;
        }
        out.extend_from_slice(&bytes[plain..at]);
        plain = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[plain..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_an_attacker_sends_is_one_json_string() {
        for value in [
            &b"plain"[..],
            b"\"},{\"a\":\"b",
            b"line\nfeed\r\x00\x1b[31m\x7f",
            b"\xff\xfe\x80",
            "é\u{2028}".as_bytes(),
            b"\\",
        ] {
            let mut out = vec![];
            string(&mut out, value, 1024);
            let read: String = serde_json::from_slice(&out).unwrap();
            assert_eq!(read, String::from_utf8_lossy(value));
            assert!(!out.contains(&b'\n'));
        }
    }

    #[test]
    fn a_long_value_is_cut() {
        let mut out = vec![];
        string(&mut out, "é".repeat(100).as_bytes(), 11);
        let read: String = serde_json::from_slice(&out).unwrap();
        assert_eq!(read.chars().count(), 6);
    }
}
