//! Messages on a stream: a header that says how long each is.

use std::io::{BufRead, Read as _};

/// A longer message is passed over.
const MAX_BYTES: u64 = 64 << 20;

/// A longer line is no header.
const MAX_LINE: u64 = 4096;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// The bytes of one message, whatever they are.
    Message(Vec<u8>),
    /// A message that was not read.
    TooLarge,
    /// Nothing more will.
    End,
}

/// The next message. Lines that are no header are passed over, so that a stream that lost
/// its place finds it again.
pub(super) fn read(input: &mut impl BufRead) -> Received {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        match input.take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return Received::End,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            match length {
                Some(length) => return body(input, length),
                None => continue,
            }
        }
        let lower = line.to_ascii_lowercase();
        // It may stand behind the rest of a message that was cut short.
        if let Some(at) = lower.find("content-length:") {
            length = lower[at + "content-length:".len()..].trim().parse().ok();
        }
    }
}

fn body(input: &mut impl BufRead, length: u64) -> Received {
    let mut message = input.take(length);
    if length > MAX_BYTES {
        return match std::io::copy(&mut message, &mut std::io::sink()) {
            Ok(_) => Received::TooLarge,
            Err(_) => Received::End,
        };
    }
    let mut bytes = Vec::new();
    match message.read_to_end(&mut bytes) {
        Ok(read) if u64::try_from(read) == Ok(length) => Received::Message(bytes),
        _ => Received::End,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Received> {
        let mut input = text.as_bytes();
        let mut all = Vec::new();
        loop {
            let next = read(&mut input);
            let is_end = next == Received::End;
            all.push(next);
            if is_end {
                return all;
            }
        }
    }

    fn message(text: &str) -> Received {
        Received::Message(text.as_bytes().to_vec())
    }

    #[test]
    fn messages_are_as_long_as_they_say() {
        let text = "Content-Length: 2\r\n\r\n{}content-length:3\r\nContent-Type: x\r\n\r\nabc";
        assert_eq!(all(text), [message("{}"), message("abc"), Received::End]);
    }

    #[test]
    fn what_is_no_header_is_passed_over() {
        let text = "what\r\n\r\nContent-Length: x\r\n\r\nlost}Content-Length: 1\r\n\r\na";
        assert_eq!(all(text), [message("a"), Received::End]);
        assert_eq!(all("Content-Length: 9\r\n\r\nabc"), [Received::End]);
    }
}
