//! The course of a request: out of the caller's proxy or through a gateway, into the
//! callee's.

mod connection;
mod door;
mod entry;
mod point;
mod request;

use std::collections::BTreeMap;

use mesh_decide::{Plan, Preflight, Refusal, Routing, RuleIndex, Tables};

use super::Simulator;
use super::question::{Head, Message, Question, Unanswerable};
use super::report::{At, RuleReport};
use super::verdict::{Forwarded, Outcome, Share, Verdict};

/// What draws a version when nobody says a request id: the draw is not shown then.
const ANY_ID: &str = "simulated";

pub(super) fn decide(
    simulator: &Simulator<'_>,
    question: &Question,
) -> Result<Verdict, Unanswerable> {
    match &question.message {
        Message::Request(head) => request::decide(simulator, question, head),
        Message::Connection {
            service,
            port,
            server_name,
        } => connection::decide(simulator, question, (service, *port), server_name.as_ref()),
        Message::AtGateway { port, server_name } => {
            connection::at_gateway(simulator, question, *port, server_name.as_ref())
        }
    }
}

/// The tables of the proxy that sends, and whose it is.
#[derive(Clone, Copy)]
struct Sender<'s> {
    tables: &'s Tables,
    at: At,
}

impl Question {
    fn id(&self) -> &[u8] {
        self.request_id.as_deref().unwrap_or(ANY_ID).as_bytes()
    }
}

impl Sender<'_> {
    /// What a routing says, as far as the sender goes.
    fn verdict(self, routing: &Routing, question: &Question) -> Verdict {
        let tables = self.tables;
        match routing {
            Routing::Forward(plan) => self.forward(plan, question),
            Routing::Respond { rule, respond } => {
                let respond = tables.respond(*respond);
                Verdict {
                    status: Some(respond.status),
                    rule: Some(RuleReport::of(tables, *rule)),
                    body: Some(respond.body.clone()),
                    ..Verdict::new(Outcome::Respond)
                }
            }
            Routing::Redirect {
                rule,
                status,
                location,
            } => Verdict {
                status: Some(*status),
                rule: Some(RuleReport::of(tables, *rule)),
                location: Some(String::from_utf8_lossy(location).into_owned()),
                ..Verdict::new(Outcome::Respond)
            },
            Routing::Preflight(preflight) => self.preflight(preflight),
            Routing::Refuse(refusal) => self.refused(refusal),
        }
    }

    fn forward(self, plan: &Plan, question: &Question) -> Verdict {
        let tables = self.tables;
        // Without an id the draw is one of many, unless there is nothing to draw.
        let is_drawn = |always: bool| always || question.request_id.is_some();
        let injected = plan.fault.filter(|it| is_drawn(it.always_aborts));
        if let Some(refusal) = injected.and_then(|fault| fault.refusal()) {
            return self.refused(&refusal);
        }
        let service = tables.service(plan.service);
        let version = plan
            .version
            .map(|index| service.versions[index.position()].name.to_string());
        let shares = shares(tables, plan);
        let mut versions = BTreeMap::new();
        for share in &shares {
            let name = share.version.as_ref().unwrap_or(&share.service);
            *versions.entry(name.clone()).or_default() += share.weight;
        }
        let is_drawn = is_drawn(versions.len() == 1);
        Verdict {
            rule: plan.rule().map(|rule| RuleReport::of(tables, rule)),
            rules: RuleReport::all(tables, &plan.rules),
            service: Some(service.id.to_string()),
            version: version.filter(|_| is_drawn),
            versions,
            path: plan
                .path
                .as_ref()
                .map(|path| String::from_utf8_lossy(path).into_owned()),
            host: plan.host.as_ref().map(ToString::to_string),
            forwarded: Some(Forwarded {
                port: tables.port(plan.service, plan.port).name.to_string(),
                shares,
                timeout: plan.timeout,
                per_try_timeout: plan.per_try_timeout,
                attempts: plan.attempts,
                retries: tables.retry_policy(plan.retries).clone(),
                headers: vec![],
                response_edits: edits(tables, plan),
            }),
            ..Verdict::new(Outcome::Forward)
        }
    }

    fn preflight(self, preflight: &Preflight) -> Verdict {
        Verdict {
            status: Some(preflight.status),
            rule: Some(RuleReport::of(self.tables, preflight.rule)),
            ..Verdict::new(Outcome::Respond)
        }
    }

    fn refused(self, refusal: &Refusal) -> Verdict {
        Verdict {
            status: Some(refusal.status),
            rule: refusal.rule.map(|rule| RuleReport::of(self.tables, rule)),
            reason: Some(refusal.reason.as_str()),
            detail: Some(refusal.detail),
            ..Verdict::new(Outcome::of(refusal.reason))
        }
    }
}

fn edits(tables: &Tables, plan: &Plan) -> Vec<mesh_ir::HeaderEdits> {
    let edits = plan.response_edits.iter();
    edits.map(|edits| tables.edits(*edits).clone()).collect()
}

/// Who gets how much of what the plan's rules forward. A rule that sends all it has to
/// one service leaves the sharing out to that service's own.
fn shares(tables: &Tables, plan: &Plan) -> Vec<Share> {
    let mut shares = vec![];
    for rule in &plan.rules {
        shares = distribution(tables, *rule);
        if shares.len() > 1 {
            break;
        }
    }
    shares
}

fn distribution(tables: &Tables, rule: RuleIndex) -> Vec<Share> {
    let shares = tables.distribution(rule).into_iter();
    let share = |share: mesh_decide::Share| Share {
        service: share.service.to_string(),
        version: share.version.map(|version| version.to_string()),
        weight: share.weight,
    };
    shares.map(share).collect()
}

/// The headers of a request as texts.
fn texts(head: &Head) -> Vec<(String, String)> {
    let headers = head.headers.iter();
    headers
        .map(|(name, value)| (name.clone(), String::from_utf8_lossy(value).into_owned()))
        .collect()
}
