use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::finding::Finding;

/// A name for each finding that stays when lines move: of its class, file, line of text
/// and message, and of how many before it are equal in these.
pub(super) fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<[&str; 4], u32> = BTreeMap::new();
    let of = |finding| {
        let Finding {
            rule,
            message,
            location,
            ..
        }: &Finding = finding;
        let file = location.as_ref().map_or("", |it| it.file.as_str());
        let region = location.as_ref().and_then(|it| it.region.as_ref());
        let text = region.map_or("", |it| it.line_text.as_str());
        let parts = [rule.as_str(), file, text, message.as_str()];
        let before = seen.entry(parts).or_default();
        *before += 1;
        hash(parts, *before)
    };
    findings.iter().map(of).collect()
}

fn hash(parts: [&str; 4], ordinal: u32) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    hasher.update(ordinal.to_le_bytes());
    let mut text = String::new();
    for byte in &hasher.finalize()[..16] {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
    }
    text
}
