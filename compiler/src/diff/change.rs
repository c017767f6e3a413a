use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use mesh_ir::Name;
use serde::Serialize;
use serde_json::{Map, Value};

/// What changes; as JSON its shape is a contract.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Diff {
    /// Classes of requests whose outcome changes: what opens first.
    pub changes: Vec<Change>,
    /// What could not be told within the bounds.
    pub undecided: Vec<Open>,
    /// `namespace/service` of every workload whose bundle changes.
    pub workloads: Vec<String>,
}

/// A class of requests whose outcome changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// In which way.
    pub kind: ChangeKind,
    /// Who sends the witness.
    pub from: String,
    /// What is called.
    pub to: String,
    /// One request of the class.
    pub witness: Example,
    /// What becomes of it before the change.
    pub before: String,
    /// What becomes of it after the change.
    pub after: String,
    /// What is responsible.
    pub lines: Lines,
    /// The environments in which it changes, where it is not all of them. As JSON they
    /// stand behind the outcome: the fields are a contract.
    #[serde(skip)]
    pub environments: Vec<String>,
    /// Whether something is said in plain text that was not before.
    #[serde(skip)]
    pub plaintext: bool,
}

/// In which way an outcome changes. What is serious comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Was refused, is let through.
    Opened,
    /// Was let through, is refused.
    Closed,
    /// Who somebody is, or how that is proved.
    Reidentified,
    /// Goes or is answered otherwise.
    Rerouted,
    /// Takes longer or shorter, or is repeated otherwise.
    Retimed,
    /// Other limits count it.
    Relimited,
    /// What is only tried out says otherwise.
    Shadowed,
    /// Is noted, or no longer.
    Audited,
}

/// A request as it would be sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// `TCP` for a connection.
    pub method: String,
    /// With the host that is called.
    pub url: String,
    /// Beside `host`.
    pub headers: BTreeMap<String, String>,
    /// Of the valid token that it carries; empty for none.
    pub claims: Map<String, Value>,
}

/// `file:line` of what is responsible, on both sides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Lines {
    /// Before the change.
    pub base: Vec<String>,
    /// After the change.
    pub head: Vec<String>,
}

/// What could not be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Open {
    /// Who calls.
    pub from: String,
    /// What is called.
    pub to: String,
    /// Which bound was reached.
    pub why: String,
    /// What is responsible.
    pub lines: Lines,
}

impl Diff {
    /// Whether every request fares as before, for certain.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.undecided.is_empty()
    }

    /// As JSON says it: with the environments of a change behind its outcome.
    #[must_use]
    pub fn with_places(&self) -> Self {
        let mut said = self.clone();
        for change in &mut said.changes {
            let places = change.places();
            change.after.push_str(&places);
        }
        said
    }

    /// How many changes are of a kind.
    pub fn count(&self, kind: ChangeKind) -> usize {
        let of_kind = self.changes.iter().filter(|change| change.kind == kind);
        of_kind.count()
    }

    /// One report of what changes in several environments, each beside its name. What
    /// changes in all of them is said once.
    pub fn merged(each: Vec<(Option<Name>, Self)>) -> Self {
        let all = each.len();
        let mut merged = Self::default();
        let mut workloads = BTreeSet::new();
        for (environment, diff) in each {
            workloads.extend(diff.workloads);
            let name = || environment.as_ref().map(ToString::to_string);
            for open in diff.undecided {
                if !merged.undecided.contains(&open) {
                    merged.undecided.push(open);
                }
            }
            for change in diff.changes {
                let known = merged.changes.iter_mut().find(|it| it.is_like(&change));
                match known {
                    Some(known) => known.environments.extend(name()),
                    None => merged.changes.push(Change {
                        environments: name().into_iter().collect(),
                        ..change
                    }),
                }
            }
        }
        for change in &mut merged.changes {
            if change.environments.len() == all {
                change.environments.clear();
            }
        }
        merged.workloads = workloads.into_iter().collect();
        merged.tidy();
        merged
    }

    /// In one order, each entry once.
    pub(super) fn tidy(&mut self) {
        self.changes.sort_by(|a, b| a.order().cmp(&b.order()));
        self.changes.dedup();
        self.undecided.sort();
        self.undecided.dedup();
    }
}

impl Change {
    fn order(&self) -> impl Ord + '_ {
        let words = (&self.before, &self.after, &self.from, &self.lines);
        let witness = (&self.witness.method, &self.witness.url);
        let environments = &self.environments;
        (self.kind, &self.to, words, witness, environments)
    }

    fn is_like(&self, other: &Self) -> bool {
        let other = Self {
            environments: self.environments.clone(),
            ..other.clone()
        };
        *self == other
    }
}

impl ChangeKind {
    /// Every kind, what is serious first.
    pub const ALL: [Self; 8] = [
        Self::Opened,
        Self::Closed,
        Self::Reidentified,
        Self::Rerouted,
        Self::Retimed,
        Self::Relimited,
        Self::Shadowed,
        Self::Audited,
    ];

    /// The word, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Reidentified => "reidentified",
            Self::Rerouted => "rerouted",
            Self::Retimed => "retimed",
            Self::Relimited => "relimited",
            Self::Shadowed => "shadowed",
            Self::Audited => "audited",
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `GET http://reviews.shop/reviews/7 with end-user: jason`.
impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)?;
        for (index, (name, value)) in self.headers.iter().enumerate() {
            let between = if index == 0 { " with " } else { ", " };
            write!(f, "{between}{name}: {value}")?;
        }
        if !self.claims.is_empty() {
            write!(f, " and a token of {}", Value::Object(self.claims.clone()))?;
        }
        Ok(())
    }
}
