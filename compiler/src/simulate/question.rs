use std::net::IpAddr;

use mesh_decide::Request;
use mesh_ir::{Host, Mesh, ObjectRef, ServiceRef, Timestamp, TokenLocation};
use serde_json::{Map, Value};

use super::callers::Caller;

/// A request or connection, and who makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Who.
    pub from: Caller,
    /// What it sends.
    pub message: Message,
    /// What a client outside speaks to a gateway.
    pub scheme: Scheme,
    /// Where it comes from, as the proxy sees it that judges it.
    pub address: Option<IpAddr>,
    /// The valid tokens that the request carries. One that is said nothing of here is
    /// not valid.
    pub tokens: Vec<Token>,
    /// What authorizers say.
    pub authorizers: AuthorizerSays,
    /// Draws versions, faults and mirrors; without it none of these is told.
    pub request_id: Option<String>,
    /// When.
    pub wall: Timestamp,
}

/// What a caller sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// An HTTP request, in the bytes that would be on the wire.
    Request(Head),
    /// A connection to a TCP port, by its number.
    Connection {
        /// To whom.
        service: ServiceRef,
        /// Its port.
        port: u16,
        /// What the TLS that passes through it names.
        server_name: Option<Host>,
    },
    /// A connection of a client outside to a listener of a gateway that takes bytes.
    AtGateway {
        /// The number of its port.
        port: u16,
        /// What the TLS that passes through it names.
        server_name: Option<Host>,
    },
}

/// What a client outside speaks to a gateway. Between workloads it makes no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Scheme {
    /// Without TLS.
    #[default]
    Http,
    /// With TLS that ends at the gateway.
    Https,
}

/// The head of a request; `host` is among the headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The method token.
    pub method: Vec<u8>,
    /// Path and query.
    pub target: Vec<u8>,
    /// Names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// The claims of a valid token.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Whose; `None`: of every issuer that asks.
    pub issuer: Option<ObjectRef>,
    /// Its payload.
    pub claims: Map<String, Value>,
}

/// What every authorizer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthorizerSays {
    /// Yes.
    #[default]
    Agrees,
    /// No.
    Refuses,
    /// Nothing, in time.
    Fails,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// The mesh has no such service.
    #[error("there is no service `{0}`")]
    NoService(ServiceRef),
    /// The mesh has no such gateway.
    #[error("there is no gateway `{0}`")]
    NoGateway(ObjectRef),
    /// Nothing runs it.
    #[error("no workload of `{0}` is in the inventory, so it calls nobody")]
    NoWorkload(ServiceRef),
    /// Nothing runs it.
    #[error("no workload is the gateway `{0}`, so nothing comes through it")]
    NoDoorkeeper(ObjectRef),
    /// Only a gateway takes it, and none does.
    #[error("no gateway takes requests for `{host}` on port {port}")]
    NoListener {
        /// For whom.
        host: String,
        /// Where.
        port: u16,
    },
    /// A connection goes to a port.
    #[error("`{service}` has no port {port}")]
    NoPort {
        /// Whose.
        service: ServiceRef,
        /// Which.
        port: u16,
    },
    /// A connection goes to a port of bytes.
    #[error("port {port} of `{service}` speaks {protocol}: ask for http://")]
    TakesRequests {
        /// Whose.
        service: ServiceRef,
        /// Which.
        port: u16,
        /// What it speaks.
        protocol: mesh_ir::Protocol,
    },
    /// Nobody serves it.
    #[error("no workload serves `{0}`")]
    NotServed(ServiceRef),
    /// Its proxy does not listen there.
    #[error("`{service}` does not serve port {port}")]
    PortNotServed {
        /// Whose.
        service: ServiceRef,
        /// Which.
        port: mesh_ir::Name,
    },
    /// The proxy would refuse the bundle that it takes to answer.
    #[error("a proxy would refuse this bundle: {0}")]
    NotHonourable(String),
}

impl Question {
    /// With nothing but what must be said: an address that is not known, no token,
    /// authorizers that agree.
    pub fn new(from: Caller, message: Message, wall: Timestamp) -> Self {
        Self {
            from,
            message,
            scheme: Scheme::Http,
            address: None,
            tokens: vec![],
            authorizers: AuthorizerSays::Agrees,
            request_id: None,
            wall,
        }
    }
}

impl Question {
    /// A head with a token for each issuer that one is said of, at the place where it is
    /// looked for, unless something stands there.
    pub(super) fn with_tokens(&self, mesh: &Mesh, head: &Head) -> Head {
        let mut head = head.clone();
        let is_said = |id: &ObjectRef| {
            let mut tokens = self.tokens.iter();
            tokens.any(|token| token.issuer.as_ref().is_none_or(|it| it == id))
        };
        let issuers = mesh.issuers.values().filter(|issuer| is_said(&issuer.id));
        for location in issuers.filter_map(|issuer| issuer.locations.first()) {
            head.carry(location);
        }
        head
    }
}

/// Stands for a token that is valid.
const TOKEN: &str = "simulated";

impl Head {
    fn carry(&mut self, location: &TokenLocation) {
        match location {
            TokenLocation::Header { name, prefix } => {
                if self.first(name).is_none() {
                    self.set(name, &format!("{prefix}{TOKEN}"));
                }
            }
            TokenLocation::Cookie(name) => {
                let pair = format!("{name}={TOKEN}");
                let cookies = self.first("cookie").map(String::from_utf8_lossy);
                let cookies = cookies.map_or(pair.clone(), |it| format!("{it}; {pair}"));
                self.set("cookie", &cookies);
            }
            TokenLocation::Query(name) => {
                let joint = if self.target.contains(&b'?') {
                    '&'
                } else {
                    '?'
                };
                let pair = format!("{joint}{name}={TOKEN}");
                self.target.extend_from_slice(pair.as_bytes());
            }
        }
    }

    pub(super) fn request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            target: &self.target,
            authority: None,
            headers: &self.headers,
        }
    }

    /// Replaces every value under a name.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(existing, _)| existing != name);
        self.headers
            .push((name.to_owned(), value.as_bytes().to_vec()));
    }

    /// The first value under a name.
    pub(super) fn first(&self, name: &str) -> Option<&[u8]> {
        let mut headers = self.headers.iter();
        headers
            .find(|(existing, _)| existing == name)
            .map(|(_, value)| value.as_slice())
    }
}

/// A duration as intents write it: `2s`, `1500ms`.
pub(crate) fn words(duration: std::time::Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("{}s", duration.as_secs())
    } else {
        format!("{}ms", duration.as_millis())
    }
}
