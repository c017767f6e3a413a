//! The course of a request: out of the caller's proxy, into the callee's.

use std::collections::BTreeMap;

use mesh_decide::{
    Admission, Caller, Moment, Plan, Refusal, Request, Routing, RuleIndex, State, Tables, admit,
    admit_connection, route, route_connection,
};
use mesh_ir::{HeaderEdits, Mesh, Name, Role, Service, ServiceRef, Tick};

use super::question::{Head, Message, Question};
use super::verdict::{At, Outcome, RuleReport, Verdict, steps};

/// What draws a version when nobody says a request id: the draw is not shown then.
const ANY_ID: &str = "simulated";

/// Decides; the error says why the question has no answer.
pub(super) fn decide(mesh: &Mesh, question: &Question<'_>) -> Result<Verdict, String> {
    match &question.message {
        Message::Request(head) => request(mesh, question, head),
        Message::Connection(service, port) => connection(mesh, question, service, *port),
    }
}

fn request(mesh: &Mesh, question: &Question<'_>, head: &Head) -> Result<Verdict, String> {
    let Some(role) = question.role else {
        let identity = &question.identity;
        return Err(format!(
            "`{identity}` is no workload of the mesh, so no proxy sends its requests"
        ));
    };
    let tables = tables(mesh, role)?;
    let mut observed = Vec::new();
    let id = question.request_id.as_deref().unwrap_or(ANY_ID);
    let routing = route(&tables, &head.request(), id.as_bytes(), &mut observed);
    let mut verdict = match &routing {
        Routing::Forward(plan) => forward(&tables, plan, question),
        Routing::Respond { rule, respond } => Verdict {
            status: Some(tables.respond(*respond).status),
            rule: Some(RuleReport::of(&tables, *rule)),
            ..Verdict::new(Outcome::Respond)
        },
        Routing::Redirect {
            rule,
            status,
            location,
        } => Verdict {
            status: Some(*status),
            rule: Some(RuleReport::of(&tables, *rule)),
            location: Some(String::from_utf8_lossy(location).into_owned()),
            ..Verdict::new(Outcome::Respond)
        },
        Routing::Refuse(refusal) => refused(&tables, refusal),
    };
    verdict.steps = steps(At::Caller, &tables, &observed);
    let Routing::Forward(plan) = routing else {
        return Ok(verdict);
    };
    let arrives = arriving(&tables, &plan, head);
    let callee = tables.service(plan.service);
    let port = &callee.ports[plan.port.position()].name;
    let entry = Entry::of(mesh, callee, port, question)?;
    entry.admit(verdict, |at, caller, moment, observed| {
        admit(
            &entry.tables,
            &entry.state,
            at,
            caller,
            &arrives.request(),
            moment,
            observed,
        )
    })
}

fn connection(
    mesh: &Mesh,
    question: &Question<'_>,
    service: &ServiceRef,
    number: u16,
) -> Result<Verdict, String> {
    let Some(role) = question.role else {
        return Err(format!(
            "`{}` is no workload of the mesh",
            question.identity
        ));
    };
    let called = mesh
        .services
        .get(service)
        .ok_or(format!("there is no service `{service}`"))?;
    let port = called.ports.iter().find(|port| port.number == number);
    let port = port.ok_or(format!("`{service}` has no port {number}"))?;
    if port.protocol.is_http() {
        return Err(format!(
            "port {number} of `{service}` speaks {}: ask for http://",
            port.protocol
        ));
    }
    let tables = tables(mesh, role)?;
    let mut observed = Vec::new();
    let id = question.request_id.as_deref().unwrap_or(ANY_ID).as_bytes();
    let routing = route_connection(&tables, service, &port.name, id, &mut observed);
    let mut verdict = match &routing {
        Routing::Forward(plan) => forward(&tables, plan, question),
        Routing::Refuse(refusal) => Verdict {
            status: None,
            ..refused(&tables, refusal)
        },
        Routing::Respond { .. } | Routing::Redirect { .. } => Verdict::new(Outcome::NoRoute),
    };
    verdict.steps = steps(At::Caller, &tables, &observed);
    let Routing::Forward(plan) = routing else {
        return Ok(verdict);
    };
    let callee = tables.service(plan.service);
    let port = &callee.ports[plan.port.position()].name;
    let entry = Entry::of(mesh, callee, port, question)?;
    let verdict = entry.admit(verdict, |at, caller, moment, observed| {
        admit_connection(&entry.tables, &entry.state, at, caller, moment, observed)
    })?;
    Ok(Verdict {
        status: None,
        ..verdict
    })
}

/// The callee's side.
struct Entry<'a> {
    tables: Tables,
    state: State,
    service: ServiceRef,
    port: Name,
    caller: Caller<'a>,
    moment: Moment,
}

impl<'a> Entry<'a> {
    fn of(
        mesh: &Mesh,
        callee: &Service,
        port: &Name,
        question: &'a Question<'_>,
    ) -> Result<Self, String> {
        let serves = |role: &&Role| role.serves.contains(&callee.id);
        let role = mesh.roles.iter().find(serves);
        let role = role.ok_or_else(|| format!("no workload serves `{}`", callee.id))?;
        let tables = tables(mesh, role)?;
        Ok(Self {
            state: State::new(&tables, 0),
            tables,
            service: callee.id.clone(),
            port: port.clone(),
            caller: Caller {
                identity: Some(&question.identity),
                address: question.address,
            },
            moment: Moment {
                now: Tick(0),
                wall: question.wall,
            },
        })
    }

    /// Adds to a caller's verdict what the callee's proxy says.
    fn admit(
        &self,
        verdict: Verdict,
        decision: impl FnOnce(
            mesh_decide::InboundPort,
            &Caller<'_>,
            Moment,
            &mut Vec<mesh_decide::Step>,
        ) -> Admission,
    ) -> Result<Verdict, String> {
        let missing = || format!("`{}` does not serve port {}", self.service, self.port);
        let at = self
            .tables
            .inbound(&self.service, &self.port)
            .ok_or_else(missing)?;
        let mut observed = Vec::new();
        let admission = decision(at, &self.caller, self.moment, &mut observed);
        let mut all = verdict.steps;
        all.extend(steps(At::Callee, &self.tables, &observed));
        let verdict = Verdict {
            steps: vec![],
            ..verdict
        };
        let verdict = match admission {
            Admission::Admit(admitted) => Verdict {
                allowed_by: Some(RuleReport::of(&self.tables, admitted.allowed_by)),
                ..verdict
            },
            Admission::Refuse(refusal) => Verdict {
                service: verdict.service,
                version: verdict.version,
                versions: verdict.versions,
                path: verdict.path,
                host: verdict.host,
                ..refused(&self.tables, &refusal)
            },
        };
        Ok(Verdict {
            steps: all,
            ..verdict
        })
    }
}

fn forward(tables: &Tables, plan: &Plan, question: &Question<'_>) -> Verdict {
    let service = tables.service(plan.service);
    let version = plan
        .version
        .map(|index| service.versions[index.position()].name.to_string());
    let versions = plan
        .rule()
        .map_or_else(BTreeMap::new, |rule| versions(tables, rule));
    // Without an id the draw is one of many, unless there is nothing to draw.
    let is_drawn = question.request_id.is_some() || versions.len() == 1;
    Verdict {
        rule: plan.rule().map(|rule| RuleReport::of(tables, rule)),
        service: Some(service.id.to_string()),
        version: version.filter(|_| is_drawn),
        versions,
        path: plan
            .path
            .as_ref()
            .map(|path| String::from_utf8_lossy(path).into_owned()),
        host: plan.host.as_ref().map(ToString::to_string),
        ..Verdict::new(Outcome::Forward)
    }
}

/// Shares by version; another service's share by its name.
fn versions(tables: &Tables, rule: RuleIndex) -> BTreeMap<String, u32> {
    let mut versions = BTreeMap::new();
    for share in tables.distribution(rule) {
        let name = match share.version {
            Some(version) => version.to_string(),
            None => share.service.to_string(),
        };
        *versions.entry(name).or_default() += share.weight;
    }
    versions
}

fn refused(tables: &Tables, refusal: &Refusal) -> Verdict {
    Verdict {
        status: Some(refusal.status),
        rule: refusal.rule.map(|rule| RuleReport::of(tables, rule)),
        reason: Some(refusal.reason.as_str()),
        detail: Some(refusal.detail),
        ..Verdict::new(Outcome::of(refusal.reason))
    }
}

fn tables(mesh: &Mesh, role: &Role) -> Result<Tables, String> {
    Tables::build(&mesh.snapshot(role)).map_err(|reasons| {
        let reasons: Vec<_> = reasons.iter().map(ToString::to_string).collect();
        format!("a proxy would refuse this bundle: {}", reasons.join("; "))
    })
}

/// The request as the callee's proxy receives it: rewritten and edited by the caller's.
fn arriving(tables: &Tables, plan: &Plan, sent: &Head) -> Head {
    let mut head = sent.clone();
    if let Some(path) = &plan.path {
        head.target.clone_from(path);
    }
    if let Some(host) = &plan.host {
        head.set("host", host.as_str());
    }
    for edits in &plan.request_edits {
        let HeaderEdits { set, add, remove } = tables.edits(*edits);
        for edit in set {
            head.set(&edit.name, &edit.value);
        }
        let added = add
            .iter()
            .map(|edit| (edit.name.clone(), edit.value.clone().into_bytes()));
        head.headers.extend(added);
        head.headers.retain(|(name, _)| !remove.contains(name));
    }
    head
}

impl Head {
    fn request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            target: &self.target,
            authority: None,
            headers: &self.headers,
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(existing, _)| existing != name);
        self.headers
            .push((name.to_owned(), value.as_bytes().to_vec()));
    }
}
