use std::net::IpAddr;

use mesh_ir::{Access, ClientAddress, ObjectRef};

use super::*;
use crate::fixture::{edge, object};

fn edge_access(text: &str, allow: Vec<AccessRule>, deny: Vec<AccessRule>) -> Access {
    let mut access = access(text, allow, deny);
    access.target.scope = Scope::Gateway(object("edge"));
    access
}

fn at(tables: &Tables, gateway: &ObjectRef, listener: &str) -> InboundPort {
    let gateway = tables.find_gateway(gateway).unwrap();
    tables.inbound_of(gateway, &name(listener)).unwrap()
}

fn enter(snapshot: &Snapshot, listener: &str, host: &str) -> String {
    let callee = Callee::new(snapshot);
    let caller = Caller::new(None, Some("192.0.2.7".parse().unwrap()));
    let fields = fields(host, &[]);
    let request = asks("GET", "/", &fields);
    let (tables, state) = (&callee.tables, &callee.state);
    let at = at(tables, &object("edge"), listener);
    let admission = admit(
        tables,
        state,
        at,
        &caller,
        &request,
        callee.moment(),
        &mut (),
    );
    callee.outcome(&admission)
}

#[test]
fn a_gateway_judges_by_access_about_itself() {
    let mut snapshot = edge();
    let open = "Access shop/edge all";
    assert_eq!(enter(&snapshot, "web", "shop.example"), open);
    // What opens a service of the same namespace says nothing about the gateway.
    snapshot.access = vec![access("reviews", vec![reads()], vec![])];
    assert_eq!(enter(&snapshot, "web", "shop.example"), DEFAULT);
    let mut only_plain = edge_access("plain", vec![entry("all", Who::Anyone, vec![])], vec![]);
    only_plain.target.ports = vec![name("plain")];
    snapshot.access = vec![only_plain];
    assert_eq!(enter(&snapshot, "web", "shop.example"), DEFAULT);
    assert_eq!(
        enter(&snapshot, "plain", "shop.example"),
        "Access shop/plain all"
    );
}

#[test]
fn a_host_of_another_listener_is_not_served_on_this_one() {
    let snapshot = edge();
    let elsewhere = "421 no-route Gateway shop/edge";
    assert_eq!(enter(&snapshot, "web", "api.shop.example"), elsewhere);
    assert_eq!(enter(&snapshot, "api", "shop.example"), elsewhere);
    assert_eq!(
        enter(&snapshot, "api", "api.shop.example"),
        "Access shop/edge all"
    );
    let unknown = "404 no-route Gateway shop/edge";
    assert_eq!(enter(&snapshot, "plain", "other.example"), unknown);
}

#[test]
fn the_listener_is_that_of_the_closest_host() {
    let tables = tables(&edge());
    let found = |port, host: &str| {
        let at = find_listener(&tables, port, Some(host.as_bytes()))?;
        let (gateway, port) = tables.inbound_target(at);
        Some(tables.port(gateway, port).name.to_string())
    };
    assert_eq!(found(443, "api.shop.example").as_deref(), Some("api"));
    assert_eq!(found(443, "API.shop.example.").as_deref(), Some("api"));
    assert_eq!(found(443, "www.shop.example").as_deref(), Some("web"));
    assert_eq!(found(80, "api.shop.example").as_deref(), Some("plain"));
    assert_eq!(found(443, "other.example"), None);
    assert_eq!(found(444, "shop.example"), None);
    assert_eq!(find_listener(&tables, 443, None), None);
}

#[test]
fn the_client_is_what_the_farthest_trusted_proxy_wrote() {
    let peer: IpAddr = "10.0.0.9".parse().unwrap();
    let client = |trusted: ClientAddress, lines: &[&str]| {
        let mut snapshot = edge();
        snapshot.gateways[0].client_address = trusted;
        let tables = tables(&snapshot);
        let at = at(&tables, &object("edge"), "web");
        let more: Vec<_> = lines.iter().map(|it| ("x-forwarded-for", *it)).collect();
        let found = client_address(&tables, at, peer, &fields("shop.example", &more));
        found.map(|it| it.to_string())
    };
    let lines = ["1.1.1.1, 2.2.2.2", "3.3.3.3"];
    let is = |text: &str| Some(text.to_owned());
    assert_eq!(client(ClientAddress::Peer, &lines), is("10.0.0.9"));
    assert_eq!(
        client(ClientAddress::ForwardedFor(1), &lines),
        is("3.3.3.3")
    );
    assert_eq!(
        client(ClientAddress::ForwardedFor(2), &lines),
        is("2.2.2.2")
    );
    assert_eq!(
        client(ClientAddress::ForwardedFor(9), &lines),
        is("10.0.0.9")
    );
    assert_eq!(client(ClientAddress::ForwardedFor(1), &["unknown"]), None);
    assert_eq!(client(ClientAddress::ForwardedFor(0), &lines), None);
    let six = ["[2001:db8::1]"];
    assert_eq!(
        client(ClientAddress::ForwardedFor(1), &six),
        is("2001:db8::1")
    );
}
