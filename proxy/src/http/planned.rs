use http::{HeaderValue, request};
use mesh_decide::{Routing, fall_back, route};

use super::exchange;
use super::forward::{Fields, target};
use crate::active::Active;
use crate::context::Context;
use crate::honour::refusal_of;

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
        if let Some(refusal) = refusal_of(plan) {
            return Routing::Refuse(refusal);
        }
        // A fault is drawn once, whoever takes the request.
        let is_aborted = plan.fault.is_some_and(|fault| fault.abort.is_some());
        let goes_on = !is_aborted && plan.has_fallback();
        if !goes_on || exchange::can_be_taken(context, active, plan) {
            break;
        }
        match fall_back(&active.tables, plan, &request, id, &mut ()) {
            Some(next) => routing = next,
            None => break,
        }
    }
    routing
}
