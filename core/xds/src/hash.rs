use mesh_ir::Digest;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of some bytes: the version of a resource.
pub fn hash(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// Reads 64 lower-case hexadecimal digits.
pub fn parse_digest(text: &str) -> Option<Digest> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(Digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_digest_is_read_back() {
        let digest = hash(b"x");
        assert_eq!(parse_digest(&digest.to_string()), Some(digest));
        assert_eq!(parse_digest(&digest.to_string().to_uppercase()), None);
        assert_eq!(parse_digest("00"), None);
        assert_eq!(parse_digest(&"+1".repeat(32)), None);
    }
}
