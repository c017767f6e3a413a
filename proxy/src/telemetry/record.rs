use std::io::Write;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http::{HeaderValue, Method, Uri, Version};
use mesh_decide::{Plan, RuleIndex, ServiceIndex, VersionIndex};
use mesh_identity::SpiffeId;
use mesh_ir::Protocol;

use super::{AccessLog, Metrics, json};
use crate::active::Active;
use crate::clock::since_epoch;

/// Bytes of a host, path or request id that a log line holds.
const LONGEST: usize = 4096;

/// Which way something goes, from the workload's point of view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Direction {
    /// To the application.
    Inbound,
    /// From the application.
    Outbound,
}

/// What is known of one request or connection, from its head to its end. That of a
/// request is boxed: it is handed on often, and a pointer is cheaper to hand on.
pub(crate) struct Record {
    /// Which way.
    pub direction: Direction,
    /// What it was judged by, from beginning to end.
    pub active: Rc<Active>,
    /// When its head was read, or the connection was there.
    pub began: Instant,
    /// What it is.
    pub traffic: Traffic,
    /// Inbound: the caller. Outbound: who answered.
    pub peer: Option<Rc<SpiffeId>>,
    /// The service that it is for.
    pub service: Option<ServiceIndex>,
    /// Outbound: the version that was drawn.
    pub version: Option<VersionIndex>,
    /// What decided.
    pub rule: Option<RuleIndex>,
    /// How it ended.
    pub outcome: Outcome,
    /// Bytes of bodies, or of a connection, from the client.
    pub received: u64,
    /// Bytes of bodies, or of a connection, to the client.
    pub sent: u64,
}

/// What a [`Record`] is about.
pub(crate) enum Traffic {
    /// A request.
    Http {
        /// As received.
        method: Method,
        /// As received.
        uri: Uri,
        /// As received.
        version: Version,
        /// As received.
        host: Option<HeaderValue>,
        /// As received, or made here.
        request_id: Option<HeaderValue>,
        /// Whether the port is declared `grpc`.
        grpc: bool,
    },
    /// A connection.
    Tcp,
}

/// How a request or connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Outcome {
    /// The HTTP status; 0 where the client was gone before one, and for TCP.
    pub status: u16,
    /// Why this proxy answered itself, or cut it short; `None` where it did not.
    pub reason: Option<&'static str>,
    /// Envoy's response flags.
    pub flags: &'static str,
    /// The gRPC status, where one was seen.
    pub grpc: Option<u8>,
}

impl Record {
    /// What a plan says of it.
    pub(crate) fn describe(&mut self, plan: &Plan) {
        self.service = Some(plan.service);
        self.version = plan.version;
        self.rule = plan.rule();
        if let Traffic::Http { grpc, .. } = &mut self.traffic {
            let ports = &self.active.tables.service(plan.service).ports;
            *grpc = ports[plan.port.position()].protocol == Protocol::Grpc;
        }
    }

    /// The rule that decided.
    #[must_use]
    pub(crate) fn decided_by(mut self: Box<Self>, rule: RuleIndex) -> Box<Self> {
        self.rule = Some(rule);
        self
    }

    /// Writes the line and counts. To be called once.
    pub(crate) fn finish(&self, log: &AccessLog, metrics: &Metrics) {
        self.finish_at(Instant::now(), log, metrics);
    }

    /// The same, where the clock was just read.
    pub(crate) fn finish_at(&self, now: Instant, log: &AccessLog, metrics: &Metrics) {
        let duration = now.saturating_duration_since(self.began);
        metrics.record(self, duration);
        log.line(|out| self.write(out, log.stamp(since_epoch()), duration));
    }

    fn write(&self, out: &mut Vec<u8>, time: [u8; 24], duration: Duration) {
        out.extend_from_slice(b"{\"time\":\"");
        out.extend_from_slice(&time);
        out.push(b'"');
        json::name(out, "direction");
        json::string(out, self.direction.as_str().as_bytes(), LONGEST);
        self.write_traffic(out);
        json::name(out, "reason");
        text(out, self.outcome.reason.map(str::as_bytes));
        json::name(out, "peer");
        match &self.peer {
            None => out.extend_from_slice(b"null"),
            Some(peer) => write!(out, "\"{peer}\"").unwrap_or(()),
        }
        self.write_target(out);
        self.write_rule(out);
        json::name(out, "commit");
        text(out, Some(self.active.bundle.commit.0.as_bytes()));
        json::name(out, "duration_ms");
        let micros = duration.as_micros();
        write!(out, "{}.{:03}", micros / 1000, micros % 1000).unwrap_or(());
        out.extend_from_slice(b"}\n");
    }

    fn write_traffic(&self, out: &mut Vec<u8>) {
        let (protocol, request_id, method, host, path) = match &self.traffic {
            Traffic::Tcp => ("tcp", None, None, None, None),
            Traffic::Http {
                method,
                uri,
                version,
                host,
                request_id,
                ..
            } => (
                if *version == Version::HTTP_2 {
                    "h2"
                } else {
                    "http/1.1"
                },
                request_id.as_ref().map(HeaderValue::as_bytes),
                Some(method.as_str().as_bytes()),
                host.as_ref()
                    .map(HeaderValue::as_bytes)
                    .or_else(|| uri.authority().map(|it| it.as_str().as_bytes())),
                Some(
                    uri.path_and_query()
                        .map_or(uri.path(), http::uri::PathAndQuery::as_str)
                        .as_bytes(),
                ),
            ),
        };
        json::name(out, "protocol");
        text(out, Some(protocol.as_bytes()));
        json::name(out, "request_id");
        text(out, request_id);
        json::name(out, "method");
        text(out, method);
        json::name(out, "host");
        text(out, host);
        json::name(out, "path");
        text(out, path);
        json::name(out, "status");
        match self.traffic {
            Traffic::Tcp => out.extend_from_slice(b"null"),
            Traffic::Http { .. } => write!(out, "{}", self.outcome.status).unwrap_or(()),
        }
        json::name(out, "received");
        write!(out, "{}", self.received).unwrap_or(());
        json::name(out, "sent");
        write!(out, "{}", self.sent).unwrap_or(());
    }

    fn write_target(&self, out: &mut Vec<u8>) {
        let service = self.service.map(|it| self.active.tables.service(it));
        json::name(out, "service");
        match service {
            None => out.extend_from_slice(b"null"),
            Some(service) => write!(out, "\"{}\"", service.id).unwrap_or(()),
        }
        json::name(out, "version");
        let version = service
            .zip(self.version)
            .and_then(|(service, version)| service.versions.get(version.position()));
        text(out, version.map(|it| it.name.as_str().as_bytes()));
    }

    /// `kind/namespace/name/rule`, and `file:line`.
    fn write_rule(&self, out: &mut Vec<u8>) {
        let meta = self.rule.map(|it| self.active.tables.rule(it));
        json::name(out, "rule");
        match meta {
            None => out.extend_from_slice(b"null"),
            Some(meta) => {
                out.push(b'"');
                json::part(out, meta.kind.as_str());
                if let Some(object) = &meta.object {
                    write!(out, "/{object}").unwrap_or(());
                }
                if let Some(rule) = &meta.rule {
                    out.push(b'/');
                    json::part(out, &rule.0);
                }
                out.push(b'"');
            }
        }
        json::name(out, "origin");
        match meta {
            None => out.extend_from_slice(b"null"),
            Some(meta) => {
                out.push(b'"');
                json::part(out, &meta.origin.file);
                write!(out, ":{}\"", meta.origin.line).unwrap_or(());
            }
        }
    }
}

fn text(out: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        None => out.extend_from_slice(b"null"),
        Some(value) => json::string(out, value, LONGEST),
    }
}

impl Direction {
    /// The word of the access log.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}
