//! Tests of policy: the cases of `PolicyTest` documents, asked of a mesh.
//!
//! A case holds if every caller that it names gets what it expects. What the cases
//! reach is their coverage; small faults that no case notices are found by
//! [`Mutator`].

mod ask;
mod cannot;
mod coverage;
mod expect;
mod mutation;

use std::collections::BTreeSet;
use std::sync::Arc;

use mesh_ir::{Mesh, Name, ObjectRef, Timestamp};

pub use coverage::{Coverage, CoveredRule};
pub use expect::Mismatch;
pub use mutation::{Mutant, Mutator};

pub(crate) use cannot::{CODES, check};

use crate::resolve::Program;
use crate::simulate::{RuleReport, Simulator, StepReport, Verdict};
use crate::sources::Sources;
use crate::syntax::ast::{Case, Object, PolicyTest};

/// The `PolicyTest` documents of a compilation, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Tests(Vec<Arc<Object<PolicyTest>>>);

/// Which cases are asked: those that one of the words occurs in; without any, all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Parts of `namespace/name: case`.
    pub words: Vec<String>,
}

/// How the cases went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// In the order of documents and cases.
    pub cases: Vec<CaseReport>,
    /// What the cases reached.
    pub reached: BTreeSet<RuleReport>,
}

/// How one case went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReport {
    /// The document, `shop/reviews`.
    pub test: String,
    /// The sentence.
    pub name: String,
    /// Where it stands.
    pub file: String,
    /// Where it stands.
    pub line: u32,
    /// How it went.
    pub result: CaseResult,
}

/// How a case went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseResult {
    /// As expected, of so many callers.
    Passed {
        /// How many were asked for.
        callers: usize,
    },
    /// Otherwise, of at least one caller: of the first.
    Failed(Box<Failure>),
    /// It could not be asked.
    Unanswerable(String),
}

/// What came out instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Who asked: an identity, or `anyone`.
    pub caller: String,
    /// Everything that differs, never empty.
    pub mismatches: Vec<Mismatch>,
    /// What decided.
    pub rule: Option<RuleReport>,
    /// What was looked at.
    pub steps: Vec<StepReport>,
}

impl Tests {
    pub(crate) fn of(program: &Program) -> Self {
        Self(program.tests.values().map(Arc::clone).collect())
    }

    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|test| test.spec.cases.len()).sum()
    }

    /// Whether there is no case.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn cases<'t>(
        &'t self,
        filter: &'t Filter,
    ) -> impl Iterator<Item = (&'t Object<PolicyTest>, &'t Case)> {
        let all = self.0.iter().flat_map(|test| {
            let cases = test.spec.cases.iter();
            cases.map(move |case| (test.as_ref(), case))
        });
        all.filter(|(test, case)| filter.takes(&title(test, case)))
    }
}

impl Filter {
    fn takes(&self, title: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| title.contains(word.as_str()))
    }
}

impl Report {
    /// Whether every case holds.
    pub fn holds(&self) -> bool {
        let mut cases = self.cases.iter();
        cases.all(|case| matches!(case.result, CaseResult::Passed { .. }))
    }
}

/// `shop/reviews: the page reads reviews`.
fn title(test: &Object<PolicyTest>, case: &Case) -> String {
    format!("{}: {}", id(test), case.name.value)
}

fn id(test: &Object<PolicyTest>) -> ObjectRef {
    ObjectRef {
        namespace: test.namespace.value.clone(),
        name: test.name.value.clone(),
    }
}

/// Asks every case that the filter takes. `now` is the time of those that name none.
pub fn run(
    mesh: &Mesh,
    tests: &Tests,
    sources: &Sources,
    now: Timestamp,
    filter: &Filter,
) -> Report {
    let simulator = Simulator::new(mesh);
    let mut report = Report::default();
    for (test, case) in tests.cases(filter) {
        let here = &test.namespace.value;
        let result = judge(&simulator, here, case, now, &mut report.reached);
        let origin = sources.origin(case.span);
        report.cases.push(CaseReport {
            test: id(test).to_string(),
            name: case.name.value.clone(),
            file: origin.file.to_string(),
            line: origin.line,
            result,
        });
    }
    report
}

/// The first caller that gets something else is enough to say so.
fn judge(
    simulator: &Simulator<'_>,
    here: &Name,
    case: &Case,
    now: Timestamp,
    reached: &mut BTreeSet<RuleReport>,
) -> CaseResult {
    let questions = match ask::questions(simulator, here, case, now) {
        Ok(questions) => questions,
        Err(why) => return CaseResult::Unanswerable(why),
    };
    let callers = questions.len();
    let mut failed = None;
    for question in questions {
        let verdict = match simulator.ask(&question) {
            Ok(verdict) => verdict,
            Err(why) => return CaseResult::Unanswerable(why.to_string()),
        };
        reached.extend(named_by(&verdict).cloned());
        let mismatches = expect::compare(&case.expect, here, &verdict);
        if !mismatches.is_empty() && failed.is_none() {
            let identity = question.from.identity.as_ref();
            failed = Some(Failure {
                caller: identity.map_or_else(|| "anyone".to_owned(), ToString::to_string),
                mismatches,
                rule: verdict.rule.clone(),
                steps: verdict.steps,
            });
        }
    }
    match failed {
        Some(failure) => CaseResult::Failed(Box::new(failure)),
        None => CaseResult::Passed { callers },
    }
}

/// Every rule that had a part in a verdict.
fn named_by(verdict: &Verdict) -> impl Iterator<Item = &RuleReport> {
    let shadow = verdict.shadow.as_ref().map(|shadow| &shadow.rule);
    let single = [&verdict.rule, &verdict.allowed_by].into_iter().flatten();
    single
        .chain(shadow)
        .chain(&verdict.let_through_by)
        .chain(&verdict.rules)
        .chain(&verdict.audited)
        .chain(&verdict.limits)
}
