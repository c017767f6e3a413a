//! SARIF 2.1.0 (OASIS Standard, 27 March 2020).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::finding::{Finding, Location, Region};
use super::fingerprint::fingerprints;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One log with one run. Files are relative to `%SRCROOT%`, the directory of intents,
/// below `base` where the repository keeps them in a directory (`intents/`, else empty).
pub fn sarif(findings: &[Finding], base: &str) -> String {
    let mut rules: BTreeMap<&str, &Finding> = BTreeMap::new();
    for finding in findings {
        rules.entry(&finding.rule).or_insert(finding);
    }
    let index = |rule: &str| rules.keys().position(|it| *it == rule);
    let results = findings.iter().zip(fingerprints(findings));
    let results: Vec<Value> = results
        .map(|(finding, fingerprint)| result(finding, index(&finding.rule), &fingerprint, base))
        .collect();
    let described: Vec<Value> = rules.values().map(|finding| rule(finding)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "mesh",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": described,
            }},
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": {"%SRCROOT%": {
                "description": {"text": "the root of the repository"},
            }},
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn rule(finding: &Finding) -> Value {
    let mut rule = Map::new();
    rule.insert("id".into(), json!(finding.rule));
    if !finding.title.is_empty() {
        rule.insert("shortDescription".into(), json!({"text": finding.title}));
    }
    let level = json!({"level": finding.level.as_str()});
    rule.insert("defaultConfiguration".into(), level);
    Value::Object(rule)
}

fn result(finding: &Finding, rule: Option<usize>, fingerprint: &str, base: &str) -> Value {
    let mut result = Map::new();
    result.insert("ruleId".into(), json!(finding.rule));
    if let Some(rule) = rule {
        result.insert("ruleIndex".into(), json!(rule));
    }
    result.insert("level".into(), json!(finding.level.as_str()));
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    result.insert("message".into(), json!({"text": text}));
    if let Some(location) = &finding.location {
        let physical = json!({"physicalLocation": physical(location, base)});
        result.insert("locations".into(), json!([physical]));
    }
    if !finding.related.is_empty() {
        let related = (0_u32..)
            .zip(&finding.related)
            .map(|(id, (location, text))| {
                json!({
                    "id": id,
                    "physicalLocation": physical(location, base),
                    "message": {"text": text},
                })
            });
        result.insert("relatedLocations".into(), related.collect());
    }
    if let Some((location, replacement)) = &finding.fix {
        result.insert("fixes".into(), json!([fix(location, replacement, base)]));
    }
    let name = json!({"meshwright/v1": fingerprint});
    result.insert("partialFingerprints".into(), name);
    Value::Object(result)
}

fn fix(location: &Location, replacement: &str, base: &str) -> Value {
    let deleted = location.region.as_ref().map_or_else(|| json!({}), region);
    json!({
        "artifactChanges": [{
            "artifactLocation": artifact(location, base),
            "replacements": [{
                "deletedRegion": deleted,
                "insertedContent": {"text": replacement},
            }],
        }],
    })
}

fn physical(location: &Location, base: &str) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".into(), artifact(location, base));
    if let Some(it) = &location.region {
        physical.insert("region".into(), region(it));
    }
    Value::Object(physical)
}

fn artifact(location: &Location, base: &str) -> Value {
    json!({"uri": uri(&format!("{base}{}", location.file)), "uriBaseId": "%SRCROOT%"})
}

fn region(region: &Region) -> Value {
    let Region { start, end, .. } = region;
    json!({
        "startLine": start.line,
        "startColumn": start.column_utf16,
        "endLine": end.line,
        "endColumn": end.column_utf16,
    })
}

/// A path as a relative reference (RFC 3986): what is not unreserved is escaped.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
        if plain {
            uri.push(char::from(byte));
        } else {
            let escaped = write!(uri, "%{byte:02X}");
            escaped.expect("a text takes what is written to it");
        }
    }
    uri
}
