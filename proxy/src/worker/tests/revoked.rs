//! Access that is taken away ends what runs by it, and nothing else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mesh_ir::{AccessRule, NamedValue, RuleId, Snapshot, Timestamp, ValueMatch};

use super::fixture::*;
use super::http_2::Client;
use super::intents::*;

/// An application whose answers never end, and how many were broken off.
fn streaming() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let broken = Arc::new(AtomicUsize::new(0));
    let counted = broken.clone();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let counted = counted.clone();
            std::thread::spawn(move || {
                read_message(&mut stream).unwrap();
                let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                stream.write_all(head).unwrap();
                while stream.write_all(b"3\r\nabc\r\n").is_ok() {
                    std::thread::park_timeout(Duration::from_millis(2));
                }
                counted.fetch_add(1, Ordering::SeqCst);
            });
        }
    });
    (address, broken)
}

fn ask(address: SocketAddr, method: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(WAIT)).unwrap();
    write!(stream, "{method} / HTTP/1.1\r\nhost: api.shop\r\n\r\n").unwrap();
    stream
}

/// More than was on its way already.
fn flows(stream: &mut TcpStream) {
    stream.read_exact(&mut [0; 800]).unwrap();
}

fn ends(mut stream: TcpStream) {
    let mut rest = vec![];
    if let Err(error) = stream.read_to_end(&mut rest) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
}

fn only(method: &str) -> Snapshot {
    let mut snapshot = snapshot();
    snapshot.access[0].allow[0].matches[0].methods = vec![method.to_owned()];
    snapshot
}

#[test]
fn a_stream_goes_on_while_it_is_permitted_and_ends_when_it_is_not() {
    let (app, broken) = streaming();
    let fixture = Fixture::start(snapshot(), app);
    let mut get = ask(fixture.outbound, "GET");
    let mut post = ask(fixture.outbound, "POST");
    flows(&mut get);
    flows(&mut post);
    let mut other = snapshot();
    other.access[0].allow[0].id = RuleId("by-another-rule".into());
    other.access.remove(1);
    fixture.activate(&other);
    flows(&mut get);
    flows(&mut post);
    assert_eq!(broken.load(Ordering::SeqCst), 0);
    fixture.activate(&only("POST"));
    ends(get);
    flows(&mut post);
    let lines = fixture.lines("inbound", 1);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["reason"], "revoked");
    assert_eq!(
        (&lines[0]["method"], &lines[0]["status"]),
        (&"GET".into(), &200.into())
    );
    wait_for(|| (broken.load(Ordering::SeqCst) == 1).then_some(()));
    flows(&mut post);
}

#[test]
fn a_request_that_waits_for_its_answer_is_answered_403() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let (app, _) = application(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::thread::park_timeout(WAIT * 3);
        ok("late")
    });
    let fixture = Fixture::start(snapshot(), app);
    let mut get = ask(fixture.outbound, "GET");
    wait_for(|| (asked.load(Ordering::SeqCst) == 1).then_some(()));
    fixture.activate(&only("POST"));
    let answer = read_message(&mut get).unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.field("x-mesh-reason"), Some("revoked"));
    assert_eq!(fixture.lines("inbound", 1)[0]["reason"], "revoked");
}

/// The socket of the client holds nothing up but its own answer.
#[test]
fn a_client_that_does_not_read_loses_its_download_too() {
    let (app, _) = application(|_| ok(&"x".repeat(30_000_000)));
    let fixture = Fixture::start(snapshot(), app);
    let mut get = ask(fixture.outbound, "GET");
    get.read_exact(&mut [0; 20]).unwrap();
    fixture.activate(&only("POST"));
    assert_eq!(fixture.lines("inbound", 1)[0]["reason"], "revoked");
    ends(get);
}

#[test]
fn a_websocket_ends_when_its_handshake_is_not_allowed_any_more() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let app = listener.local_addr().unwrap();
    let application = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_message(&mut stream).unwrap();
        let switch = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\
                      upgrade: websocket\r\n\r\nhello";
        stream.write_all(switch.as_bytes()).unwrap();
        stream.read(&mut [0; 8]).unwrap_or(0)
    });
    let fixture = Fixture::start(snapshot(), app);
    let mut stream = TcpStream::connect(fixture.outbound).unwrap();
    let answer = exchange(
        &mut stream,
        "GET /ws HTTP/1.1\r\nhost: api.shop\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n",
    );
    assert_eq!(answer.status(), 101);
    stream.read_exact(&mut [0; 5]).unwrap();
    fixture.activate(&only("POST"));
    assert_eq!(stream.read(&mut [0; 8]).unwrap_or(0), 0);
    assert_eq!(application.join().unwrap(), 0);
    let line = &fixture.lines("inbound", 1)[0];
    assert_eq!(
        (&line["reason"], &line["sent"]),
        (&"revoked".into(), &5.into())
    );
}

#[test]
fn an_exchange_with_a_service_that_left_the_view_ends() {
    let (app, _) = streaming();
    let fixture = Fixture::start(snapshot(), app);
    let mut get = ask(fixture.outbound, "GET");
    flows(&mut get);
    let mut alone = snapshot();
    alone.role.calls = [].into();
    fixture.activate(&alone);
    ends(get);
    assert_eq!(fixture.lines("outbound", 1)[0]["reason"], "revoked");
}

/// Only the streams of one connection that are refused end; what is asked is the
/// head that was judged, fields and all.
#[test]
fn a_stream_of_http_2_ends_alone() {
    let (app, _) = streaming();
    let fixture = Fixture::start(snapshot(), app);
    let mut no_red = snapshot();
    let mut red = no_red.access[0].allow[0].matches[0].clone();
    red.headers = vec![NamedValue {
        name: "x-team".to_owned(),
        value: ValueMatch::Exact("red".to_owned()),
    }];
    let deny = AccessRule {
        id: RuleId("red".into()),
        matches: vec![red],
        ..no_red.access[0].allow[0].clone()
    };
    no_red.access[0].deny = vec![deny];
    let client = Client::connect(fixture.outbound);
    let mut red = client.stream(&[("x-team", "red")]);
    let mut blue = client.stream(&[("x-team", "blue")]);
    client.read(&mut red, 300).unwrap();
    client.read(&mut blue, 300).unwrap();
    fixture.activate(&no_red);
    assert!(client.read(&mut red, usize::MAX).is_none());
    client.read(&mut blue, 900).unwrap();
    assert_eq!(fixture.lines("inbound", 1)[0]["reason"], "revoked");
}

#[test]
fn an_exception_that_ends_by_the_clock_ends_what_runs_by_it() {
    let (app, _) = streaming();
    let mut until = snapshot();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let soon = Timestamp(i64::try_from(now.as_secs()).unwrap() + 3);
    let mut lasting = until.access[0].allow[0].clone();
    lasting.matches[0].methods = vec!["POST".to_owned()];
    until.access[0].allow[0].expires = Some(soon);
    until.access[0].allow.push(lasting);
    until.access[1].allow[0].expires = Some(soon);
    let fixture = Fixture::start(until, app);
    let mut get = ask(fixture.outbound, "GET");
    let mut post = ask(fixture.outbound, "POST");
    let mut bytes = ask(fixture.tcp, "GET");
    flows(&mut get);
    flows(&mut bytes);
    ends(get);
    ends(bytes);
    flows(&mut post);
    let lines = fixture.lines("inbound", 2);
    assert!(
        lines.iter().all(|line| line["reason"] == "revoked"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 2);
}
