use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mesh_decide::{State, Tables};
use mesh_ir::{Bundle, CommitId, Digest, Endpoint, Endpoints, Epoch, Name, ServiceRef, Snapshot};
use rustls::{ServerConnection, StreamOwned};
use tokio::sync::oneshot;

use super::intents::{id, name, service};
use crate::active::{Active, ListenerRole};
use crate::capacity::Capacities;
use crate::clock::Clock;
use crate::endpoints::EndpointTable;
use crate::outlier::Outliers;
use crate::telemetry::AccessLogTarget;
use crate::throwaway::Authority;
use crate::tls::Alpn;
use crate::worker::{self, WorkerConfig, WorkerHandle, WorkerMessage};

pub(super) const WAIT: Duration = Duration::from_secs(10);

/// A worker that serves `api.shop` and calls it, with the sockets around it.
pub(super) struct Fixture {
    pub(super) outbound: SocketAddr,
    pub(super) tcp: SocketAddr,
    pub(super) authority: Arc<Authority>,
    pub(super) snapshot: Snapshot,
    worker: Arc<WorkerHandle>,
    facts: Vec<Endpoints>,
    identity: Arc<crate::tls::TlsIdentity>,
    directory: tempfile::TempDir,
}

impl Fixture {
    /// Everything between `application` and callers, as `snapshot` says.
    pub(super) fn start(snapshot: Snapshot, application: SocketAddr) -> Self {
        Self::with(snapshot, application, None)
    }

    /// `endpoint` stands where callers look for the service, instead of this worker.
    pub(super) fn with(
        snapshot: Snapshot,
        application: SocketAddr,
        endpoint: Option<SocketAddr>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = WorkerConfig {
            access_log: AccessLogTarget::File(directory.path().join("access.log")),
            clock: Clock::start(),
        };
        let worker = Arc::new(worker::start(0, &config).unwrap());
        let inbound = |port: &str| ListenerRole::Inbound {
            service: service(),
            port: name(port),
            application,
        };
        let http = listen(&worker, inbound("http"));
        let ports = vec![
            (
                name("grpc"),
                endpoint.unwrap_or(listen(&worker, inbound("grpc"))),
            ),
            (name("http"), endpoint.unwrap_or(http)),
            (
                name("tcp"),
                endpoint.unwrap_or(listen(&worker, inbound("tcp"))),
            ),
        ];
        let tcp = ListenerRole::Tcp {
            service: service(),
            port: name("tcp"),
        };
        let authority = Arc::new(Authority::new().unwrap());
        let fixture = Self {
            outbound: listen(&worker, ListenerRole::Outbound),
            tcp: listen(&worker, tcp),
            identity: Arc::new(authority.identity(&id()).unwrap()),
            authority,
            facts: vec![endpoints(service(), vec![endpoint_at(ports, "v1")])],
            snapshot,
            worker,
            directory,
        };
        fixture.activate(&fixture.snapshot);
        fixture
    }

    /// Where callers connect to a port.
    pub(super) fn inbound(&self, port: &str) -> SocketAddr {
        let mut ports = self.facts[0].endpoints[0].ports.iter();
        ports.find(|(name, _)| name.as_str() == port).unwrap().1
    }

    /// From now on these are the endpoints of a service, and what is in effect is
    /// built again.
    pub(super) fn know(&mut self, facts: Endpoints) {
        self.facts.retain(|it| it.service != facts.service);
        self.facts.push(facts);
        self.activate(&self.snapshot);
    }

    /// One more endpoint of `api.shop`, at a port that nobody listens on.
    pub(super) fn also_gone(&mut self, port: &str, version: &str) {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = gone.local_addr().unwrap();
        let endpoint = endpoint_at(vec![(name(port), address)], version);
        self.facts[0].endpoints.push(endpoint);
        self.activate(&self.snapshot);
    }

    /// Where a peer proxy listens that answers each request with `answer`.
    pub(super) fn peer(
        &self,
        answer: impl Fn(&Answer) -> String + Send + Sync + 'static,
    ) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let config = self.authority.identity(&id()).unwrap().server(Alpn::Http);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                let mut stream = StreamOwned::new(connection, stream);
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || {
                    while let Some(request) = read_message(&mut stream) {
                        if stream.write_all(answer(&request).as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        address
    }

    pub(super) fn activate(&self, snapshot: &Snapshot) {
        self.activate_as("c0ffee", snapshot);
    }

    pub(super) fn activate_as(&self, commit: &str, snapshot: &Snapshot) {
        let tables = Tables::build(snapshot).unwrap();
        let endpoints = EndpointTable::build(&tables, &self.facts);
        let active = Active {
            capacities: Arc::new(Capacities::default().carry(&tables)),
            outliers: Arc::new(Outliers::default().carry(&tables, &endpoints)),
            endpoints: Arc::new(endpoints),
            state: Arc::new(State::new(&tables, 1)),
            tables: Arc::new(tables),
            bundle: Bundle {
                epoch: Epoch(1),
                commit: CommitId(commit.into()),
                digest: Digest([0; 32]),
            },
            identity: self.identity.clone(),
        };
        let (sender, done) = oneshot::channel();
        self.worker
            .send(WorkerMessage::Activate(Arc::new(active), sender));
        done.blocking_recv().unwrap();
    }

    pub(super) fn metrics(&self) -> String {
        let (sender, answer) = oneshot::channel();
        self.worker.send(WorkerMessage::Metrics(sender));
        let mut text = String::new();
        answer.blocking_recv().unwrap().render(&mut text);
        text
    }

    pub(super) fn drain(&self, grace: Duration) {
        let (done, drained) = oneshot::channel();
        self.worker.send(WorkerMessage::Drain { grace, done });
        drained.blocking_recv().unwrap();
    }

    /// The log lines of a direction, once there are `count`.
    pub(super) fn lines(&self, direction: &str, count: usize) -> Vec<serde_json::Value> {
        let path = self.directory.path().join("access.log");
        wait_for(|| {
            let lines = read_lines(&path, direction);
            (lines.len() >= count).then_some(lines)
        })
    }

    /// One connection of the application, one exchange on it.
    pub(super) fn ask(&self, request: &str) -> Answer {
        exchange(&mut TcpStream::connect(self.outbound).unwrap(), request)
    }
}

/// What the inventory says of a service.
pub(super) fn endpoints(service: ServiceRef, endpoints: Vec<Endpoint>) -> Endpoints {
    Endpoints { service, endpoints }
}

/// An instance of a version whose port `http` is at an address.
pub(super) fn endpoint(address: SocketAddr, version: &str) -> Endpoint {
    endpoint_at(vec![(name("http"), address)], version)
}

fn endpoint_at(ports: Vec<(Name, SocketAddr)>, version: &str) -> Endpoint {
    Endpoint {
        workload: "shop/api".to_owned(),
        identity: id(),
        ports,
        labels: vec![("version".to_owned(), version.to_owned())],
        locality: None,
        weight: 1,
        healthy: true,
    }
}

fn read_lines(path: &Path, direction: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    lines
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|line| line["direction"] == direction)
        .collect()
}

pub(super) fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + WAIT;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "waited {WAIT:?} in vain");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

fn listen(worker: &Arc<WorkerHandle>, role: ListenerRole) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (worker, role) = (Arc::clone(worker), Arc::new(role));
    std::thread::spawn(move || {
        while let Ok((stream, peer)) = listener.accept() {
            worker.dispatch(stream, peer, Arc::clone(&role));
        }
    });
    address
}

/// A request or response as a test sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

pub(super) fn exchange(stream: &mut TcpStream, request: &str) -> Answer {
    stream.set_read_timeout(Some(WAIT)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    read_message(stream).expect("an answer")
}

/// A head and the body that its `Content-Length` says; `None` at the end.
pub(super) fn read_message<S: Read>(stream: &mut S) -> Option<Answer> {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let mut answer = Answer {
        head: String::from_utf8(head).unwrap(),
        body: String::new(),
    };
    let length = answer
        .field("content-length")
        .map_or(0, |it| it.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    answer.body = String::from_utf8(body).unwrap();
    Some(answer)
}

/// An application that answers each request with `answer`, and how many
/// connections it had.
pub(super) fn application(
    answer: impl Fn(&Answer) -> String + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let (counted, answer) = (accepted.clone(), Arc::new(answer));
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                while let Some(request) = read_message(&mut stream) {
                    if stream.write_all(answer(&request).as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, accepted)
}

pub(super) fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// An application that shows what reached it.
pub(super) fn echo() -> (SocketAddr, Arc<AtomicUsize>) {
    application(|request| ok(&format!("{}{}", request.head, request.body)))
}
