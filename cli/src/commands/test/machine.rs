//! The answer for machines; the JSON's shape is a contract.

use mesh_compiler::policy_test::{CaseResult, Failure};
use mesh_compiler::render::{self, Finding, Level, Location, Suite, TestCase, TestOutcome};
use serde_json::{Value, json};

use super::human::details;
use super::{Case, Outcome};

/// `{"cases": […], "coverage": {…}, "mutants": {…} or null}`.
pub(super) fn json(outcome: &Outcome) -> String {
    let coverage = &outcome.coverage;
    let missed = coverage
        .missed()
        .map(|rule| json!({"file": rule.file, "line": rule.line, "rule": rule.rule}));
    let mutants = outcome.faults.as_ref().map(|faults| {
        let missed = faults
            .missed
            .iter()
            .map(|fault| json!({"file": fault.file, "line": fault.line, "what": fault.what}));
        json!({"tried": faults.tried, "missed": missed.collect::<Vec<_>>()})
    });
    let report = json!({
        "cases": outcome.cases.iter().map(case).collect::<Vec<_>>(),
        "coverage": {
            "rules": coverage.rules.len(),
            "reached": coverage.reached(),
            "missed": missed.collect::<Vec<_>>(),
        },
        "mutants": mutants,
    });
    format!("{report:#}\n")
}

fn case(case: &Case) -> Value {
    let report = &case.report;
    let (result, why, failure) = match &report.result {
        CaseResult::Passed { .. } => ("passed", None, None),
        CaseResult::Failed(failure) => ("failed", None, Some(failed(failure))),
        CaseResult::Unanswerable(why) => ("error", Some(why), None),
    };
    json!({
        "environment": case.environment,
        "test": report.test,
        "name": report.name,
        "file": report.file,
        "line": report.line,
        "result": result,
        "why": why,
        "failure": failure,
    })
}

fn failed(failure: &Failure) -> Value {
    let mismatches = failure
        .mismatches
        .iter()
        .map(|it| json!({"what": it.what, "expected": it.expected, "got": it.got}));
    json!({
        "caller": failure.caller,
        "mismatches": mismatches.collect::<Vec<_>>(),
        "rule": failure.rule,
        "steps": failure.steps,
    })
}

/// One suite for each document and environment.
pub(super) fn junit(outcome: &Outcome) -> String {
    let mut suites: Vec<Suite> = vec![];
    for case in &outcome.cases {
        let name = match &case.environment {
            Some(environment) => format!("{} [{environment}]", case.report.test),
            None => case.report.test.clone(),
        };
        let tried = TestCase {
            name: case.report.name.clone(),
            class: name.clone(),
            file: Some((case.report.file.clone(), case.report.line)),
            outcome: tried(&case.report.result),
        };
        match suites.last_mut().filter(|suite| suite.name == name) {
            Some(suite) => suite.cases.push(tried),
            None => suites.push(Suite {
                name,
                cases: vec![tried],
            }),
        }
    }
    render::junit(&suites)
}

fn tried(result: &CaseResult) -> TestOutcome {
    match result {
        CaseResult::Passed { .. } => TestOutcome::Passed,
        CaseResult::Failed(failure) => TestOutcome::Failed {
            message: message(failure),
            details: details(failure),
        },
        CaseResult::Unanswerable(why) => TestOutcome::Error {
            message: why.clone(),
        },
    }
}

/// Cases that fail as errors, what no case reaches or notices as notes.
pub(super) fn findings(outcome: &Outcome) -> Vec<Finding> {
    let finding = |rule: &str, title: &str, level, message, (file, line): (&str, u32)| Finding {
        rule: rule.to_owned(),
        title: title.to_owned(),
        level,
        message,
        help: None,
        location: Some(Location::line(file, line)),
        related: vec![],
        fix: None,
    };
    let mut out = vec![];
    for case in &outcome.cases {
        let report = &case.report;
        let said = match &report.result {
            CaseResult::Passed { .. } => continue,
            CaseResult::Failed(failure) => message(failure),
            CaseResult::Unanswerable(why) => why.clone(),
        };
        let message = format!("{}: {said}", case.title());
        let place = (report.file.as_str(), report.line);
        out.push(Finding {
            help: match &report.result {
                CaseResult::Failed(failure) => Some(details(failure)),
                _ => None,
            },
            ..finding("test", "a case fails", Level::Error, message, place)
        });
    }
    for rule in outcome.coverage.missed() {
        let message = format!("no case reaches {}", rule.rule);
        let place = (rule.file.as_str(), rule.line);
        out.push(finding(
            "uncovered",
            "no case reaches it",
            Level::Note,
            message,
            place,
        ));
    }
    for fault in outcome.faults.iter().flat_map(|faults| &faults.missed) {
        let message = format!("no case would notice: {}", fault.what);
        let place = (fault.file.as_str(), fault.line);
        out.push(finding(
            "mutant",
            "no case would notice",
            Level::Warning,
            message,
            place,
        ));
    }
    out
}

/// `versions: expected v1 90, got v1 100`.
fn message(failure: &Failure) -> String {
    let all = failure
        .mismatches
        .iter()
        .map(|it| format!("{}: expected {}, got {}", it.what, it.expected, it.got));
    all.collect::<Vec<_>>().join("; ")
}
