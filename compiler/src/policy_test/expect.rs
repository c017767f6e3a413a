use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use mesh_ir::{Name, ValueMatch};

use crate::simulate::{Forwarded, Outcome, RuleReport, Verdict};
use crate::syntax::ast::{ExpectForward, Expectation, Spanned};

/// One thing that is not as a case expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The field of the expectation.
    pub what: String,
    /// As written there.
    pub expected: String,
    /// What came out.
    pub got: String,
}

/// Everything that differs; nothing is said of details where the outcome differs.
pub(super) fn compare(expected: &Expectation, here: &Name, got: &Verdict) -> Vec<Mismatch> {
    let mut out = Differences(vec![]);
    let word = word(got);
    match expected {
        Expectation::Forward(forward) => {
            if out.outcome("forward", word, got) {
                out.forward(forward, here, got);
            }
        }
        Expectation::Redirect {
            rule,
            status,
            location,
            span: _,
        } => {
            if out.outcome("redirect", word, got) {
                out.status(status.as_ref(), got);
                out.rule(rule.as_ref(), &[&got.rule]);
                let location = location.as_ref().map(|it| it.value.as_str());
                out.text("location", location, got.location.as_deref());
            }
        }
        Expectation::Respond {
            status,
            body,
            rule,
            span: _,
        } => {
            if out.outcome("respond", word, got) {
                out.status(status.as_ref(), got);
                out.rule(rule.as_ref(), &[&got.rule]);
                let body = body.as_ref().map(|it| it.value.as_str());
                out.text("body", body, got.body.as_deref());
            }
        }
        Expectation::Refuse {
            status,
            reason,
            rule,
            span: _,
        } => {
            if out.outcome("refuse", word, got) {
                out.status(status.as_ref(), got);
                let reason = reason.as_ref().map(|it| it.value.as_str());
                out.text("reason", reason, got.reason);
                out.rule(rule.as_ref(), &[&got.rule]);
            }
        }
    }
    out.0
}

/// The word of expectations for an outcome.
fn word(got: &Verdict) -> &'static str {
    match got.outcome {
        Outcome::Forward => "forward",
        Outcome::Respond if got.location.is_some() => "redirect",
        Outcome::Respond => "respond",
        Outcome::Deny
        | Outcome::Limit
        | Outcome::NoRoute
        | Outcome::NotVisible
        | Outcome::BadRequest => "refuse",
    }
}

struct Differences(Vec<Mismatch>);

impl Differences {
    fn push(&mut self, what: &str, expected: impl Display, got: impl Display) {
        self.0.push(Mismatch {
            what: what.to_owned(),
            expected: expected.to_string(),
            got: got.to_string(),
        });
    }

    /// Whether the outcome is the expected one.
    fn outcome(&mut self, expected: &str, word: &str, got: &Verdict) -> bool {
        if expected != word {
            let reason = got.reason.map(|reason| format!(" ({reason})"));
            self.push(
                "outcome",
                expected,
                format!("{word}{}", reason.unwrap_or_default()),
            );
        }
        expected == word
    }

    fn status(&mut self, expected: Option<&Spanned<u16>>, got: &Verdict) {
        if let Some(expected) = expected
            && got.status != Some(expected.value)
        {
            self.push("status", expected.value, or_none(got.status));
        }
    }

    fn text(&mut self, what: &str, expected: Option<&str>, got: Option<&str>) {
        if let Some(expected) = expected
            && got != Some(expected)
        {
            self.push(what, expected, or_none(got));
        }
    }

    /// Any of several rules may be the one that is meant.
    fn rule(&mut self, expected: Option<&Spanned<String>>, got: &[&Option<RuleReport>]) {
        let got: Vec<&RuleReport> = got.iter().filter_map(|it| it.as_ref()).collect();
        self.any_rule(expected, &got);
    }

    fn any_rule(&mut self, expected: Option<&Spanned<String>>, got: &[&RuleReport]) {
        let Some(expected) = expected else { return };
        let mut ids = got.iter().filter_map(|rule| rule.rule.as_deref());
        if !ids.any(|id| id == expected.value) {
            let got: Vec<String> = got.iter().map(ToString::to_string).collect();
            let got = if got.is_empty() {
                "no rule".to_owned()
            } else {
                got.join(", ")
            };
            self.push("rule", &expected.value, got);
        }
    }

    fn forward(&mut self, expected: &ExpectForward, here: &Name, got: &Verdict) {
        let rules: Vec<&RuleReport> = got.rules.iter().chain(&got.allowed_by).collect();
        self.any_rule(expected.rule.as_ref(), &rules);
        if let Some(service) = &expected.service {
            let service = service.value.resolve(here).to_string();
            self.text("service", Some(&service), got.service.as_deref());
        }
        self.distribution(expected, here, got);
        if let Some(path) = &expected.path {
            self.text("path", Some(&path.value), got.path.as_deref());
        }
        if let Some(host) = &expected.host {
            self.text("host", Some(host.value.as_str()), got.host.as_deref());
        }
        let Some(forwarded) = &got.forwarded else {
            let asks = expected.timeout.is_some() || !expected.headers.is_empty();
            if asks || expected.attempts.is_some() || expected.per_try_timeout.is_some() {
                self.push("forward", "a proxy of the mesh that sends it", "none does");
            }
            return;
        };
        self.bounds(expected, forwarded);
        self.headers(expected, forwarded);
    }

    /// Shares of their sum, so that 9 and 1 are as good as 90 and 10.
    fn distribution(&mut self, expected: &ExpectForward, here: &Name, got: &Verdict) {
        let versions = expected.versions.iter();
        let mut wanted: BTreeMap<String, u32> = versions
            .map(|it| (it.name.value.clone(), it.value.value))
            .collect();
        let services = expected.services.iter();
        wanted.extend(
            services
                .map(|(service, weight)| (service.value.resolve(here).to_string(), weight.value)),
        );
        wanted.retain(|_, weight| *weight > 0);
        if wanted.is_empty() {
            return;
        }
        let mut found = got.versions.clone();
        found.retain(|_, weight| *weight > 0);
        let sum = |shares: &BTreeMap<String, u32>| shares.values().copied().map(u64::from).sum();
        let (all_wanted, all_found): (u64, u64) = (sum(&wanted), sum(&found));
        let alike = wanted.len() == found.len()
            && wanted.iter().all(|(name, weight)| {
                let other = found.get(name).copied().unwrap_or(0);
                u64::from(*weight) * all_found == u64::from(other) * all_wanted
            });
        if !alike {
            self.push("versions", shares(&wanted), shares(&found));
        }
    }

    fn bounds(&mut self, expected: &ExpectForward, got: &Forwarded) {
        let bound = |it: Option<Duration>| it.map_or("none".to_owned(), crate::simulate::words);
        if let Some(timeout) = &expected.timeout
            && timeout.value != got.timeout
        {
            self.push("timeout", bound(timeout.value), bound(got.timeout));
        }
        if let Some(timeout) = &expected.per_try_timeout
            && Some(timeout.value) != got.per_try_timeout
        {
            let got = bound(got.per_try_timeout);
            self.push("perTryTimeout", bound(Some(timeout.value)), got);
        }
        if let Some(attempts) = &expected.attempts
            && attempts.value != got.attempts
        {
            self.push("attempts", attempts.value, got.attempts);
        }
    }

    fn headers(&mut self, expected: &ExpectForward, got: &Forwarded) {
        for header in &expected.headers {
            let name = &header.name.value;
            let values = got.headers.iter().filter(|(it, _)| it == name);
            let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
            let expected = &header.value.value;
            if !is_met(expected, &values) {
                let got = if values.is_empty() {
                    "absent".to_owned()
                } else {
                    values.join(", ")
                };
                self.push(&format!("headers.{name}"), shown(expected), got);
            }
        }
    }
}

fn or_none<T: Display>(value: Option<T>) -> String {
    value.map_or("none".to_owned(), |it| it.to_string())
}

fn shares(of: &BTreeMap<String, u32>) -> String {
    let shares = of.iter().map(|(name, weight)| format!("{name} {weight}"));
    let shares: Vec<String> = shares.collect();
    if shares.is_empty() {
        "every endpoint".to_owned()
    } else {
        shares.join(", ")
    }
}

/// Whether the values under a name are as expected: one of them, for all but `absent`.
fn is_met(expected: &ValueMatch, values: &[&str]) -> bool {
    let any = |test: &dyn Fn(&str) -> bool| values.iter().any(|value| test(value));
    match expected {
        ValueMatch::Exact(text) => any(&|it| it == text),
        ValueMatch::Prefix(text) => any(&|it| it.starts_with(text.as_str())),
        ValueMatch::Suffix(text) => any(&|it| it.ends_with(text.as_str())),
        ValueMatch::In(texts) => any(&|it| texts.iter().any(|text| text == it)),
        ValueMatch::Regex(pattern) => regex::Regex::new(&format!("^(?:{pattern})$"))
            .is_ok_and(|regex| any(&|it| regex.is_match(it))),
        ValueMatch::Present => !values.is_empty(),
        ValueMatch::Absent => values.is_empty(),
    }
}

fn shown(expected: &ValueMatch) -> String {
    match expected {
        ValueMatch::Exact(text) => text.clone(),
        ValueMatch::Prefix(text) => format!("{text}…"),
        ValueMatch::Suffix(text) => format!("…{text}"),
        ValueMatch::In(texts) => format!("one of {}", texts.join(", ")),
        ValueMatch::Regex(pattern) => format!("regex {pattern}"),
        ValueMatch::Present => "present".to_owned(),
        ValueMatch::Absent => "absent".to_owned(),
    }
}
