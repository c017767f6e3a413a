use std::fmt::Write as _;

use super::finding::{Finding, Level};

/// A comment for a pull request: a sentence, then a table of findings.
pub fn markdown(findings: &[Finding]) -> String {
    let mut out = String::new();
    let count = |level| findings.iter().filter(|it| it.level == level).count();
    let counts = [
        (count(Level::Error), "error"),
        (count(Level::Warning), "warning"),
        (count(Level::Note), "note"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    if counts.is_empty() {
        return "**mesh**: no findings\n".to_owned();
    }
    writeln!(out, "**mesh**: {}\n", counts.join(", ")).expect(TO_STRING);
    out.push_str("| | where | what |\n|---|---|---|\n");
    for finding in findings {
        let place = finding.location.as_ref().map_or(String::new(), |location| {
            code(&format!("{}:{}", location.file, location.first_line()))
        });
        let mut what = text(&finding.message);
        if let Some(help) = &finding.help {
            write!(what, "<br>{}", text(help)).expect(TO_STRING);
        }
        let class = format!("{} {}", finding.level.as_str(), text(&finding.rule));
        writeln!(out, "| {class} | {place} | {what} |").expect(TO_STRING);
    }
    out
}

const TO_STRING: &str = "writing to a string does not fail";

/// A span of code that may hold backticks and bars. In a table a bar ends a cell, and how
/// many backslashes before it escape it is read differently by different forges, so text
/// with a bar is written as entities, which none of them reads as markup.
pub(crate) fn code(quoted: &str) -> String {
    if quoted.contains('|') {
        return format!("<code>{}</code>", entities(quoted));
    }
    let longest = quoted
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if quoted.starts_with('`') || quoted.ends_with('`') {
        " "
    } else {
        ""
    };
    let quoted = quoted.replace(['\n', '\r'], " ");
    format!("{fence}{space}{quoted}{space}{fence}")
}

/// Text on one line of which nothing is markup.
pub(crate) fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => out.push(' '),
            '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '@' | '#' | '~' | '&' | '!' => {
                write!(out, "&#{};", u32::from(character)).expect(TO_STRING);
            }
            _ => out.push(character),
        }
    }
    out
}

/// Text in a cell: what is between backticks is code, and nothing is read as markup.
pub(crate) fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let is_paired = words.matches('`').count().is_multiple_of(2);
    for (at, part) in words.split('`').enumerate() {
        if at % 2 == 1 && is_paired {
            out.push_str(&code(part));
            continue;
        }
        if at > 0 && !is_paired {
            out.push_str("\\`");
        }
        for character in part.chars() {
            match character {
                '\n' => out.push_str("<br>"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                '\\' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' => {
                    out.push('\\');
                    out.push(character);
                }
                other => out.push(other),
            }
        }
    }
    out
}
