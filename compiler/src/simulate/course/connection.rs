use mesh_decide::{
    Admission, Connection, Routing, admit_connection, route_connection, route_gateway_connection,
};
use mesh_ir::{Host, ServiceRef};

use super::Sender;
use super::door;
use super::entry::{Entry, Judged};
use crate::simulate::Simulator;
use crate::simulate::question::{Question, Unanswerable};
use crate::simulate::report::{At, steps};
use crate::simulate::verdict::{Outcome, Verdict};

/// To a port of a service.
pub(super) fn decide(
    simulator: &Simulator<'_>,
    question: &Question,
    (service, number): (&ServiceRef, u16),
    server_name: Option<&Host>,
) -> Result<Verdict, Unanswerable> {
    let port = simulator.port_of_bytes(service, number)?;
    let Some(role) = question.from.role else {
        let entry = Entry::at_service(simulator, question, service, &port)?;
        let verdict = Verdict {
            service: Some(service.to_string()),
            ..Verdict::new(Outcome::Forward)
        };
        return Ok(closed(arrive(&entry, question, verdict, server_name)));
    };
    let sender = Sender {
        tables: simulator.tables(role)?,
        at: At::Caller,
    };
    let connection = Connection {
        id: question.id(),
        server_name: server_name.map(Host::as_str),
    };
    let mut observed = Vec::new();
    let routing = route_connection(sender.tables, service, &port, &connection, &mut observed);
    let mut verdict = sender.verdict(&routing, question);
    verdict.steps = steps(sender.at, sender.tables, &observed);
    finish(simulator, question, sender, (verdict, routing), server_name)
}

/// To a listener of a gateway.
pub(super) fn at_gateway(
    simulator: &Simulator<'_>,
    question: &Question,
    port: u16,
    server_name: Option<&Host>,
) -> Result<Verdict, Unanswerable> {
    let name = server_name.map(Host::as_str);
    let door = door::find(simulator, question, port, name.map(str::as_bytes))?;
    let door = door.ok_or_else(|| Unanswerable::NoListener {
        host: name.unwrap_or("any host").to_owned(),
        port,
    })?;
    let entry = Entry {
        tables: door.tables,
        at: door.listener,
        whose: At::Gateway,
        identity: None,
    };
    let Judged {
        admission,
        answers,
        verdict,
    } = entry.judge(question, |state, caller, moment, observer| {
        let caller = (caller, name);
        admit_connection(entry.tables, state, entry.at, caller, moment, observer)
    });
    let admitted = Verdict {
        gateway: Some(door.gateway.to_string()),
        ..verdict
    };
    if !matches!(admission, Admission::Admit(_)) {
        return Ok(closed(admitted));
    }
    let sender = Sender {
        tables: door.tables,
        at: At::Gateway,
    };
    let connection = Connection {
        id: question.id(),
        server_name: name,
    };
    let mut observed = Vec::new();
    let caller = entry.caller(question, &answers);
    let (tables, listener) = (door.tables, door.listener);
    let routing = route_gateway_connection(tables, listener, &caller, &connection, &mut observed);
    let mut verdict = admitted.then(sender.verdict(&routing, question));
    verdict.steps.extend(steps(sender.at, tables, &observed));
    finish(simulator, question, sender, (verdict, routing), server_name)
}

fn finish(
    simulator: &Simulator<'_>,
    question: &Question,
    sender: Sender<'_>,
    (verdict, routing): (Verdict, Routing),
    server_name: Option<&Host>,
) -> Result<Verdict, Unanswerable> {
    let Routing::Forward(plan) = routing else {
        return Ok(closed(verdict));
    };
    let verdict = match Entry::of_plan(simulator, sender, &plan)? {
        Some(entry) => arrive(&entry, question, verdict, server_name),
        None => verdict,
    };
    Ok(closed(verdict))
}

pub(super) fn arrive(
    entry: &Entry<'_>,
    question: &Question,
    sent: Verdict,
    server_name: Option<&Host>,
) -> Verdict {
    let judged = entry.judge(question, |state, caller, moment, observer| {
        let caller = (caller, server_name.map(Host::as_str));
        admit_connection(entry.tables, state, entry.at, caller, moment, observer)
    });
    judged.after(sent)
}

/// A connection that is refused is closed: it gets no status.
fn closed(verdict: Verdict) -> Verdict {
    Verdict {
        status: None,
        ..verdict
    }
}
