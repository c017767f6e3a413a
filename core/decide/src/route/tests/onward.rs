use super::*;

/// `ratings` sends everything on to `stars`, whose own route decides further.
fn sent_on(stars: Service, rules: Vec<RouteRule>) -> Snapshot {
    let mut onward = forward(vec![to_service("stars")]);
    onward.timeout = Some(Duration::from_secs(3));
    onward.request_headers = HeaderEdits {
        set: vec![HeaderEdit {
            name: "x-from".into(),
            value: "ratings".into(),
        }],
        ..HeaderEdits::default()
    };
    onward.rewrite = Some(Rewrite {
        path: Some("/stars/**".into()),
        host: None,
    });
    let mut snapshot = calling(vec![http("ratings"), stars]);
    snapshot.routes = vec![
        route_of(
            "ratings",
            vec![rule("on", 0, at("/**"), Action::Forward(onward))],
        ),
        route_of("stars", rules),
    ];
    snapshot
}

#[test]
fn a_backend_that_is_another_service_is_a_call_of_it() {
    let mut inner = forward(vec![to_version("v2", 1)]);
    inner.retries = retries(1, &[]);
    let matches = with_header(
        request(&[], &["/stars/x"]),
        "x-from",
        ValueMatch::Exact("ratings".into()),
    );
    let snapshot = sent_on(
        http("stars"),
        vec![rule("in", 0, vec![matches], Action::Forward(inner))],
    );
    let tables = tables(&snapshot);
    let plan = plan(&tables, "ratings", "/x");
    assert_eq!(tables.service(plan.called).id, service_ref("ratings"));
    assert_eq!(tables.service(plan.service).id, service_ref("stars"));
    assert_eq!(plan.rules.len(), 2);
    assert_eq!(plan.timeout, Some(Duration::from_secs(3)));
    assert_eq!(plan.attempts, 1);
    assert_eq!(plan.path.as_deref(), Some(&b"/stars/x"[..]));
    assert_eq!(plan.request_edits.len(), 1);
    check(&snapshot, "ratings", "/y", "404 no-route Route shop/stars");
}

#[test]
fn services_that_send_on_to_one_another_come_to_an_end() {
    let back = Action::Forward(forward(vec![to_service("ratings")]));
    let snapshot = sent_on(http("stars"), vec![rule("back", 0, vec![], back)]);
    check(
        &snapshot,
        "ratings",
        "/x",
        "404 no-route Route shop/ratings on",
    );
}

#[test]
fn a_backend_that_is_not_in_view_is_refused_as_such() {
    let mut snapshot = sent_on(http("stars"), vec![rule("in", 0, vec![], to_v("v1"))]);
    snapshot.role.calls = [service_ref("ratings")].into();
    check(
        &snapshot,
        "ratings",
        "/x",
        "403 not-visible Mesh access.default",
    );
}

#[test]
fn the_callers_own_bounds_hold() {
    let mut snapshot = routed(vec![rule("all", 0, vec![], to_v("v1"))]);
    let call = Call {
        to: mesh_ir::Called::Service(service_ref("ratings")),
        timeout: Some(Duration::from_millis(500)),
        attempts: Some(0),
        origin: Origin::new("shop.yaml", 40, 1),
    };
    snapshot.services[0].calls = Some(vec![call]);
    let plan = plan(&tables(&snapshot), "ratings", "/");
    assert_eq!(
        (plan.timeout, plan.attempts),
        (Some(Duration::from_millis(500)), 0)
    );
}
