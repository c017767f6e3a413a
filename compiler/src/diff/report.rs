//! A diff as text, as a comment for a pull request, as findings for other formats.

use std::fmt::Write as _;

use super::change::{Change, ChangeKind, Diff, Lines, Open};
use crate::render::{Finding, Level, Location, code, entities};

/// How many changes a comment shows before it folds the rest away.
const SHOWN: usize = 10;
/// The longest outcome in a cell of a table, in characters.
const CELL: usize = 120;

impl Diff {
    /// For a terminal.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for change in &self.changes {
            text_of(&mut out, change);
        }
        for open in &self.undecided {
            let Open {
                from,
                to,
                why,
                lines,
            } = open;
            put(
                &mut out,
                format_args!("undecided: {from} -> {to}\n    {why}\n"),
            );
            text_lines(&mut out, lines);
            out.push('\n');
        }
        put(&mut out, format_args!("{}\n", self.summary()));
        if !self.workloads.is_empty() && !self.is_empty() {
            let workloads = self.workloads.join(", ");
            put(&mut out, format_args!("workloads: {workloads}\n"));
        }
        out
    }

    /// In a sentence: how much changes, what is serious first.
    pub fn summary(&self) -> String {
        if self.is_empty() {
            return "no behavioural change".to_owned();
        }
        let counts = ChangeKind::ALL.into_iter();
        let counts = counts.map(|kind| (self.count(kind), kind.as_str()));
        let open = [(self.undecided.len(), "undecided")];
        let counts = counts.chain(open).filter(|(count, _)| *count > 0);
        let counts: Vec<_> = counts
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        counts.join(", ")
    }

    /// A comment for a pull request.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        if self.is_empty() {
            return "**Behaviour:** no behavioural change.\n".to_owned();
        }
        let workloads = self.workloads.len();
        let plural = if workloads == 1 { "" } else { "s" };
        let summary = self.summary();
        put(
            &mut out,
            format_args!("**Behaviour:** {summary}; {workloads} workload{plural} affected.\n\n"),
        );
        let (shown, folded) = self.changes.split_at(self.changes.len().min(SHOWN));
        table(&mut out, shown);
        if !folded.is_empty() {
            let more = folded.len();
            put(
                &mut out,
                format_args!("\n<details><summary>{more} more</summary>\n\n"),
            );
            table(&mut out, folded);
            out.push_str("\n</details>\n");
        }
        if !self.undecided.is_empty() {
            out.push_str("\n**Undecided** (look at these yourself):\n\n");
            for open in &self.undecided {
                let Open {
                    from,
                    to,
                    why,
                    lines,
                } = open;
                let lines = both(lines);
                let (from, to, why) = (cell(from), cell(to), cell(why));
                put(&mut out, format_args!("- {from} → {to}: {why} {lines}\n"));
            }
        }
        details(&mut out, &self.changes);
        if !self.workloads.is_empty() {
            out.push_str("\n<details><summary>Workloads whose bundle changes</summary>\n\n");
            for workload in &self.workloads {
                put(&mut out, format_args!("- `{workload}`\n"));
            }
            out.push_str("\n</details>\n");
        }
        out
    }

    /// At the lines of the head, or where they are no more at none.
    pub fn findings(&self) -> Vec<Finding> {
        let changes = self.changes.iter().map(finding);
        let undecided = self.undecided.iter().map(|open| Finding {
            rule: "undecided".to_owned(),
            title: "a bound was reached before the answer".to_owned(),
            level: Level::Warning,
            message: format!("{} -> {}: {}", open.from, open.to, open.why),
            help: None,
            location: open.lines.head.first().and_then(|it| location(it)),
            related: vec![],
            fix: None,
        });
        changes.chain(undecided).collect()
    }
}

impl Change {
    /// `opened` means that something is said which deserves more than a note.
    fn level(&self) -> Level {
        match self.kind {
            _ if self.plaintext => Level::Warning,
            ChangeKind::Opened | ChangeKind::Closed | ChangeKind::Reidentified => Level::Warning,
            _ => Level::Note,
        }
    }

    /// ` (in staging)`.
    pub(super) fn places(&self) -> String {
        if self.environments.is_empty() {
            String::new()
        } else {
            format!(" (in {})", self.environments.join(", "))
        }
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("strings take text");
}

fn text_of(out: &mut String, change: &Change) {
    let Change { kind, from, to, .. } = change;
    let places = change.places();
    let plain = if change.plaintext {
        ", in plain text"
    } else {
        ""
    };
    put(out, format_args!("{kind}{plain}: {from} -> {to}{places}\n"));
    put(out, format_args!("    {}\n", change.witness));
    put(out, format_args!("    - {}\n", change.before));
    put(out, format_args!("    + {}\n", change.after));
    text_lines(out, &change.lines);
    out.push('\n');
}

fn text_lines(out: &mut String, lines: &Lines) {
    for (side, lines) in [("base", &lines.base), ("head", &lines.head)] {
        if !lines.is_empty() {
            put(out, format_args!("    {side} {}\n", lines.join(", ")));
        }
    }
}

fn table(out: &mut String, changes: &[Change]) {
    out.push_str("| | from | to | request | before | after |\n|---|---|---|---|---|---|\n");
    for change in changes {
        let Change {
            kind,
            from,
            to,
            witness,
            before,
            after,
            ..
        } = change;
        let plain = if change.plaintext { ", plain text" } else { "" };
        let request = code(&format!("{} {}", witness.method, witness.url));
        let row = [
            format!("**{kind}**{plain}{}", change.places()),
            cell(from),
            cell(to),
            request,
            cell(before),
            cell(after),
        ];
        put(out, format_args!("| {} |\n", row.join(" | ")));
    }
}

fn details(out: &mut String, changes: &[Change]) {
    if changes.is_empty() {
        return;
    }
    out.push_str("\n<details><summary>Requests and lines</summary>\n\n");
    for change in changes {
        let Change { kind, from, to, .. } = change;
        let request = code(&change.witness.to_string());
        let lines = both(&change.lines);
        let (from, to) = (cell(from), cell(to));
        put(
            out,
            format_args!("- **{kind}** {from} → {to}: {request} {lines}\n"),
        );
    }
    out.push_str("\n</details>\n");
}

fn both(lines: &Lines) -> String {
    let sides = [("base", &lines.base), ("head", &lines.head)];
    let sides = sides.iter().filter(|(_, lines)| !lines.is_empty());
    let sides = sides.map(|(side, lines)| {
        let lines: Vec<_> = lines.iter().map(|it| code(it)).collect();
        format!("{side} {}", lines.join(", "))
    });
    let sides: Vec<_> = sides.collect();
    if sides.is_empty() {
        String::new()
    } else {
        format!("({})", sides.join("; "))
    }
}

/// Words of intents in a table: nothing of them is markup, and none is too long.
fn cell(text: &str) -> String {
    let mut cut: String = text.chars().take(CELL).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    entities(&cut)
}

fn finding(change: &Change) -> Finding {
    let Change {
        kind,
        from,
        to,
        witness,
        before,
        after,
        lines,
        ..
    } = change;
    let mut help = format!("for example {witness}{}", change.places());
    if !lines.base.is_empty() {
        help.extend([format!("\nbefore: {}", lines.base.join(", "))]);
    }
    Finding {
        rule: kind.as_str().to_owned(),
        title: meaning(*kind).to_owned(),
        level: change.level(),
        message: format!("{from} -> {to}: {before} becomes {after}"),
        help: Some(help),
        location: lines.head.first().and_then(|it| location(it)),
        related: vec![],
        fix: None,
    }
}

fn meaning(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Opened => "requests are let through that were refused",
        ChangeKind::Closed => "requests are refused that were let through",
        ChangeKind::Reidentified => "somebody is another, or proves it otherwise",
        ChangeKind::Rerouted => "requests go elsewhere, or are answered otherwise",
        ChangeKind::Retimed => "other bounds of time, or other retries",
        ChangeKind::Relimited => "other limits count requests",
        ChangeKind::Shadowed => "what is tried out says otherwise",
        ChangeKind::Audited => "requests are noted, or no longer",
    }
}

/// `file:line`, perhaps with that of a patch behind it.
fn location(line: &str) -> Option<Location> {
    let place = line.split(" (").next()?;
    let (file, number) = place.rsplit_once(':')?;
    Some(Location::line(file, number.parse().ok()?))
}
