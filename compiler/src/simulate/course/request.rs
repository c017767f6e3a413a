use mesh_decide::{Admission, Routing, admit, route, route_gateway};

use super::door::{self, Door};
use super::entry::{Entry, Judged};
use super::{Sender, texts};
use crate::simulate::Simulator;
use crate::simulate::arriving::{arriving, without_tokens};
use crate::simulate::question::{Head, Question, Unanswerable};
use crate::simulate::report::{At, steps};
use crate::simulate::verdict::{Outcome, Verdict};

pub(super) fn decide(
    simulator: &Simulator<'_>,
    question: &Question,
    head: &Head,
) -> Result<Verdict, Unanswerable> {
    let head = &question.with_tokens(simulator.mesh(), head);
    if let Some(door) = door::of_request(simulator, question, head)? {
        return through(simulator, question, head, &door);
    }
    let Some(role) = question.from.role else {
        return direct(simulator, question, head);
    };
    let sender = Sender {
        tables: simulator.tables(role)?,
        at: At::Caller,
    };
    let mut observed = Vec::new();
    let request = head.request();
    let routing = route(sender.tables, &request, question.id(), &mut observed);
    let mut verdict = sender.verdict(&routing, question);
    verdict.steps = steps(sender.at, sender.tables, &observed);
    finish(simulator, question, sender, (verdict, routing), head)
}

/// Through the listener of a gateway, which judges first as whoever is called and then
/// sends as whoever calls.
fn through(
    simulator: &Simulator<'_>,
    question: &Question,
    head: &Head,
    door: &Door<'_>,
) -> Result<Verdict, Unanswerable> {
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
        let request = head.request();
        admit(
            door.tables,
            state,
            door.listener,
            caller,
            &request,
            moment,
            observer,
        )
    });
    let verdict = Verdict {
        gateway: Some(door.gateway.to_string()),
        ..verdict
    };
    let admitted = match admission {
        Admission::Admit(admitted) => admitted,
        Admission::Refuse(_) | Admission::Preflight(_) | Admission::Ask(_) => return Ok(verdict),
    };
    let head = without_tokens(head, admitted.tokens.as_deref());
    let sender = Sender {
        tables: door.tables,
        at: At::Gateway,
    };
    let mut observed = Vec::new();
    let routing = {
        let caller = entry.caller(question, &answers);
        let (request, id) = (head.request(), question.id());
        route_gateway(
            door.tables,
            door.listener,
            &caller,
            &request,
            id,
            &mut observed,
        )
    };
    let mut verdict = verdict.then(sender.verdict(&routing, question));
    verdict
        .steps
        .extend(steps(sender.at, sender.tables, &observed));
    finish(simulator, question, sender, (verdict, routing), &head)
}

/// To whoever takes what a plan sends.
fn finish(
    simulator: &Simulator<'_>,
    question: &Question,
    sender: Sender<'_>,
    (mut verdict, routing): (Verdict, Routing),
    head: &Head,
) -> Result<Verdict, Unanswerable> {
    let Routing::Forward(plan) = routing else {
        return Ok(verdict);
    };
    if verdict.forwarded.is_none() {
        // A fault answered it.
        return Ok(verdict);
    }
    let arrives = arriving(sender.tables, &plan, head);
    if let Some(forwarded) = &mut verdict.forwarded {
        forwarded.headers = texts(&arrives);
    }
    let Some(entry) = Entry::of_plan(simulator, sender, &plan)? else {
        return Ok(verdict);
    };
    Ok(arrive(&entry, question, verdict, &arrives))
}

/// A request that no proxy of the mesh sends: only its receiver judges it.
fn direct(
    simulator: &Simulator<'_>,
    question: &Question,
    head: &Head,
) -> Result<Verdict, Unanswerable> {
    let entry = Entry::direct(simulator, question, head)?;
    let verdict = Verdict {
        service: Some(
            entry
                .tables
                .service(entry.tables.inbound_target(entry.at).0)
                .id
                .to_string(),
        ),
        ..Verdict::new(Outcome::Forward)
    };
    Ok(arrive(&entry, question, verdict, head))
}

fn arrive(entry: &Entry<'_>, question: &Question, sent: Verdict, head: &Head) -> Verdict {
    let judged = entry.judge(question, |state, caller, moment, observer| {
        admit(
            entry.tables,
            state,
            entry.at,
            caller,
            &head.request(),
            moment,
            observer,
        )
    });
    if let Admission::Admit(admitted) = &judged.admission
        && let Some(tokens) = admitted.tokens.as_deref()
    {
        let head = without_tokens(head, Some(tokens));
        let mut verdict = judged.after(sent);
        if let Some(forwarded) = &mut verdict.forwarded {
            forwarded.headers = texts(&head);
        }
        return verdict;
    }
    judged.after(sent)
}
