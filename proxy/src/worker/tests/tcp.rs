use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use mesh_ir::{BackendTarget, HostPattern, Protocol, Snapshot};

use super::fixture::*;
use super::intents::*;

/// An application that answers once the client has ended its side.
fn patient() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            std::thread::spawn(move || {
                let mut asked = String::new();
                stream.read_to_string(&mut asked).unwrap();
                write!(stream, "heard {asked}").unwrap();
            });
        }
    });
    address
}

#[test]
fn the_end_of_one_direction_is_passed_on_and_the_other_goes_on() {
    let fixture = Fixture::start(snapshot(), patient());
    let mut stream = TcpStream::connect(fixture.tcp).unwrap();
    stream.set_read_timeout(Some(WAIT)).unwrap();
    stream.write_all(b"a question").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "heard a question");
    let line = &fixture.lines("inbound", 1)[0];
    assert_eq!((&line["received"], &line["sent"]), (&10.into(), &16.into()));
    assert_eq!(line["rule"], "Access/shop/tcp/everybody");
    assert_eq!(line["reason"], serde_json::Value::Null);
}

#[test]
fn a_connection_that_is_not_allowed_ends_before_the_application_hears_of_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut closed = snapshot();
    closed.access.pop();
    let fixture = Fixture::start(closed, listener.local_addr().unwrap());
    let mut stream = TcpStream::connect(fixture.tcp).unwrap();
    stream.set_read_timeout(Some(WAIT)).unwrap();
    assert_eq!(stream.read(&mut [0; 8]).unwrap_or(0), 0);
    assert_eq!(fixture.lines("inbound", 1)[0]["reason"], "access");
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err());
}

#[test]
fn a_bundle_ends_exactly_what_it_no_longer_permits() {
    let fixture = Fixture::start(snapshot(), patient());
    let mut stream = TcpStream::connect(fixture.tcp).unwrap();
    stream.set_read_timeout(Some(WAIT)).unwrap();
    stream.write_all(b"x").unwrap();
    wait_for(|| {
        let metrics = fixture.metrics();
        metrics
            .lines()
            .any(|line| {
                line.starts_with("istio_tcp_connections_opened_total{reporter=\"destination\"")
            })
            .then_some(())
    });
    let mut same = fixture.snapshot.clone();
    same.access[0].allow.clear();
    fixture.activate(&same);
    stream.write_all(b"y").unwrap();
    let mut closed = same;
    closed.access.remove(1);
    fixture.activate(&closed);
    assert_eq!(stream.read(&mut [0; 8]).unwrap_or(0), 0);
    let line = &fixture.lines("inbound", 1)[0];
    assert_eq!(line["reason"], "revoked");
}

/// What a TLS client says first when it asks for a name.
fn greeting(server_name: &'static str) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from(server_name).unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut bytes = vec![];
    client.write_tls(&mut bytes).unwrap();
    bytes
}

/// What an application gets and answers of a connection to the port that is `tls` now.
fn through_tls(snapshot: Snapshot, sent: &[u8]) -> (Vec<u8>, Fixture) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let app = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut got = vec![0; 16 * 1024];
            let read = stream.read(&mut got).unwrap();
            stream.write_all(&got[..read]).unwrap();
        }
    });
    let fixture = Fixture::start(snapshot, app);
    let mut client = TcpStream::connect(fixture.tcp).unwrap();
    client.set_read_timeout(Some(WAIT)).unwrap();
    client.write_all(sent).unwrap();
    let mut got = vec![];
    client.read_to_end(&mut got).ok();
    (got, fixture)
}

/// The port `tcp` speaks TLS, and everybody may ask for `db.shop` there.
fn open_for_one_name() -> Snapshot {
    let mut snapshot = snapshot();
    let ports = &mut snapshot.services[0].ports;
    let port = ports.iter_mut().find(|port| port.name == name("tcp"));
    port.unwrap().protocol = Protocol::Tls;
    let access = snapshot
        .access
        .iter_mut()
        .find(|it| it.id.name == name("tcp"));
    access.unwrap().target.hosts = vec![HostPattern::parse("db.shop").unwrap()];
    snapshot
}

#[test]
fn tls_is_passed_through_for_the_server_name_that_is_allowed() {
    let sent = greeting("db.shop");
    let (got, fixture) = through_tls(open_for_one_name(), &sent);
    assert!(got == sent, "not a byte is changed");
    assert_eq!(fixture.lines("inbound", 1)[0]["received"], sent.len());
}

#[test]
fn another_server_name_and_no_tls_reach_no_application() {
    for sent in [greeting("other.shop"), b"no greeting at all\r\n".to_vec()] {
        let (got, fixture) = through_tls(open_for_one_name(), &sent);
        assert!(got.is_empty(), "{got:?}");
        assert_eq!(fixture.lines("inbound", 1)[0]["reason"], "access");
    }
}

#[test]
fn a_connection_falls_back_when_what_was_drawn_cannot_take_it() {
    let mut snapshot = with_versions();
    let mut to_v2 = forward(BackendTarget::Version(name("v2")));
    to_v2.fallback = vec![backend(BackendTarget::Version(name("v1")))];
    add_route(&mut snapshot, to_v2);
    snapshot.routes[0].target.ports = vec![name("tcp")];
    let (app, _) = application(|_| ok("v1"));
    let mut fixture = Fixture::start(snapshot, app);
    let ask = |fixture: &Fixture| {
        let mut stream = TcpStream::connect(fixture.tcp).unwrap();
        exchange(&mut stream, "GET / HTTP/1.1\r\n\r\n").body
    };
    assert_eq!(ask(&fixture), "v1", "nobody is v2");
    fixture.also_gone("tcp", "v2");
    assert_eq!(ask(&fixture), "v1", "v2 cannot be reached");
}
