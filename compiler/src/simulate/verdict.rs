//! The answer; as JSON its shape is a contract.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use mesh_decide::Reason;
use mesh_ir::RetryPolicy;
use serde::{Serialize, Serializer};

use super::report::{RuleReport, StepReport};

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// In a word.
    pub outcome: Outcome,
    /// Of the answer, where a proxy of the mesh gives it.
    pub status: Option<u16>,
    /// What decided the outcome.
    pub rule: Option<RuleReport>,
    /// Every route rule on the way, the called service's first.
    pub rules: Vec<RuleReport>,
    /// Who lets it in, where it is forwarded.
    pub allowed_by: Option<RuleReport>,
    /// Who let it through the gateways on its way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub let_through_by: Vec<RuleReport>,
    /// The class of a refusal, as in `x-mesh-reason` and logs.
    pub reason: Option<&'static str>,
    /// What exactly is wrong, in words.
    pub detail: Option<&'static str>,
    /// The gateway that it came through, `shop/edge`.
    pub gateway: Option<String>,
    /// The service that takes it, `reviews.shop`.
    pub service: Option<String>,
    /// The version that its request id draws.
    pub version: Option<String>,
    /// How requests of its kind are shared out; another service's share by its name.
    pub versions: BTreeMap<String, u32>,
    /// What the callee's proxy sees, where it is not what was sent.
    pub path: Option<String>,
    /// What the callee's proxy sees, where it is not what was sent.
    pub host: Option<String>,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// Of an answer that a rule writes.
    pub body: Option<String>,
    /// How it is sent on, where it is.
    pub forwarded: Option<Forwarded>,
    /// The `audit` entries that note it.
    pub audited: Vec<RuleReport>,
    /// What shadow documents would change.
    pub shadow: Option<Shadow>,
    /// Every limit that counts it, sorted; a limit that refuses it is the `rule`.
    pub limits: Vec<RuleReport>,
    /// What the proxies look at, in order.
    pub steps: Vec<StepReport>,
}

/// The outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The application gets it.
    Forward,
    /// A rule answers it.
    Respond,
    /// Access refuses it.
    Deny,
    /// A limit refuses it.
    Limit,
    /// Nothing takes it.
    NoRoute,
    /// Its caller may not know who takes it.
    NotVisible,
    /// Nobody can read it in one way.
    BadRequest,
}

/// How a request is sent on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forwarded {
    /// The name of the port that it goes to.
    pub port: String,
    /// Who gets how much.
    pub shares: Vec<Share>,
    /// The whole exchange; `None` is no bound.
    #[serde(serialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// One attempt; `None` is no bound of its own.
    #[serde(serialize_with = "duration")]
    pub per_try_timeout: Option<Duration>,
    /// Retries, not tries.
    pub attempts: u32,
    /// When and after what wait; its own `attempts` may be more.
    #[serde(skip)]
    pub retries: RetryPolicy,
    /// The headers that the callee's proxy gets, `host` among them, in order.
    pub headers: Vec<(String, String)>,
    /// The edits of the answer, in the order in which they apply.
    #[serde(skip)]
    pub response_edits: Vec<mesh_ir::HeaderEdits>,
}

/// A share of what a rule forwards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Share {
    /// Who gets it.
    pub service: String,
    /// Which version; `None` is all of them.
    pub version: Option<String>,
    /// Of the sum of weights.
    pub weight: u32,
}

/// The verdict of all `Access` documents together, shadow ones included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shadow {
    /// Whether it would let the request in.
    pub allows: bool,
    /// What would decide.
    pub rule: RuleReport,
}

impl Verdict {
    /// A verdict that says an outcome and nothing else yet.
    pub(crate) fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            status: None,
            rule: None,
            rules: vec![],
            allowed_by: None,
            let_through_by: vec![],
            reason: None,
            detail: None,
            gateway: None,
            service: None,
            version: None,
            versions: BTreeMap::new(),
            path: None,
            host: None,
            location: None,
            body: None,
            forwarded: None,
            audited: vec![],
            shadow: None,
            limits: vec![],
            steps: vec![],
        }
    }
}

impl Outcome {
    /// The outcome of a refusal.
    pub(super) fn of(reason: Reason) -> Self {
        match reason {
            Reason::BadRequest => Self::BadRequest,
            Reason::Access | Reason::Token | Reason::Authorizer | Reason::Mtls => Self::Deny,
            Reason::Fault => Self::Respond,
            Reason::NotVisible => Self::NotVisible,
            Reason::NoRoute | Reason::NoPort | Reason::NoEndpoint => Self::NoRoute,
            Reason::RateLimit => Self::Limit,
        }
    }

    /// The word, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Respond => "respond",
            Self::Deny => "deny",
            Self::Limit => "limit",
            Self::NoRoute => "no-route",
            Self::NotVisible => "not-visible",
            Self::BadRequest => "bad-request",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
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
            writeln!(f, "  {step}")?;
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

/// As intents write it, `1500ms`.
#[expect(clippy::ref_option, reason = "the shape that serde asks for")]
fn duration<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.serialize_some(&super::question::words(*value)),
        None => serializer.serialize_none(),
    }
}
