use std::collections::BTreeSet;

use mesh_ir::{Mesh, ObjectRef, Origin, RuleId};

use crate::simulate::RuleReport;

/// Which rules the cases reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Every rule of routes, access and limits, by file and line.
    pub rules: Vec<CoveredRule>,
}

/// A rule, and whether a case reaches it: whether it decides, is noted or counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoveredRule {
    /// Relative to the directory of intents.
    pub file: String,
    /// One-based.
    pub line: u32,
    /// `Route shop/reviews everyone`.
    pub rule: String,
    /// Whether a case reaches it.
    pub reached: bool,
}

impl Coverage {
    /// Of the rules of a mesh.
    pub fn of(mesh: &Mesh, reached: &BTreeSet<RuleReport>) -> Self {
        let mut rules = vec![];
        let mut add = |kind: &'static str, object: &ObjectRef, id: &RuleId, origin: &Origin| {
            let report = RuleReport {
                kind,
                namespace: Some(object.namespace.to_string()),
                name: Some(object.name.to_string()),
                rule: Some(id.to_string()),
                file: origin.file.to_string(),
                line: origin.line,
            };
            rules.push(CoveredRule {
                file: report.file.clone(),
                line: report.line,
                rule: format!("{kind} {object} {id}"),
                reached: reached.contains(&report),
            });
        };
        for route in mesh.routes.values() {
            for rule in &route.rules {
                add("Route", &route.id, &rule.id, &rule.origin);
            }
        }
        for access in mesh.access.values() {
            for rule in access.rules() {
                add("Access", &access.id, &rule.id, &rule.origin);
            }
        }
        for limits in mesh.limits.values() {
            for limit in &limits.limits {
                add("RateLimit", &limits.id, &limit.id, &limit.origin);
            }
        }
        rules.sort();
        Self { rules }
    }

    /// With what is reached in another environment: a rule is reached if it is in one.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        for rule in other.rules {
            let same = |it: &&mut CoveredRule| {
                (&it.file, it.line, &it.rule) == (&rule.file, rule.line, &rule.rule)
            };
            match self.rules.iter_mut().find(same) {
                Some(known) => known.reached |= rule.reached,
                None => self.rules.push(rule),
            }
        }
        self.rules.sort();
        self
    }

    /// How many rules are reached.
    pub fn reached(&self) -> usize {
        self.rules.iter().filter(|rule| rule.reached).count()
    }

    /// The rules that no case reaches.
    pub fn missed(&self) -> impl Iterator<Item = &CoveredRule> {
        self.rules.iter().filter(|rule| !rule.reached)
    }
}
