use std::fmt::Write as _;

use super::finding::{Finding, Level};

/// A group of test cases, as the XML of `JUnit` has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// Of what.
    pub name: String,
    /// In order.
    pub cases: Vec<TestCase>,
}

/// One test case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCase {
    /// What it says.
    pub name: String,
    /// Where it belongs.
    pub class: String,
    /// Where it stands.
    pub file: Option<(String, u32)>,
    /// How it went.
    pub outcome: TestOutcome,
}

/// How a test case went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestOutcome {
    /// As expected.
    Passed,
    /// Otherwise.
    Failed {
        /// One line.
        message: String,
        /// Everything.
        details: String,
    },
    /// It could not be tried.
    Error {
        /// One line.
        message: String,
    },
}

/// The XML of `JUnit`, as CI systems read it; never says how long anything took.
pub fn junit(suites: &[Suite]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let cases = || suites.iter().flat_map(|suite| &suite.cases);
    writeln!(out, "<testsuites name=\"mesh\" {}>", Counts::of(cases())).expect(TO_STRING);
    for suite in suites {
        let (name, counts) = (escaped(&suite.name), Counts::of(suite.cases.iter()));
        writeln!(out, "  <testsuite name=\"{name}\" {counts}>").expect(TO_STRING);
        for case in &suite.cases {
            write_case(&mut out, case);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

const TO_STRING: &str = "writing to a string does not fail";

/// Findings as the cases of one suite that failed; without any, one that passed.
pub fn suite_of(name: &str, findings: &[Finding]) -> Suite {
    let case = |finding: &Finding| TestCase {
        name: format!("{}: {}", finding.rule, finding.message),
        class: finding
            .location
            .as_ref()
            .map_or(name.to_owned(), |it| it.file.clone()),
        file: finding
            .location
            .as_ref()
            .map(|it| (it.file.clone(), it.first_line())),
        outcome: match finding.level {
            Level::Note => TestOutcome::Passed,
            Level::Error | Level::Warning => TestOutcome::Failed {
                message: format!("{}: {}", finding.level.as_str(), finding.message),
                details: finding.help.clone().unwrap_or_default(),
            },
        },
    };
    let mut cases: Vec<TestCase> = findings.iter().map(case).collect();
    if cases.is_empty() {
        cases.push(TestCase {
            name: name.to_owned(),
            class: name.to_owned(),
            file: None,
            outcome: TestOutcome::Passed,
        });
    }
    Suite {
        name: name.to_owned(),
        cases,
    }
}

struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
}

impl Counts {
    fn of<'c>(cases: impl Iterator<Item = &'c TestCase>) -> Self {
        let mut counts = Self {
            tests: 0,
            failures: 0,
            errors: 0,
        };
        for case in cases {
            counts.tests += 1;
            match case.outcome {
                TestOutcome::Passed => {}
                TestOutcome::Failed { .. } => counts.failures += 1,
                TestOutcome::Error { .. } => counts.errors += 1,
            }
        }
        counts
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            tests,
            failures,
            errors,
        } = self;
        write!(
            f,
            "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\""
        )
    }
}

fn write_case(out: &mut String, case: &TestCase) {
    let (name, class) = (escaped(&case.name), escaped(&case.class));
    write!(out, "    <testcase name=\"{name}\" classname=\"{class}\"").expect(TO_STRING);
    if let Some((file, line)) = &case.file {
        write!(out, " file=\"{}\" line=\"{line}\"", escaped(file)).expect(TO_STRING);
    }
    let (element, message, details) = match &case.outcome {
        TestOutcome::Passed => {
            out.push_str("/>\n");
            return;
        }
        TestOutcome::Failed { message, details } => ("failure", message, details.as_str()),
        TestOutcome::Error { message } => ("error", message, ""),
    };
    let (message, details) = (escaped(message), escaped(details));
    writeln!(
        out,
        ">\n      <{element} message=\"{message}\">{details}</{element}>\n    </testcase>"
    )
    .expect(TO_STRING);
}

/// Text or the value of an attribute. What XML 1.0 cannot say at all becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // In an attribute a line break would be read as a space.
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
