use http::{HeaderValue, request};
use mesh_decide::{Plan, Reason, Refusal, Routing, fall_back, route};

use super::exchange;
use super::forward::{Fields, target};
use crate::active::Active;
use crate::context::Context;

/// Where a request goes: as its rules say, or where they fall back to while nothing
/// of what they say can take it.
pub(super) fn planned(
    context: &Context,
    active: &Active,
    head: &request::Parts,
    request_id: &HeaderValue,
) -> Routing {
    let (target, authority) = target(head);
    let request = mesh_decide::Request {
        method: head.method.as_str().as_bytes(),
        target: target.as_bytes(),
        authority,
        headers: &Fields(&head.headers),
    };
    let id = request_id.as_bytes();
    let mut routing = route(&active.tables, &request, id, &mut ());
    while let Routing::Forward(plan) = &routing {
        if let Some(refusal) = beyond(plan) {
            return Routing::Refuse(refusal);
        }
        if !plan.has_fallback() || exchange::can_be_taken(context, active, plan) {
            break;
        }
        match fall_back(&active.tables, plan, &request, id, &mut ()) {
            Some(next) => routing = next,
            None => break,
        }
    }
    routing
}

/// A bundle that plans this is refused before it is in effect; what is not judged does
/// not leave in any case.
fn beyond(plan: &Plan) -> Option<Refusal> {
    let leaves = plan.admit.is_some() || plan.via.is_some();
    let why = "this proxy cannot call external services";
    leaves.then(|| Refusal {
        rule: plan.rule(),
        ..Refusal::plain(403, Reason::NotVisible, why)
    })
}
