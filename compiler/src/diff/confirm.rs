use super::change::ChangeKind;
use super::classes::{Class, Compared, Shows};
use super::point::Site;
use super::shown;
use super::side::{Side, Target};
use crate::algebra::Witness;
use crate::simulate::{Outcome, RuleReport, Unanswerable, Verdict};

/// What `mesh-decide` must say of a witness on one side.
struct Claim<'c> {
    is_base: bool,
    class: &'c Class,
    lines: &'c [String],
}

/// Decides a witness on both sides. What is not as the class says is a mistake of one
/// of the two ways of deciding: it is reported in words.
pub(super) fn witness(
    compared: &Compared<'_, '_>,
    witness: &Witness,
    (class, shows): (&Class, Shows),
) -> Result<(), String> {
    let point = compared.point;
    let sides = [
        (compared.base, &point.base, &class.lines.base, true),
        (compared.head, &point.head, &class.lines.head, false),
    ];
    for (side, site, lines, is_base) in sides {
        let Some(site) = site else { continue };
        let claim = Claim {
            is_base,
            class,
            lines,
        };
        let verdict = decided(side, witness, (&point.target, site), shows)?;
        let holds = match shows {
            Shows::Admission => claim.is_admitted_so(&verdict),
            Shows::Routing => claim.is_routed_so(&verdict),
        };
        if !holds {
            let side = if is_base { "base" } else { "head" };
            let outcome = verdict.outcome;
            return Err(format!(
                "the proxies of {side} decide `{witness}` as {outcome}, which is not what the rules say"
            ));
        }
    }
    Ok(())
}

/// What becomes of a witness on one side.
pub(crate) fn decided(
    side: &Side<'_>,
    witness: &Witness,
    (target, site): (&Target, &Site<'_>),
    shows: Shows,
) -> Result<Verdict, String> {
    let question = shown::question(side, witness, (target, site));
    let verdict = match shows {
        Shows::Admission => {
            let subject = target.subject();
            side.simulator.received(subject, site.name, &question)
        }
        Shows::Routing => side.simulator.ask(&question),
    };
    match (verdict, target) {
        // It is there, but for another host, or not in the caller's view.
        (Err(Unanswerable::NoGateway(_)), Target::Gateway(_)) => Ok(Verdict::new(Outcome::NoRoute)),
        (Err(Unanswerable::NotServed(_)), Target::External(_)) => {
            Ok(Verdict::new(Outcome::NotVisible))
        }
        (verdict, _) => verdict.map_err(|why| why.to_string()),
    }
}

impl Claim<'_> {
    fn is_admitted_so(&self, verdict: &Verdict) -> bool {
        let admitted = verdict.outcome == Outcome::Forward;
        match self.class.kind {
            ChangeKind::Opened | ChangeKind::Closed if self.class.is_access => {
                admitted == (self.is_base == (self.class.kind == ChangeKind::Closed))
            }
            ChangeKind::Opened | ChangeKind::Closed => admitted,
            ChangeKind::Relimited => admitted && self.are_said(&verdict.limits),
            ChangeKind::Audited => verdict.audited.is_empty() == self.lines.is_empty(),
            ChangeKind::Shadowed if self.class.is_access => {
                let allows = verdict.shadow.as_ref().map_or(admitted, |it| it.allows);
                let said = if self.is_base {
                    &self.class.before
                } else {
                    &self.class.after
                };
                (allows != admitted) == (said != super::admission::AS_ENFORCED)
            }
            ChangeKind::Shadowed => self.are_said(&verdict.limits),
            _ => true,
        }
    }

    fn are_said(&self, reports: &[RuleReport]) -> bool {
        let mut lines = self.lines.iter();
        lines.all(|line| reports.iter().any(|report| stands_at(report, line)))
    }

    fn is_routed_so(&self, verdict: &Verdict) -> bool {
        let decided = verdict.rules.first().or(verdict.rule.as_ref());
        // Behind the rule's own line are those of the caller's bounds.
        match (decided, self.lines.first()) {
            (Some(report), Some(line)) if !verdict.rules.is_empty() => stands_at(report, line),
            (Some(report), Some(line)) => {
                stands_at(report, line) || verdict.outcome == Outcome::Deny
            }
            _ => true,
        }
    }
}

/// Whether a line, perhaps with that of a patch behind it, is that of a rule.
fn stands_at(report: &RuleReport, line: &str) -> bool {
    let written = format!("{}:{}", report.file, report.line);
    line.strip_prefix(&written)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}
