use mesh_ir::{AbortWith, Fault, FaultAbort, FaultDelay, Forward, Mirror, Percent};

use super::*;
use crate::verdict::Injected;

fn mirror(target: BackendTarget, percent: u32) -> Mirror {
    Mirror {
        target,
        percent: Percent(percent),
        origin: Origin::new("shop.yaml", 33, 1),
    }
}

fn version(text: &str) -> BackendTarget {
    BackendTarget::Version(name(text))
}

/// `ratings` with one rule that forwards to `v1`, and more services.
fn forwarding(edit: impl FnOnce(&mut Forward), others: Vec<Service>) -> Snapshot {
    let mut all = vec![http("ratings")];
    all.extend(others);
    let mut snapshot = calling(all);
    let mut to_v1 = forward(vec![to_version("v1", 1)]);
    edit(&mut to_v1);
    let only = rule("all", 0, vec![], Action::Forward(to_v1));
    snapshot.routes = vec![route_of("ratings", vec![only])];
    snapshot
}

fn planned(tables: &Tables, id: u32) -> Plan {
    let fields = fields("ratings", &[]);
    let request = asks("GET", "/", &fields);
    match route(tables, &request, &id.to_le_bytes(), &mut ()) {
        Routing::Forward(plan) => plan,
        other => panic!("must be forwarded: {other:?}"),
    }
}

#[test]
fn a_copy_goes_beside_the_request_and_is_never_retried() {
    let to_v2 = |forward: &mut Forward| {
        forward.mirror = vec![mirror(version("v2"), 100_000)];
    };
    let tables = tables(&forwarding(to_v2, vec![]));
    let plan = planned(&tables, 1);
    let names = |plan: &Plan| {
        let version = tables.version(plan.service, plan.version.unwrap());
        (version.name.to_string(), plan.attempts)
    };
    assert_eq!(names(&plan), ("v1".into(), 2));
    assert_eq!(
        plan.mirrors.iter().map(names).collect::<Vec<_>>(),
        [("v2".into(), 0)]
    );
}

#[test]
fn a_share_of_the_requests_is_copied_and_the_same_ones_each_time() {
    let some = |forward: &mut Forward| {
        forward.mirror = vec![mirror(version("v2"), 25_000), mirror(version("v1"), 25_000)];
    };
    let tables = tables(&forwarding(some, vec![]));
    let copies = |id| planned(&tables, id).mirrors.len();
    let counts: Vec<usize> = (0..4000).map(copies).collect();
    assert!((1850..2150).contains(&counts.iter().sum::<usize>()));
    assert!(counts.contains(&2), "mirrors are drawn apart");
    assert!((0..100).all(|id| copies(id) == counts[id as usize]));
}

#[test]
fn a_copy_to_another_service_goes_by_its_routes_and_is_not_copied_on() {
    let other = BackendTarget::Other {
        service: service_ref("shadow"),
        port: name("http"),
    };
    let mut snapshot = forwarding(
        |forward| forward.mirror = vec![mirror(other, 100_000)],
        vec![http("shadow")],
    );
    let mut own = forward(vec![to_version("v2", 1)]);
    own.mirror = vec![mirror(version("v1"), 100_000)];
    own.rewrite = Some(Rewrite {
        path: Some("/copied".into()),
        host: None,
    });
    let rules = vec![rule("all", 0, vec![], Action::Forward(own))];
    snapshot.routes.push(route_of("shadow", rules));
    let tables = tables(&snapshot);
    let plan = planned(&tables, 1);
    let copy = &plan.mirrors[0];
    assert_eq!(tables.service(copy.service).id, service_ref("shadow"));
    assert_eq!(copy.path.as_deref(), Some(&b"/copied"[..]));
    assert!(copy.mirrors.is_empty() && plan.path.is_none());
}

#[test]
fn a_copy_to_what_is_not_in_view_is_not_made() {
    let other = BackendTarget::Other {
        service: service_ref("secret"),
        port: name("http"),
    };
    let snapshot = forwarding(
        |forward| forward.mirror = vec![mirror(other, 100_000)],
        vec![],
    );
    assert!(planned(&tables(&snapshot), 1).mirrors.is_empty());
}

fn fault(delay: u32, abort: u32) -> Fault {
    Fault {
        delay: Some(FaultDelay {
            length: Duration::from_millis(100),
            percent: Percent(delay),
        }),
        abort: Some(FaultAbort {
            with: AbortWith::Status(503),
            percent: Percent(abort),
        }),
    }
}

#[test]
fn faults_are_drawn_by_their_percentages_and_apart() {
    let faulty = |forward: &mut Forward| forward.fault = Some(fault(50_000, 20_000));
    let tables = tables(&forwarding(faulty, vec![]));
    let drawn: Vec<Injected> = (0..4000)
        .filter_map(|id| planned(&tables, id).fault)
        .collect();
    let delayed = drawn.iter().filter(|it| it.delay.is_some()).count();
    let aborted = drawn.iter().filter(|it| it.abort.is_some()).count();
    let both = drawn
        .iter()
        .filter(|it| it.delay.is_some() && it.abort.is_some())
        .count();
    assert!((1850..2150).contains(&delayed), "{delayed}");
    assert!((700..900).contains(&aborted), "{aborted}");
    assert!((320..480).contains(&both), "{both}");
}

#[test]
fn a_fault_below_a_percent_is_told_from_none() {
    let faulty = |forward: &mut Forward| forward.fault = Some(fault(0, 100));
    let tables = tables(&forwarding(faulty, vec![]));
    let aborted = (0..40_000)
        .filter(|id| planned(&tables, *id).fault.is_some())
        .count();
    assert!((20..70).contains(&aborted), "{aborted}");
}

#[test]
fn an_abort_names_its_rule_and_its_status() {
    let faulty = |forward: &mut Forward| forward.fault = Some(fault(100_000, 100_000));
    let tables = tables(&forwarding(faulty, vec![]));
    let injected = planned(&tables, 1).fault.unwrap();
    assert_eq!(injected.delay, Some(Duration::from_millis(100)));
    let refusal = injected.refusal().unwrap();
    assert_eq!((refusal.status, refusal.reason.as_str()), (503, "fault"));
    let rule = tables.rule(refusal.rule.unwrap()).to_string();
    assert_eq!(rule, "Route shop/ratings all");
    let grpc = Injected {
        abort: Some(AbortWith::Grpc(14)),
        ..injected
    };
    let refusal = grpc.refusal().unwrap();
    assert_eq!((refusal.status, refusal.grpc_status()), (200, 14));
}

#[test]
fn what_was_drawn_stays_for_who_takes_it_instead() {
    let faulty = |forward: &mut Forward| {
        forward.fault = Some(fault(100_000, 0));
        forward.mirror = vec![mirror(version("v2"), 100_000)];
        forward.fallback = vec![to_version("v2", 1)];
    };
    let tables = tables(&forwarding(faulty, vec![]));
    let first = planned(&tables, 1);
    let fields = fields("ratings", &[]);
    let request = asks("GET", "/", &fields);
    let next = fall_back(&tables, &first, &request, &1_u32.to_le_bytes(), &mut ());
    let Some(Routing::Forward(next)) = next else {
        panic!("must be forwarded: {next:?}");
    };
    assert_eq!((next.fault, next.mirrors.len()), (first.fault, 1));
}

#[test]
fn what_is_done_to_requests_cannot_be_honoured_on_a_port_of_bytes() {
    let bytes = |edit: fn(&mut Forward)| {
        let mut snapshot = forwarding(edit, vec![]);
        snapshot.services = vec![service("ratings", &[("http", 5432, Protocol::Tcp)])];
        Tables::build(&snapshot).is_ok()
    };
    assert!(bytes(|_| {}));
    assert!(!bytes(|it| it.fault = Some(fault(1, 1))));
    assert!(!bytes(|it| it.mirror = vec![mirror(version("v2"), 1)]));
}
