use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::Duration;

use mesh_ir::{OutlierDetection, Percent, ServiceLimits};

use super::fixture::*;
use super::intents::*;

const GET: &str = "GET / HTTP/1.1\r\nhost: api.shop\r\n\r\n";

/// Whether requests are answered yet.
type Door = Arc<(Mutex<bool>, Condvar)>;

/// A service with `limits` whose application answers nothing until the door is open.
fn held(limits: ServiceLimits) -> (Fixture, Door, mpsc::Receiver<()>) {
    let door = Door::default();
    let (arrives, arrived) = mpsc::channel();
    let behind = door.clone();
    let (app, _) = application(move |_| {
        arrives.send(()).unwrap();
        let (open, opened) = &*behind;
        let open = open.lock().unwrap();
        drop(opened.wait_while(open, |open| !*open).unwrap());
        ok("answered")
    });
    let mut snapshot = snapshot();
    snapshot.services[0].limits = limits;
    (Fixture::start(snapshot, app), door, arrived)
}

fn open(door: &Door) {
    *door.0.lock().unwrap() = true;
    door.1.notify_all();
}

fn ask_later(fixture: &Fixture) -> std::thread::JoinHandle<Answer> {
    let outbound = fixture.outbound;
    std::thread::spawn(move || exchange(&mut TcpStream::connect(outbound).unwrap(), GET))
}

#[test]
fn a_request_above_the_limit_is_refused_and_reaches_nobody() {
    let (fixture, door, arrived) = held(ServiceLimits {
        requests: Some(1),
        ..ServiceLimits::default()
    });
    let first = ask_later(&fixture);
    arrived.recv_timeout(WAIT).unwrap();
    let refused = fixture.ask(GET);
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.field("x-mesh-reason"), Some("overload"));
    open(&door);
    assert_eq!(first.join().unwrap().status(), 200);
    assert_eq!(fixture.ask(GET).status(), 200, "there is room again");
    let lines = fixture.lines("inbound", 3);
    assert!(lines.iter().any(|line| line["reason"] == "overload"));
}

#[test]
fn so_many_may_wait_for_their_turn() {
    let (fixture, door, arrived) = held(ServiceLimits {
        connections: Some(1),
        pending: Some(1),
        requests: None,
    });
    let first = ask_later(&fixture);
    arrived.recv_timeout(WAIT).unwrap();
    let others = [ask_later(&fixture), ask_later(&fixture)];
    // One of them is refused at once, the other waits behind the first.
    let lines = fixture.lines("inbound", 1);
    assert_eq!(lines[0]["reason"], "overload");
    open(&door);
    assert_eq!(first.join().unwrap().status(), 200);
    let mut statuses = others.map(|other| other.join().unwrap().status());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503]);
}

#[test]
fn who_goes_away_while_waiting_leaves_its_place() {
    let (fixture, door, arrived) = held(ServiceLimits {
        requests: Some(1),
        pending: Some(1),
        connections: None,
    });
    let first = ask_later(&fixture);
    arrived.recv_timeout(WAIT).unwrap();
    let mut waits = TcpStream::connect(fixture.outbound).unwrap();
    waits.write_all(GET.as_bytes()).unwrap();
    // A second one is refused as soon as the first of them waits.
    wait_for(|| {
        let status = ask_now_or_give_up(&fixture)?;
        (status == 503).then_some(())
    });
    open(&door);
    assert_eq!(first.join().unwrap().status(), 200);
    assert_eq!(read_message(&mut waits).unwrap().status(), 200);
}

/// The status of an answer that comes at once; `None` for a request that waits.
fn ask_now_or_give_up(fixture: &Fixture) -> Option<u16> {
    let mut stream = TcpStream::connect(fixture.outbound).unwrap();
    stream.write_all(GET.as_bytes()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    read_message(&mut stream).map(|answer| answer.status())
}

#[test]
fn a_connection_above_the_limit_is_closed() {
    let (app, _) = application(|_| ok(""));
    let mut snapshot = snapshot();
    snapshot.services[0].limits.connections = Some(1);
    let fixture = Fixture::start(snapshot, app);
    let mut first = TcpStream::connect(fixture.tcp).unwrap();
    assert_eq!(exchange(&mut first, "GET / HTTP/1.1\r\n\r\n").status(), 200);
    let mut second = TcpStream::connect(fixture.tcp).unwrap();
    second.set_read_timeout(Some(WAIT)).unwrap();
    assert_eq!(second.read(&mut [0]).unwrap_or(0), 0, "closed");
    let lines = fixture.lines("inbound", 1);
    assert_eq!(lines[0]["reason"], "overload");
    assert_eq!(exchange(&mut first, "GET / HTTP/1.1\r\n\r\n").status(), 200);
}

/// How many requests each of two endpoints got of `count`, the first of which always
/// answers `status`.
fn shared_by(policy: Option<OutlierDetection>, status: &'static str, count: usize) -> [usize; 2] {
    let (app, _) = application(|_| ok(""));
    let mut snapshot = snapshot();
    snapshot.services[0].outlier = policy;
    let mut fixture = Fixture::start(snapshot, app);
    let got: Arc<[AtomicUsize; 2]> = Arc::default();
    let peer = |at: usize, answer: String| {
        let got = got.clone();
        fixture.peer(move |_| {
            got[at].fetch_add(1, Ordering::SeqCst);
            answer.clone()
        })
    };
    let bad = peer(
        0,
        format!("HTTP/1.1 {status} Bad\r\ncontent-length: 0\r\n\r\n"),
    );
    let good = peer(1, ok("good"));
    let both = vec![endpoint(bad, "v1"), endpoint(good, "v1")];
    fixture.know(endpoints(service(), both));
    for _ in 0..count {
        fixture.ask(GET);
    }
    [0, 1].map(|at| got[at].load(Ordering::SeqCst))
}

fn outlier() -> OutlierDetection {
    OutlierDetection {
        consecutive_5xx: Some(3),
        gateway_errors: None,
        local_errors: None,
        success_rate: None,
        interval: Duration::from_mins(10),
        base_ejection: Duration::from_hours(1),
        max_ejected: Percent(50_000),
    }
}

#[test]
fn an_endpoint_that_answers_badly_is_left_out() {
    assert_eq!(shared_by(Some(outlier()), "500", 20), [3, 17]);
}

#[test]
fn an_endpoint_stays_where_no_intent_leaves_it_out() {
    assert_eq!(shared_by(None, "500", 20), [10, 10]);
    assert_eq!(shared_by(Some(outlier()), "404", 20), [10, 10]);
    let none = OutlierDetection {
        max_ejected: Percent(49_000),
        ..outlier()
    };
    assert_eq!(shared_by(Some(none), "500", 20), [10, 10]);
}
