use std::fmt;

use mesh_decide::{RuleIndex, Step, Tables};
use serde::Serialize;

/// A rule, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RuleReport {
    /// Of its document.
    pub kind: &'static str,
    /// Of its document; `Mesh` has none.
    pub namespace: Option<String>,
    /// Of its document.
    pub name: Option<String>,
    /// The entry; `None` is the document as a whole.
    pub rule: Option<String>,
    /// Relative to the directory of intents.
    pub file: String,
    /// One-based.
    pub line: u32,
}

/// Something that a proxy looks at on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Whose proxy.
    pub at: At,
    /// What it looks at.
    pub what: String,
    /// What it finds.
    pub result: String,
    /// Of the rule concerned.
    pub file: Option<String>,
    /// Of the rule concerned.
    pub line: Option<u32>,
}

/// Whose proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// The one that sends.
    Caller,
    /// The one at the door.
    Gateway,
    /// The one that receives.
    Callee,
}

impl RuleReport {
    /// What an index of these tables stands for.
    pub(super) fn of(tables: &Tables, index: RuleIndex) -> Self {
        let meta = tables.rule(index);
        let object = meta.object.as_ref();
        Self {
            kind: meta.kind.as_str(),
            namespace: object.map(|object| object.namespace.to_string()),
            name: object.map(|object| object.name.to_string()),
            rule: meta.rule.as_ref().map(ToString::to_string),
            file: meta.origin.file.to_string(),
            line: meta.origin.line,
        }
    }

    pub(super) fn all<'i>(
        tables: &Tables,
        indices: impl IntoIterator<Item = &'i RuleIndex>,
    ) -> Vec<Self> {
        let indices = indices.into_iter();
        indices.map(|index| Self::of(tables, *index)).collect()
    }
}

/// The steps that a decision took, for people and machines.
pub(super) fn steps(at: At, tables: &Tables, steps: &[Step]) -> Vec<StepReport> {
    let report = |step: &Step| {
        let meta = step.rule.map(|index| tables.rule(index));
        let what = match meta {
            Some(meta) => format!("{}: {meta}", step.what),
            None => step.what.to_string(),
        };
        StepReport {
            at,
            what,
            result: step.found.to_string(),
            file: meta.map(|meta| meta.origin.file.to_string()),
            line: meta.map(|meta| meta.origin.line),
        }
    };
    steps.iter().map(report).collect()
}

/// `Route shop/reviews everyone (teams/web/reviews.yaml:12)`.
impl fmt::Display for RuleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)?;
        if let (Some(namespace), Some(name)) = (&self.namespace, &self.name) {
            write!(f, " {namespace}/{name}")?;
        }
        if let Some(rule) = &self.rule {
            write!(f, " {rule}")?;
        }
        write!(f, " ({}:{})", self.file, self.line)
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "caller",
            Self::Gateway => "gateway",
            Self::Callee => "callee",
        })
    }
}

/// `caller  route rule: Route shop/reviews everyone: matches  (reviews.yaml:12)`.
impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}: {}", self.at, self.what, self.result)?;
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "  ({file}:{line})"),
            _ => Ok(()),
        }
    }
}
