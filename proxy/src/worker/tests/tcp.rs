use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};

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
