//! The answer for a person.

use std::fmt::Write as _;

use mesh_compiler::policy_test::{CaseResult, Failure};

use super::{Case, Outcome};

const TO_STRING: &str = "writing to a string does not fail";

/// Cases that fail with everything that explains them, then what no case reaches or
/// notices.
pub(super) fn text(outcome: &Outcome) -> String {
    let mut out = String::new();
    for case in &outcome.cases {
        write_case(&mut out, case).expect(TO_STRING);
    }
    let missed: Vec<_> = outcome.coverage.missed().collect();
    if !outcome.cases.is_empty() && !missed.is_empty() {
        out.push_str("rules that no case reaches:\n");
        for rule in missed {
            writeln!(out, "  {}:{}  {}", rule.file, rule.line, rule.rule).expect(TO_STRING);
        }
        out.push('\n');
    }
    if let Some(faults) = &outcome.faults
        && !faults.missed.is_empty()
    {
        out.push_str("faults that no case notices:\n");
        for fault in &faults.missed {
            writeln!(out, "  {}:{}  {}", fault.file, fault.line, fault.what).expect(TO_STRING);
        }
        out.push('\n');
    }
    writeln!(out, "{}", summary(outcome)).expect(TO_STRING);
    out
}

/// `12 cases hold; 20 of 23 rules reached; 31 of 33 faults noticed`.
pub(super) fn summary(outcome: &Outcome) -> String {
    let cases = outcome.cases.len();
    if cases == 0 {
        return "no case of a PolicyTest to ask".to_owned();
    }
    let failed = outcome.cases.iter().filter(|case| !case.holds()).count();
    let mut text = match failed {
        0 if cases == 1 => "1 case holds".to_owned(),
        0 => format!("{cases} cases hold"),
        failed => format!("{failed} of {cases} cases failed"),
    };
    let coverage = &outcome.coverage;
    write!(
        text,
        "; {} of {} rules reached",
        coverage.reached(),
        coverage.rules.len()
    )
    .expect(TO_STRING);
    if let Some(faults) = &outcome.faults {
        let noticed = faults.tried - faults.missed.len();
        write!(text, "; {noticed} of {} faults noticed", faults.tried).expect(TO_STRING);
    }
    text
}

impl Case {
    pub(super) fn holds(&self) -> bool {
        matches!(self.report.result, CaseResult::Passed { .. })
    }

    /// `shop/reviews: the page reads reviews [staging]`.
    pub(super) fn title(&self) -> String {
        let report = &self.report;
        let title = format!("{}: {}", report.test, report.name);
        match &self.environment {
            Some(environment) => format!("{title} [{environment}]"),
            None => title,
        }
    }
}

fn write_case(out: &mut String, case: &Case) -> std::fmt::Result {
    let report = &case.report;
    let place = format!("{}:{}", report.file, report.line);
    match &report.result {
        CaseResult::Passed { .. } => Ok(()),
        CaseResult::Unanswerable(why) => {
            writeln!(out, "error {}  ({place})\n  {why}\n", case.title())
        }
        CaseResult::Failed(failure) => {
            writeln!(out, "failed {}  ({place})", case.title())?;
            out.push_str(&details(failure));
            writeln!(out)
        }
    }
}

/// What was expected and what came out, what decided, and what was looked at.
pub(super) fn details(failure: &Failure) -> String {
    let mut out = String::new();
    let mut write = || -> std::fmt::Result {
        writeln!(out, "  caller     {}", failure.caller)?;
        for mismatch in &failure.mismatches {
            writeln!(out, "  {}", mismatch.what)?;
            writeln!(out, "    expected {}", mismatch.expected)?;
            writeln!(out, "    got      {}", mismatch.got)?;
        }
        if let Some(rule) = &failure.rule {
            writeln!(out, "  decided by {rule}")?;
        }
        for step in &failure.steps {
            writeln!(out, "    {step}")?;
        }
        Ok(())
    };
    write().expect(TO_STRING);
    out
}
