use crate::draw::{Draw, Salt, draw};
use crate::keys::key_bytes;
use crate::matching::Subject;
use crate::path::Target;
use crate::readings::Readings;
use crate::request::{Caller, Request};
use crate::tables::Tables;
use crate::template::Captured;
use crate::verdict::Plan;

/// What an endpoint is chosen by where the service that takes a request is balanced by
/// the hash of a key; `None` where it is not.
///
/// `request` is the one that the plan was made for.
pub fn key_draw(tables: &Tables, plan: &Plan, request: &Request<'_>) -> Option<Draw> {
    let by = &tables.service(plan.service).load_balancing.by;
    if by.is_empty() {
        return None;
    }
    let target = Target::parse(request.method, request.target).ok()?;
    let readings = Readings::plain(&target);
    let subject = Subject {
        method: request.method,
        readings: readings.as_slice(),
        query: target.query,
        headers: request.headers,
    };
    let us = Caller::new(Some(&tables.role().identity), None);
    let nothing = Captured {
        pattern: None,
        path: target.path,
        reading: readings.as_slice().first().map_or(&[], |it| it),
    };
    let key = key_bytes(by, &[], &us, &subject, &nothing);
    Some(draw(&key, Salt::new("loadBalancing")))
}

#[cfg(test)]
mod tests {
    use mesh_ir::Key;

    use super::*;
    use crate::fixture::{asks, calling, fields, http, tables};
    use crate::{Routing, route};

    #[test]
    fn requests_with_one_key_draw_alike_whatever_else_they_say() {
        let mut keyed = http("ratings");
        keyed.load_balancing.by = vec![Key::Cookie("session".into())];
        let tables = tables(&calling(vec![keyed, http("plain")]));
        let drawn = |host: &str, target: &str, cookie: &str| {
            let fields = fields(host, &[("cookie", cookie)]);
            let request = asks("GET", target, &fields);
            match route(&tables, &request, b"1", &mut ()) {
                Routing::Forward(plan) => key_draw(&tables, &plan, &request),
                other => panic!("must be forwarded: {other:?}"),
            }
        };
        let one = drawn("ratings", "/a", "session=1; other=2");
        assert!(one.is_some());
        assert_eq!(one, drawn("ratings", "/b?c", "session=1"));
        assert_ne!(one, drawn("ratings", "/a", "session=2"));
        assert_eq!(drawn("plain", "/a", "session=1"), None);
    }

    #[test]
    fn a_claim_as_a_key_is_one_of_a_token_that_somebody_must_validate() {
        let mut keyed = http("ratings");
        keyed.load_balancing.by = vec![Key::Claim("sub".into())];
        let asked = keyed.features();
        assert!(asked.iter().any(|(it, _)| *it == mesh_ir::Feature::Token));
    }
}
