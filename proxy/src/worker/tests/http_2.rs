//! A client of HTTP/2 that waits, and what one connection of it must keep apart.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mesh_ir::{
    Action, Backend, BackendTarget, Forward, HeaderEdit, HeaderEdits, Rank, Route, RouteRule,
    RuleId, Snapshot,
};

use super::fixture::*;
use super::intents::*;

/// One connection.
pub(super) struct Client {
    runtime: tokio::runtime::Runtime,
    sender: SendRequest<Empty<Bytes>>,
}

/// An answer that is waited for.
type Asked = tokio::task::JoinHandle<hyper::Result<Response<Incoming>>>;

/// The body of one response.
pub(super) struct Stream(Incoming);

impl Client {
    pub(super) fn connect(address: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let sender = runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let connected = handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
            let (sender, connection) = connected.unwrap();
            tokio::spawn(connection);
            sender
        });
        Self { runtime, sender }
    }

    /// Asks; the answer comes when it is waited for.
    pub(super) fn get(&self, fields: &[(&str, &str)]) -> Asked {
        let mut request = Request::get("http://api.shop/");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(Empty::new()).unwrap();
        let mut sender = self.sender.clone();
        self.runtime
            .spawn(async move { sender.send_request(request).await })
    }

    /// Asks, and waits for the head of the answer.
    pub(super) fn stream(&self, fields: &[(&str, &str)]) -> Stream {
        let asked = self.get(fields);
        Stream(self.runtime.block_on(asked).unwrap().unwrap().into_body())
    }

    /// Reads so many bytes; `None` if the stream breaks off before.
    pub(super) fn read(&self, stream: &mut Stream, bytes: usize) -> Option<()> {
        self.runtime.block_on(async {
            let mut read = 0;
            while read < bytes {
                let frame = stream.0.frame().await?.ok()?;
                read += frame.data_ref().map_or(0, Bytes::len);
            }
            Some(())
        })
    }
}

/// Every answer of the service says this.
fn saying(word: &str) -> Snapshot {
    let mut snapshot = snapshot();
    let api = &snapshot.services[0];
    let edits = HeaderEdits {
        set: vec![HeaderEdit {
            name: "x-word".to_owned(),
            value: word.to_owned(),
        }],
        ..HeaderEdits::default()
    };
    let rule = RouteRule {
        id: RuleId(word.into()),
        origin: api.origin.clone(),
        rank: Rank {
            priority: 0,
            depth: 0,
        },
        from: vec![],
        matches: vec![],
        action: Action::Forward(Forward {
            backends: vec![Backend {
                target: BackendTarget::Service,
                weight: 1,
                request_headers: HeaderEdits::default(),
                response_headers: HeaderEdits::default(),
                origin: api.origin.clone(),
            }],
            split_by: vec![],
            rewrite: None,
            request_headers: HeaderEdits::default(),
            response_headers: edits,
            timeout: None,
            per_try_timeout: None,
            retries: api.retries.clone(),
            fallback: vec![],
            mirror: vec![],
            fault: None,
        }),
        cors: None,
    };
    snapshot.routes = vec![Route {
        id: snapshot.access[0].id.clone(),
        origin: api.origin.clone(),
        target: snapshot.access[0].target.clone(),
        rules: vec![rule],
    }];
    snapshot.access[0].allow[0].id = RuleId(word.into());
    snapshot
}

/// The tables may change while a request waits: what it was judged by still plans
/// its answer and stands in its lines, while its neighbour has the new ones.
#[test]
fn an_exchange_sees_one_bundle_from_its_beginning_to_its_end() {
    let asked = Arc::new(AtomicUsize::new(0));
    let released = Arc::new(AtomicBool::new(false));
    let (counted, gate) = (asked.clone(), released.clone());
    let (app, _) = application(move |_| {
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            wait_for(|| gate.load(Ordering::SeqCst).then_some(()));
        }
        ok("done")
    });
    let fixture = Fixture::start(saying("before"), app);
    let client = Client::connect(fixture.outbound);
    let word = |asked: Asked| {
        let answer = client.runtime.block_on(asked).unwrap();
        answer.unwrap().headers()["x-word"].clone()
    };
    let first = client.get(&[]);
    wait_for(|| (asked.load(Ordering::SeqCst) == 1).then_some(()));
    fixture.activate_as("decade", &saying("after"));
    let second = client.get(&[]);
    assert_eq!(word(second), "after");
    released.store(true, Ordering::SeqCst);
    assert_eq!(word(first), "before");
    for direction in ["outbound", "inbound"] {
        let lines = fixture.lines(direction, 2);
        for (line, commit, rule) in [
            (&lines[0], "decade", "after"),
            (&lines[1], "c0ffee", "before"),
        ] {
            assert_eq!(line["commit"], commit, "{line}");
            let named = line["rule"].as_str().unwrap();
            assert!(named.ends_with(&format!("/{rule}")), "{line}");
        }
    }
}
