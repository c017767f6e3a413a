//! The answer; as JSON its shape is a contract.

use std::collections::BTreeMap;
use std::fmt;

use mesh_decide::{Reason, RuleIndex, Step, Tables};
use serde::Serialize;

/// What happens to a request.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    /// Of the answer, where a proxy of the mesh gives it.
    pub(super) status: Option<u16>,
    /// What decided the outcome.
    pub(super) rule: Option<RuleReport>,
    /// Who lets it in, where it is forwarded.
    pub(super) allowed_by: Option<RuleReport>,
    /// The class of a refusal, as in `x-mesh-reason` and logs.
    pub(super) reason: Option<&'static str>,
    /// What exactly is wrong, in words.
    pub(super) detail: Option<&'static str>,
    /// The service that takes it, `reviews.shop`.
    pub(super) service: Option<String>,
    /// The version that its request id draws.
    pub(super) version: Option<String>,
    /// How requests of its kind are shared out.
    pub(super) versions: BTreeMap<String, u32>,
    /// What the callee's proxy sees, where it is not what was sent.
    pub(super) path: Option<String>,
    pub(super) host: Option<String>,
    /// Where a redirect leads.
    pub(super) location: Option<String>,
    pub(super) steps: Vec<StepReport>,
}

/// The outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    Forward,
    Respond,
    Deny,
    Limit,
    NoRoute,
    NotVisible,
    BadRequest,
}

/// A rule, and where it stands.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RuleReport {
    kind: &'static str,
    namespace: Option<String>,
    name: Option<String>,
    rule: Option<String>,
    file: String,
    line: u32,
}

/// Something that a proxy looks at on the way.
#[derive(Debug, Serialize)]
pub(super) struct StepReport {
    at: At,
    what: String,
    result: String,
    file: Option<String>,
    line: Option<u32>,
}

/// Whose proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum At {
    Caller,
    Callee,
}

impl Verdict {
    /// A verdict that says an outcome and nothing else yet.
    pub(super) fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            status: None,
            rule: None,
            allowed_by: None,
            reason: None,
            detail: None,
            service: None,
            version: None,
            versions: BTreeMap::new(),
            path: None,
            host: None,
            location: None,
            steps: Vec::new(),
        }
    }
}

impl Outcome {
    /// The outcome of a refusal.
    pub(super) fn of(reason: Reason) -> Self {
        match reason {
            Reason::BadRequest => Self::BadRequest,
            Reason::Access => Self::Deny,
            Reason::NotVisible => Self::NotVisible,
            Reason::NoRoute | Reason::NoPort | Reason::NoEndpoint => Self::NoRoute,
            Reason::RateLimit => Self::Limit,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forward => "forward",
            Self::Respond => "respond",
            Self::Deny => "deny",
            Self::Limit => "limit",
            Self::NoRoute => "no-route",
            Self::NotVisible => "not-visible",
            Self::BadRequest => "bad-request",
        })
    }
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

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.outcome)?;
        if let Some(service) = &self.service {
            write!(f, " to {service}")?;
        }
        if let Some(version) = &self.version {
            write!(f, " {version}")?;
        }
        if let Some(status) = self.status {
            write!(f, " {status}")?;
        }
        if let Some(reason) = self.reason {
            write!(f, " ({reason})")?;
        }
        writeln!(f)?;
        self.write_details(f)?;
        for step in &self.steps {
            step.fmt(f)?;
        }
        Ok(())
    }
}

impl Verdict {
    fn write_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.versions.len() > 1 {
            let shares = self
                .versions
                .iter()
                .map(|(name, weight)| format!("{name} {weight}"));
            writeln!(f, "  versions    {}", shares.collect::<Vec<_>>().join(", "))?;
        }
        let rules = [("rule", &self.rule), ("allowed by", &self.allowed_by)];
        for (what, rule) in rules {
            if let Some(rule) = rule {
                writeln!(f, "  {what:<10}  {rule}")?;
            }
        }
        let texts = [
            ("because", self.detail),
            ("host", self.host.as_deref()),
            ("path", self.path.as_deref()),
            ("location", self.location.as_deref()),
        ];
        for (what, text) in texts {
            if let Some(text) = text {
                writeln!(f, "  {what:<10}  {text}")?;
            }
        }
        writeln!(f)
    }
}

impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = match self.at {
            At::Caller => "caller",
            At::Callee => "callee",
        };
        write!(f, "  {at}  {}: {}", self.what, self.result)?;
        match (&self.file, self.line) {
            (Some(file), Some(line)) => writeln!(f, "  ({file}:{line})"),
            _ => writeln!(f),
        }
    }
}
