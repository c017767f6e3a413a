use super::*;

fn falling_back(service: &str, to: Vec<mesh_ir::Backend>) -> mesh_ir::Route {
    let mut first = forward(vec![to_version("v1", 1)]);
    first.request_headers.set = vec![HeaderEdit {
        name: "x-by".into(),
        value: service.into(),
    }];
    first.fallback = to;
    route_of(
        service,
        vec![rule("all", 0, vec![], Action::Forward(first))],
    )
}

/// Every place that is tried when nothing has an endpoint.
fn tried(snapshot: &Snapshot) -> Vec<String> {
    let tables = tables(snapshot);
    let fields = fields("ratings", &[]);
    let request = asks("GET", "/", &fields);
    let mut all = vec![];
    let mut routing = Some(route(&tables, &request, b"1", &mut ()));
    while let Some(now) = routing.take() {
        all.push(outcome(&tables, &now));
        if let Routing::Forward(plan) = now {
            routing = fall_back(&tables, &plan, &request, b"1", &mut ());
        }
    }
    all
}

#[test]
fn entries_are_tried_in_order() {
    let mut snapshot = calling(vec![http("ratings"), http("archive")]);
    let entries = vec![to_version("v2", 1), to_service("archive")];
    snapshot.routes = vec![falling_back("ratings", entries)];
    let by = "Route shop/ratings all";
    let want = [
        format!("ratings.shop 9080 v1 {by}"),
        format!("ratings.shop 9080 v2 {by}"),
        format!("archive.shop 9080 - {by}"),
    ];
    assert_eq!(tried(&snapshot), want);
}

#[test]
fn another_service_goes_by_its_own_routes_and_falls_back_by_them_first() {
    let mut snapshot = calling(vec![http("ratings"), http("archive"), http("last")]);
    snapshot.routes = vec![
        falling_back("archive", vec![to_version("v2", 1)]),
        falling_back("ratings", vec![to_service("archive"), to_service("last")]),
    ];
    let places = tried(&snapshot);
    let places: Vec<_> = places
        .iter()
        .map(|it| it.split(" Route").next().unwrap())
        .collect();
    let want = [
        "ratings.shop 9080 v1",
        "archive.shop 9080 v1",
        "archive.shop 9080 v2",
    ];
    assert_eq!(places[..3], want);
    assert_eq!(places[3..], ["last.shop 9080 -"]);
}

#[test]
fn nothing_of_the_drawn_backend_stays() {
    let mut snapshot = calling(vec![http("ratings"), http("archive")]);
    let mut drawn = to_version("v1", 1);
    drawn.request_headers.remove = vec!["x-secret".into()];
    let mut only = forward(vec![drawn]);
    only.fallback = vec![to_service("archive")];
    let only = rule("all", 0, vec![], Action::Forward(only));
    snapshot.routes = vec![route_of("ratings", vec![only])];
    let tables = tables(&snapshot);
    let first = plan(&tables, "ratings", "/");
    assert_eq!(first.request_edits.len(), 1);
    let fields = fields("ratings", &[]);
    let request = asks("GET", "/", &fields);
    let next = fall_back(&tables, &first, &request, b"id-1", &mut ());
    let Some(Routing::Forward(next)) = next else {
        panic!("must be forwarded: {next:?}");
    };
    assert!(next.request_edits.is_empty() && next.version.is_none());
    assert!(!next.has_fallback());
    assert_eq!(fall_back(&tables, &next, &request, b"id-1", &mut ()), None);
}

#[test]
fn services_that_fall_back_to_one_another_come_to_an_end() {
    let mut snapshot = calling(vec![http("ratings"), http("archive")]);
    snapshot.routes = vec![
        falling_back("archive", vec![to_service("ratings")]),
        falling_back("ratings", vec![to_service("archive")]),
    ];
    let places = tried(&snapshot);
    assert!(places.len() <= 9, "{}", places.len());
    assert!(
        places.last().unwrap().starts_with("404 no-route"),
        "{places:?}"
    );
}

#[test]
fn a_connection_falls_back_too() {
    let db = service("ratings", &[("http", 5432, Protocol::Tcp)]);
    let mut snapshot = calling(vec![db]);
    snapshot.routes = vec![falling_back("ratings", vec![to_version("v2", 1)])];
    let tables = tables(&snapshot);
    let connection = Connection {
        id: b"1",
        server_name: None,
    };
    let (id, port) = (service_ref("ratings"), name("http"));
    let first = route_connection(&tables, &id, &port, &connection, &mut ());
    let Routing::Forward(first) = first else {
        panic!("must be forwarded: {first:?}");
    };
    let next = fall_back_connection(&tables, &first, &connection, &mut ()).unwrap();
    let want = "ratings.shop 5432 v2 Route shop/ratings all";
    assert_eq!(outcome(&tables, &next), want);
}
