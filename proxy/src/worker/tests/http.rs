use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::fixture::*;
use super::intents::*;

const GET: &str = "GET /x?q=1 HTTP/1.1\r\nhost: api.shop\r\n\r\n";

#[test]
fn a_request_goes_through_both_proxies_and_shows_its_caller() {
    let (app, _) = echo();
    let fixture = Fixture::start(snapshot(), app);
    let answer = fixture.ask(GET);
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert!(
        answer.body.starts_with("GET /x?q=1 HTTP/1.1\r\n"),
        "{answer:?}"
    );
    let seen = Answer {
        head: answer.body.clone(),
        body: String::new(),
    };
    assert_eq!(seen.field("host"), Some("api.shop"));
    let expected = format!("By={};URI={}", id(), id());
    assert_eq!(
        seen.field("x-forwarded-client-cert"),
        Some(expected.as_str())
    );
    let request_id = seen.field("x-request-id").unwrap().to_owned();
    for direction in ["outbound", "inbound"] {
        let line = &fixture.lines(direction, 1)[0];
        assert_eq!(line["request_id"], request_id.as_str());
        assert_eq!(
            (&line["status"], &line["path"]),
            (&200.into(), &"/x?q=1".into())
        );
        assert_eq!(line["service"], "api.shop");
        assert_eq!(line["peer"], id().to_string());
        assert_eq!(line["commit"], "c0ffee");
    }
    let inbound = &fixture.lines("inbound", 1)[0];
    assert_eq!(inbound["rule"], "Access/shop/http/everybody");
    assert_eq!(inbound["origin"], "api.yaml:11");
}

#[test]
fn what_concerns_one_hop_and_forged_identity_stay_behind() {
    let (app, _) = echo();
    let fixture = Fixture::start(snapshot(), app);
    let answer = fixture.ask(
        "GET / HTTP/1.1\r\nhost: api.shop\r\nconnection: x-hop\r\nx-hop: 1\r\nkeep-alive: 5\r\n\
         x-forwarded-client-cert: URI=spiffe://shop.example/ns/shop/sa/admin\r\nx-mesh-peer: me\r\n\
         x-request-id: mine\r\n\r\n",
    );
    let seen = Answer {
        head: answer.body,
        body: String::new(),
    };
    for gone in ["x-hop", "keep-alive", "x-mesh-peer"] {
        assert_eq!(seen.field(gone), None, "{gone}");
    }
    assert!(!seen.head.contains("admin"));
    assert_eq!(seen.field("x-request-id"), Some("mine"));
}

#[test]
fn connections_are_used_again_in_every_hop() {
    let (app, accepted) = echo();
    let fixture = Fixture::start(snapshot(), app);
    let mut stream = TcpStream::connect(fixture.outbound).unwrap();
    for _ in 0..5 {
        assert_eq!(exchange(&mut stream, GET).status(), 200);
    }
    assert_eq!(fixture.ask(GET).status(), 200);
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
}

#[test]
fn a_connection_whose_response_was_not_read_is_not_used_again() {
    // More than the buffers of all sockets on the way hold.
    const SIZE: usize = 30_000_000;
    let (app, accepted) = application(|_| ok(&"x".repeat(SIZE)));
    let fixture = Fixture::start(snapshot(), app);
    let mut stream = TcpStream::connect(fixture.outbound).unwrap();
    stream.write_all(GET.as_bytes()).unwrap();
    stream.read_exact(&mut [0; 20]).unwrap();
    drop(stream);
    let line = &fixture.lines("outbound", 1)[0];
    assert_eq!(line["reason"], "client-gone");
    assert_eq!(fixture.ask(GET).body.len(), SIZE);
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
}

#[test]
fn a_method_that_no_rule_allows_is_refused_by_the_callee() {
    let (app, accepted) = echo();
    let fixture = Fixture::start(snapshot(), app);
    let answer = fixture.ask("DELETE / HTTP/1.1\r\nhost: api.shop\r\n\r\n");
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.field("x-mesh-reason"), Some("access"));
    assert_eq!(accepted.load(Ordering::SeqCst), 0);
    let line = &fixture.lines("inbound", 1)[0];
    assert_eq!(
        (&line["reason"], &line["status"]),
        (&"access".into(), &403.into())
    );
    let metrics = fixture.metrics();
    let counted = metrics.lines().any(|line| {
        line.starts_with("istio_requests_total{reporter=\"destination\"")
            && line.contains("response_code=\"403\"")
            && line.ends_with("} 1")
    });
    assert!(counted, "{metrics}");
}

#[test]
fn a_host_out_of_view_is_refused_by_the_callers_own_proxy() {
    let (app, _) = echo();
    let fixture = Fixture::start(snapshot(), app);
    let answer = fixture.ask("GET / HTTP/1.1\r\nhost: elsewhere\r\n\r\n");
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.field("x-mesh-reason"), Some("not-visible"));
    assert_eq!(fixture.lines("outbound", 1)[0]["origin"], "api.yaml:3");
}

#[test]
fn ambiguous_heads_are_400_before_anything_else() {
    let (app, accepted) = echo();
    let fixture = Fixture::start(snapshot(), app);
    for fields in [
        "host: api.shop\r\nhost: api.shop\r\n",
        "host: api.shop\r\nupgrade: h2c\r\nconnection: upgrade\r\n",
        "host: api.shop\r\nconnection: host\r\n",
        "host: api.shop\r\ncontent-length: 1\r\ncontent-length: 2\r\n",
        "host: api.shop\r\ntransfer-encoding: gzip\r\n",
    ] {
        let answer = fixture.ask(&format!("GET / HTTP/1.1\r\n{fields}\r\n"));
        assert_eq!(answer.status(), 400, "{fields:?} {answer:?}");
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 0);
}

#[test]
fn over_the_limit_is_429_with_when_and_how_much() {
    let (app, _) = echo();
    let mut few = snapshot();
    few.limits.push(limit(2));
    let fixture = Fixture::start(few, app);
    let first = fixture.ask(GET);
    assert_eq!(first.field("ratelimit-policy"), Some("\"few\";q=2;w=60"));
    assert!(
        first
            .field("ratelimit")
            .unwrap()
            .starts_with("\"few\";r=1;t=")
    );
    assert_eq!(fixture.ask(GET).status(), 200);
    let third = fixture.ask(GET);
    assert_eq!(third.status(), 429);
    assert_eq!(third.field("x-mesh-reason"), Some("rate-limit"));
    let after: u64 = third.field("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&after), "{after}");
    assert!(
        third
            .field("ratelimit")
            .unwrap()
            .starts_with("\"few\";r=0;t=")
    );
}

#[test]
fn no_answer_in_time_is_504() {
    let (app, _) = application(|_| {
        std::thread::park_timeout(Duration::from_secs(30));
        ok("late")
    });
    let mut short = snapshot();
    short.services[0].timeout = Some(Duration::from_millis(200));
    let fixture = Fixture::start(short, app);
    let answer = fixture.ask(GET);
    assert_eq!(answer.status(), 504);
    assert_eq!(answer.field("x-mesh-reason"), Some("timeout"));
}

#[test]
fn a_drain_lets_a_running_request_finish() {
    let (app, _) = application(|_| {
        std::thread::park_timeout(Duration::from_millis(300));
        ok("done")
    });
    let fixture = Fixture::start(snapshot(), app);
    let mut stream = TcpStream::connect(fixture.outbound).unwrap();
    stream.write_all(GET.as_bytes()).unwrap();
    // Whichever comes first, the request or the drain, the answer is whole.
    std::thread::park_timeout(Duration::from_millis(100));
    fixture.drain(Duration::from_secs(5));
    let answer = read_message(&mut stream).unwrap();
    assert_eq!((answer.status(), answer.body.as_str()), (200, "done"));
    assert_eq!(answer.field("connection"), Some("close"));
}

#[test]
fn a_websocket_passes_and_carries_bytes_both_ways() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let app = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let asked = read_message(&mut stream).unwrap();
        assert_eq!(asked.field("upgrade"), Some("websocket"));
        stream
            .write_all(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
            .unwrap();
        let mut frame = [0; 4];
        stream.read_exact(&mut frame).unwrap();
        assert_eq!(&frame, b"ping");
        stream.write_all(b"pong").unwrap();
    });
    let fixture = Fixture::start(snapshot(), app);
    let mut stream = TcpStream::connect(fixture.outbound).unwrap();
    let answer = exchange(
        &mut stream,
        "GET /ws HTTP/1.1\r\nhost: api.shop\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n",
    );
    assert_eq!(answer.status(), 101, "{answer:?}");
    stream.write_all(b"ping").unwrap();
    let mut frame = [0; 4];
    stream.read_exact(&mut frame).unwrap();
    assert_eq!(&frame, b"pong");
}

#[test]
fn a_bundle_swap_under_load_fails_no_request() {
    let (app, _) = echo();
    let fixture = Fixture::start(snapshot(), app);
    let outbound = fixture.outbound;
    let asking = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(outbound).unwrap();
        let ask = |n: u32| {
            if n.is_multiple_of(10) {
                stream = TcpStream::connect(outbound).unwrap();
            }
            exchange(&mut stream, GET).status()
        };
        (0..300).map(ask).filter(|status| *status != 200).count()
    });
    while !asking.is_finished() {
        fixture.activate(&fixture.snapshot);
    }
    assert_eq!(asking.join().unwrap(), 0);
}

#[test]
fn a_body_without_a_length_goes_through_in_both_directions() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let app = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let asked = read_message(&mut stream).unwrap();
        assert_eq!(asked.field("transfer-encoding"), Some("chunked"));
        let mut body = vec![];
        while !body.ends_with(b"0\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            body.push(byte[0]);
        }
        assert_eq!(body, b"3\r\nabc\r\n0\r\n\r\n");
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n")
            .unwrap();
    });
    let fixture = Fixture::start(snapshot(), app);
    let mut stream = TcpStream::connect(fixture.outbound).unwrap();
    let answer = exchange(
        &mut stream,
        "POST / HTTP/1.1\r\nhost: api.shop\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    );
    assert_eq!(answer.status(), 200);
    let mut body = [0; 12];
    stream.read_exact(&mut body).unwrap();
    assert_eq!(&body, b"2\r\nde\r\n0\r\n\r\n");
    let line = &fixture.lines("outbound", 1)[0];
    assert_eq!((&line["received"], &line["sent"]), (&3.into(), &2.into()));
}
