use super::*;
use crate::fixture::{edge, object};

fn tls(allow: Vec<AccessRule>, deny: Vec<AccessRule>, hosts: &[&str]) -> Snapshot {
    let mut snapshot = with_access(allow, deny);
    snapshot.services = vec![service("reviews", &[("http", 8443, Protocol::Tls)])];
    snapshot.access[0].target.hosts = hosts
        .iter()
        .map(|it| HostPattern::parse(it).unwrap())
        .collect();
    snapshot
}

fn connect(snapshot: &Snapshot, server_name: Option<&str>) -> String {
    let callee = Callee::new(snapshot);
    let identity = id("cart");
    let caller = Caller::new(Some(&identity), None);
    let (tables, state, at) = (&callee.tables, &callee.state, callee.at());
    let asked = (&caller, server_name);
    let admission = admit_connection(tables, state, at, asked, callee.moment(), &mut ());
    let permitted = permits_connection(tables, at, asked, callee.moment());
    assert_eq!(permitted, matches!(admission, Admission::Admit(_)));
    callee.outcome(&admission)
}

#[test]
fn hosts_of_a_tls_port_are_server_names() {
    let open = tls(
        vec![entry("cart", account("cart"), vec![])],
        vec![],
        &["*.db.example"],
    );
    assert_eq!(
        connect(&open, Some("eu.db.example")),
        "Access shop/reviews cart"
    );
    assert_eq!(connect(&open, Some("db.example")), DEFAULT);
    assert_eq!(connect(&open, None), DEFAULT);
}

#[test]
fn who_names_no_server_does_not_slip_by_a_deny() {
    let mut snapshot = tls(
        vec![],
        vec![entry("no", Who::Anyone, vec![])],
        &["db.example"],
    );
    let all = access("open", vec![entry("cart", account("cart"), vec![])], vec![]);
    snapshot.access.push(all);
    let denied = "403 access Access shop/reviews no";
    assert_eq!(connect(&snapshot, Some("db.example")), denied);
    assert_eq!(connect(&snapshot, None), denied);
    assert_eq!(
        connect(&snapshot, Some("other.example")),
        "Access shop/open cart"
    );
}

#[test]
fn a_host_on_a_port_of_plain_bytes_cannot_be_honoured() {
    let mut snapshot = tls(
        vec![entry("cart", account("cart"), vec![])],
        vec![],
        &["db.example"],
    );
    snapshot.services = vec![service("reviews", &[("http", 5432, Protocol::Tcp)])];
    assert!(Tables::build(&snapshot).is_err());
}

#[test]
fn a_gateway_passes_tls_through_by_server_name() {
    let mut snapshot = edge();
    let listener = &mut snapshot.gateways[0].listeners[0];
    listener.protocol = Protocol::Tls;
    listener.tls = None;
    let callee = Callee::new(&snapshot);
    let tables = &callee.tables;
    let at = find_listener(tables, 443, Some(b"api.shop.example")).unwrap();
    let gateway = tables.find_gateway(&object("edge")).unwrap();
    assert_eq!(tables.inbound_target(at).0, gateway);
    let caller = Caller::new(None, None);
    let asked = (&caller, Some("api.shop.example"));
    let admission = admit_connection(tables, &callee.state, at, asked, callee.moment(), &mut ());
    assert_eq!(callee.outcome(&admission), "Access shop/edge all");
}

#[test]
fn who_names_no_server_does_not_slip_by_what_narrows_an_open_default() {
    let only_cart = vec![entry("cart", account("ops"), vec![])];
    let mut snapshot = tls(only_cart, vec![], &["db.example"]);
    snapshot.settings.access.mode = DefaultAccess::Allow;
    assert_eq!(connect(&snapshot, Some("db.example")), DEFAULT);
    assert_eq!(connect(&snapshot, None), DEFAULT);
    let other = connect(&snapshot, Some("other.example"));
    assert_eq!(other, "Mesh access.default");
}
