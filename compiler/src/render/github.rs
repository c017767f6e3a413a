use std::fmt::Write as _;

use super::finding::{Finding, Level};

/// Workflow commands of GitHub Actions: an annotation at the line of each finding, in a
/// repository that keeps its intents below `base` (`intents/`, else empty).
pub fn github(findings: &[Finding], base: &str) -> String {
    let mut out = String::new();
    for finding in findings {
        let command = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let mut properties = vec![];
        if let Some(location) = &finding.location {
            properties.push(("file", format!("{base}{}", location.file)));
            if let Some(region) = &location.region {
                properties.push(("line", region.start.line.to_string()));
                properties.push(("endLine", region.end.line.to_string()));
                // Columns are only told of a single line.
                if region.start.line == region.end.line {
                    properties.push(("col", region.start.column.to_string()));
                    properties.push(("endColumn", region.end.column.to_string()));
                }
            }
        }
        properties.push(("title", title(finding)));
        let properties: Vec<_> = properties
            .iter()
            .map(|(name, value)| format!("{name}={}", property(value)))
            .collect();
        let text = match &finding.help {
            Some(help) => format!("{}\n{help}", finding.message),
            None => finding.message.clone(),
        };
        writeln!(out, "::{command} {}::{}", properties.join(","), data(&text))
            .expect("writing to a string does not fail");
    }
    out
}

fn title(finding: &Finding) -> String {
    if finding.title.is_empty() {
        finding.rule.clone()
    } else {
        format!("{}: {}", finding.rule, finding.title)
    }
}

/// The text of a command ends at a line break.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property besides ends at a comma, and its name at a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
