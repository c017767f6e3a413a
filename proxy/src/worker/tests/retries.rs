use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mesh_ir::RetryOn;
use rustls::{ServerConnection, StreamOwned};

use super::fixture::*;
use super::intents::*;
use crate::tls::Alpn;

/// A peer proxy whose first connections are broken off after the request was
/// read; later ones answer. Started before the worker whose authority it uses.
struct Peer {
    address: SocketAddr,
    listener: TcpListener,
}

impl Peer {
    fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            listener,
        }
    }

    fn run(self, fixture: &Fixture, broken: usize) -> Arc<AtomicUsize> {
        let config = fixture
            .authority
            .identity(&id())
            .unwrap()
            .server(Alpn::Http);
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = requests.clone();
        std::thread::spawn(move || {
            while let Ok((stream, _)) = self.listener.accept() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                let mut stream = StreamOwned::new(connection, stream);
                while read_message(&mut stream).is_some() {
                    if counted.fetch_add(1, Ordering::SeqCst) < broken {
                        break;
                    }
                    stream.write_all(ok("answered").as_bytes()).unwrap();
                }
            }
        });
        requests
    }
}

/// The status that a request gets whose first attempts are broken off, and how
/// many requests the peer read.
fn outcome(method: &str, attempts: u32, on: Vec<RetryOn>, broken: usize) -> (u16, usize) {
    let peer = Peer::bind();
    let mut snapshot = snapshot();
    snapshot.services[0].retries = retries(attempts, on);
    let fixture = Fixture::with(snapshot, peer.address, Some(peer.address));
    let requests = peer.run(&fixture, broken);
    let answer = fixture.ask(&format!(
        "{method} / HTTP/1.1\r\nhost: api.shop\r\ncontent-length: 4\r\n\r\nbody"
    ));
    (answer.status(), requests.load(Ordering::SeqCst))
}

#[test]
fn a_post_that_was_sent_is_never_repeated() {
    let on = || {
        vec![
            RetryOn::ConnectFailure,
            RetryOn::Reset,
            RetryOn::ServerError,
        ]
    };
    assert_eq!(outcome("POST", 3, on(), 1), (502, 1));
}

#[test]
fn a_get_is_repeated_with_its_body_where_the_intent_says_so() {
    let on = vec![RetryOn::Reset];
    assert_eq!(outcome("GET", 2, on, 2), (200, 3));
}

#[test]
fn what_may_have_arrived_is_not_repeated_by_default() {
    let on = vec![RetryOn::ConnectFailure, RetryOn::RefusedStream];
    assert_eq!(outcome("GET", 2, on, 1), (502, 1));
}

#[test]
fn retries_end_when_they_are_used_up() {
    assert_eq!(outcome("GET", 1, vec![RetryOn::Reset], 5), (502, 2));
}

#[test]
fn an_endpoint_that_is_not_there_is_503() {
    let gone = Peer::bind().address;
    let fixture = Fixture::with(snapshot(), gone, Some(gone));
    let answer = fixture.ask("GET / HTTP/1.1\r\nhost: api.shop\r\n\r\n");
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.field("x-mesh-reason"), Some("connect-failure"));
}

#[test]
fn an_endpoint_with_another_identity_is_not_spoken_to() {
    let peer = Peer::bind();
    let mut other = snapshot();
    other.services[0].accounts =
        vec![mesh_identity::SpiffeId::parse("spiffe://shop.example/ns/shop/sa/other").unwrap()];
    let fixture = Fixture::with(other, peer.address, Some(peer.address));
    let requests = peer.run(&fixture, 0);
    let answer = fixture.ask("GET / HTTP/1.1\r\nhost: api.shop\r\n\r\n");
    assert_eq!(answer.status(), 503);
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}

/// A kept connection that the peer closed meanwhile costs no request.
#[test]
fn a_stale_kept_connection_is_replaced() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let app = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        // One answer per connection, then closed without saying so.
        while let Ok((mut stream, _)) = listener.accept() {
            if read_message(&mut stream).is_some() {
                stream.write_all(ok("once").as_bytes()).unwrap();
            }
        }
    });
    let fixture = Fixture::start(snapshot(), app);
    for _ in 0..10 {
        let answer = fixture.ask("GET / HTTP/1.1\r\nhost: api.shop\r\n\r\n");
        assert_eq!(answer.status(), 200);
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
}
