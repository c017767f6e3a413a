use mesh_decide::{Connection, Routing, admit_connection, route_connection};
use mesh_ir::{Host, ServiceRef};

use super::entry::Entry;
use super::Sender;
use crate::simulate::Simulator;
use crate::simulate::question::{Question, Unanswerable};
use crate::simulate::report::{At, steps};
use crate::simulate::verdict::{Outcome, Verdict};

pub(super) fn decide(
    simulator: &Simulator<'_>,
    question: &Question,
    (service, number): (&ServiceRef, u16),
    server_name: Option<&Host>,
) -> Result<Verdict, Unanswerable> {
    let verdict = sent(simulator, question, (service, number), server_name)?;
    // A connection that is refused is closed.
    Ok(Verdict {
        status: None,
        ..verdict
    })
}

fn sent(
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
        return Ok(arrive(&entry, question, verdict));
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
    let Routing::Forward(plan) = routing else {
        return Ok(verdict);
    };
    match Entry::of_plan(simulator, question, sender, &plan)? {
        Some(entry) => Ok(arrive(&entry, question, verdict)),
        None => Ok(verdict),
    }
}

fn arrive(entry: &Entry<'_>, question: &Question, sent: Verdict) -> Verdict {
    let judged = entry.judge(question, |state, caller, moment, observer| {
        admit_connection(entry.tables, state, entry.at, caller, moment, observer)
    });
    judged.after(sent)
}
