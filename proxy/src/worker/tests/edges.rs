//! What callers and clients may do that is not a request, or claims too much.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use mesh_ir::Key;

use mesh_ir::{
    Authorizer, AuthorizerProtocol, ExternalService, HostPattern, LoadBalancing, OnFailure, RuleId,
    Scope, ServiceRef,
};

use super::fixture::*;
use super::intents::*;

const GET: &str = "GET / HTTP/1.1\r\nhost: api.shop\r\n\r\n";

/// The caller's proxy closes its connection when it gives up: the application is
/// told, and the line says that nobody waited any more.
#[test]
fn a_caller_that_is_gone_before_the_answer_gives_its_request_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let app = listener.local_addr().unwrap();
    let told = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_message(&mut stream).unwrap();
        stream.read(&mut [0; 8]).unwrap_or(0)
    });
    let mut short = snapshot();
    short.services[0].timeout = Some(Duration::from_millis(200));
    let fixture = Fixture::start(short, app);
    assert_eq!(fixture.ask(GET).status(), 504);
    let line = &fixture.lines("inbound", 1)[0];
    assert_eq!(
        (&line["reason"], &line["status"]),
        (&"client-gone".into(), &0.into())
    );
    assert_eq!(told.join().unwrap(), 0);
}

#[test]
fn an_application_may_end_its_direction_behind_a_request() {
    let (app, _) = application(|_| {
        std::thread::park_timeout(Duration::from_millis(100));
        ok("done")
    });
    let fixture = Fixture::start(snapshot(), app);
    let mut stream = TcpStream::connect(fixture.outbound).unwrap();
    stream.set_read_timeout(Some(WAIT)).unwrap();
    stream.write_all(GET.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_message(&mut stream).unwrap().body, "done");
}

#[test]
fn what_a_client_says_of_its_address_is_passed_on_and_decides_nothing() {
    let (app, _) = echo();
    let mut one = snapshot();
    let mut limit = limit(1);
    limit.limits[0].per = vec![Key::Address];
    one.limits.push(limit);
    let fixture = Fixture::start(one, app);
    let ask = |address: &str| {
        fixture.ask(&format!(
            "GET / HTTP/1.1\r\nhost: api.shop\r\nx-forwarded-for: {address}\r\n\
             forwarded: for={address}\r\n\r\n"
        ))
    };
    let first = ask("192.0.2.1");
    assert!(
        first.body.contains("x-forwarded-for: 192.0.2.1\r\n"),
        "{first:?}"
    );
    assert!(
        first.body.contains("forwarded: for=192.0.2.1\r\n"),
        "{first:?}"
    );
    assert_eq!(ask("192.0.2.2").status(), 429);
}

#[test]
fn failed_handshakes_are_counted_by_what_went_wrong() {
    let (app, _) = echo();
    let fixture = Fixture::start(snapshot(), app);
    let mut plain = TcpStream::connect(fixture.inbound("http")).unwrap();
    plain.write_all(GET.as_bytes()).unwrap();
    drop(TcpStream::connect(fixture.inbound("http")).unwrap());
    for reason in ["not-tls", "closed"] {
        let line = format!("meshwright_tls_handshake_failures_total{{reason=\"{reason}\"}} 1\n");
        wait_for(|| fixture.metrics().contains(&line).then_some(()));
    }
}

#[test]
fn a_question_that_this_proxy_cannot_ask_lets_nothing_through() {
    let (app, connections) = echo();
    let mut snapshot = snapshot();
    snapshot.access[0].authorizer = Some(Authorizer {
        id: RuleId("authorizer".into()),
        origin: origin(40),
        service: service(),
        port: name("http"),
        protocol: AuthorizerProtocol::Grpc,
        timeout: Duration::from_secs(1),
        on_failure: OnFailure::Allow,
        matches: vec![],
    });
    let fixture = Fixture::start(snapshot, app);
    let answer = fixture.ask("GET / HTTP/1.1\r\nhost: api.shop\r\n\r\n");
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.field("x-mesh-reason"), Some("authorizer"));
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[test]
fn a_call_that_would_leave_the_mesh_does_not_leave() {
    let (app, connections) = echo();
    let mut snapshot = snapshot();
    let api = &snapshot.services[0];
    let outside = ServiceRef {
        name: name("outside"),
        ..service()
    };
    let external = ExternalService {
        id: outside.clone(),
        origin: origin(41),
        hosts: vec![HostPattern::parse("api.outside.example").unwrap()],
        endpoints: vec![],
        addresses: vec![],
        ports: vec![api.ports[1].clone()],
        tls: None,
        via: None,
        load_balancing: LoadBalancing::RoundRobin.into(),
        connect_timeout: api.connect_timeout,
        timeout: None,
        stream_idle_timeout: None,
        idle_timeout: None,
        retries: retries(0, vec![]),
    };
    let mut access = snapshot.access[0].clone();
    access.id.name = name("outside");
    access.target.scope = Scope::External(outside.clone());
    access.target.ports = vec![];
    snapshot.access.push(access);
    snapshot.role.externals = [outside].into();
    snapshot.externals = vec![external];
    let fixture = Fixture::start(snapshot, app);
    let answer = fixture.ask("GET / HTTP/1.1\r\nhost: api.outside.example\r\n\r\n");
    assert_eq!(answer.status(), 403);
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 0);
}
