use super::*;

#[test]
fn a_service_answers_to_its_names_and_hosts() {
    let mut far = http("ratings.far");
    far.hosts = vec![host("ratings.internal"), host("stars.shop")];
    let snapshot = calling(vec![http("stars"), far]);
    check(&snapshot, "stars", "/", "stars.shop 9080 -");
    check(&snapshot, "Stars.Shop.:9080", "/", "stars.shop 9080 -");
    check(&snapshot, "stars.shop", "/", "stars.shop 9080 -");
    check(&snapshot, "ratings.far", "/", "ratings.far 9080 -");
    check(&snapshot, "ratings.internal", "/", "ratings.far 9080 -");
    check(
        &snapshot,
        "ratings",
        "/",
        "403 not-visible Mesh access.default",
    );
    // Served, but not called.
    check(
        &snapshot,
        "reviews",
        "/",
        "403 not-visible Mesh access.default",
    );
    check(
        &snapshot,
        "elsewhere.example",
        "/",
        "403 not-visible Mesh access.default",
    );
    check(&snapshot, "ratings/..", "/", "400 bad-request");
}

#[test]
fn an_unknown_host_names_the_default_line_of_its_namespace() {
    let mut snapshot = calling(vec![]);
    let mut default = snapshot.settings.access.clone();
    default.origin.line = 12;
    snapshot.settings.namespaces = vec![(name("far"), default)];
    let tables = tables(&snapshot);
    let line = |host| match get(&tables, host, "/") {
        Routing::Refuse(refusal) => tables.rule(refusal.rule.unwrap()).origin.line,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (line("x.far"), line("x"), line("x.shop"), line("a.b.c")),
        (12, 7, 7, 7)
    );
}

#[test]
fn a_port_is_written_or_80_or_the_only_one_of_http() {
    let tcp = ("db", 5432, Protocol::Tcp);
    let one = service("one", &[tcp, ("http", 9080, Protocol::Http)]);
    let two = service(
        "two",
        &[("a", 81, Protocol::Http), ("b", 82, Protocol::Grpc)],
    );
    let web = service(
        "web",
        &[("a", 80, Protocol::Http), ("b", 82, Protocol::Http)],
    );
    let odd = service(
        "odd",
        &[("a", 80, Protocol::Tcp), ("b", 82, Protocol::Http)],
    );
    let snapshot = calling(vec![odd, one, two, web]);
    check(&snapshot, "one", "/", "one.shop 9080 -");
    check(&snapshot, "one:5432", "/", "404 no-port Service shop/one");
    check(&snapshot, "two", "/", "404 no-port Service shop/two");
    check(&snapshot, "two:82", "/", "two.shop 82 -");
    check(&snapshot, "two:83", "/", "404 no-port Service shop/two");
    check(&snapshot, "web", "/", "web.shop 80 -");
    check(&snapshot, "odd", "/", "odd.shop 82 -");
}

#[test]
fn a_connection_goes_to_a_visible_port_of_bytes() {
    let db = service(
        "db",
        &[("tcp", 5432, Protocol::Tcp), ("http", 80, Protocol::Http)],
    );
    let tables = tables(&calling(vec![db]));
    let connection = Connection {
        id: b"1",
        server_name: None,
    };
    let connect = |service: &str, port: &str| {
        let routing = route_connection(
            &tables,
            &service_ref(service),
            &name(port),
            &connection,
            &mut (),
        );
        outcome(&tables, &routing)
    };
    assert_eq!(connect("db", "tcp"), "db.shop 5432 -");
    assert_eq!(connect("db", "http"), "404 no-port Service shop/db");
    assert_eq!(
        connect("cache", "tcp"),
        "403 not-visible Mesh access.default"
    );
}
