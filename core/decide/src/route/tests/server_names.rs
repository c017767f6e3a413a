use mesh_ir::HostPattern;

use super::*;

#[test]
fn connections_of_a_tls_port_are_routed_by_server_name() {
    let db = service("db", &[("http", 8443, Protocol::Tls)]);
    let mut snapshot = calling(vec![db]);
    let mut eu = route_of("db", vec![rule("eu", 1, vec![], to_v("v1"))]);
    eu.id = object("eu");
    eu.target.hosts = vec![HostPattern::parse("eu.db.example").unwrap()];
    let mut rest = route_of("db", vec![rule("rest", 0, vec![], to_v("v2"))]);
    rest.id = object("rest");
    rest.target.hosts = vec![HostPattern::parse("*.db.example").unwrap()];
    snapshot.routes = vec![eu, rest];
    let tables = tables(&snapshot);
    let to = |server_name| {
        let connection = Connection {
            id: b"1",
            server_name,
        };
        let (id, port) = (service_ref("db"), name("http"));
        let routing = route_connection(&tables, &id, &port, &connection, &mut ());
        outcome(&tables, &routing)
    };
    assert_eq!(
        to(Some("eu.db.example")),
        "db.shop 8443 v1 Route shop/eu eu"
    );
    assert_eq!(
        to(Some("us.db.example")),
        "db.shop 8443 v2 Route shop/rest rest"
    );
    assert_eq!(to(Some("db.example")), "404 no-route Route shop/eu");
    assert_eq!(to(None), "404 no-route Route shop/eu");
}
