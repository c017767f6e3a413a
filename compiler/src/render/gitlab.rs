use serde_json::{Value, json};

use super::finding::{Finding, Level};
use super::fingerprint::fingerprints;

/// A Code Quality report of GitLab, for a repository that keeps its intents below `base`
/// (`intents/`, else empty).
pub fn gitlab(findings: &[Finding], base: &str) -> String {
    let issues = findings.iter().zip(fingerprints(findings));
    let issues: Vec<Value> = issues
        .map(|(finding, fingerprint)| issue(finding, &fingerprint, base))
        .collect();
    let mut text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    text.push('\n');
    text
}

fn issue(finding: &Finding, fingerprint: &str, base: &str) -> Value {
    let severity = match finding.level {
        Level::Error => "major",
        Level::Warning => "minor",
        Level::Note => "info",
    };
    let location = finding.location.as_ref();
    let path = location.map_or(base.trim_end_matches('/').to_owned(), |it| {
        format!("{base}{}", it.file)
    });
    // The report has no place for the repository as a whole.
    let path = if path.is_empty() {
        ".".to_owned()
    } else {
        path
    };
    json!({
        "description": finding.message,
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {
            "path": path,
            "lines": {"begin": location.map_or(1, super::Location::first_line)},
        },
    })
}
