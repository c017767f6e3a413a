//! The request path without the rest of the proxy, for measuring it: a plain
//! HTTP/1.1 reverse proxy by the same pipeline. Not part of the product.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use mesh_decide::{State, Tables};
use mesh_identity::SpiffeId;
use mesh_ir::{Bundle, CommitId, Digest, Epoch, Name, ServiceRef, Snapshot};
use tokio::task::LocalSet;

use crate::active::{Active, EndpointTable};
use crate::clock::Clock;
use crate::context::Context;
use crate::http::{self, Codec, Inbound};
use crate::telemetry::{AccessLog, AccessLogTarget};
use crate::throwaway::Authority;
use crate::worker;

/// What is measured.
#[derive(Debug, Clone)]
pub struct Plain {
    /// Where clients connect, in plain text.
    pub listen: SocketAddr,
    /// Where requests go, in plain text.
    pub application: SocketAddr,
    /// The service that is served.
    pub service: ServiceRef,
    /// Its port.
    pub port: Name,
    /// Who every client is taken for; `None` is nobody.
    pub caller: Option<SpiffeId>,
    /// Where access log lines go; `None` is nowhere.
    pub access_log: Option<PathBuf>,
}

/// Why nothing can be measured.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Serves on the calling thread, as one worker would, until the process ends.
pub fn serve_plain(plain: &Plain, snapshot: &Snapshot) -> Result<(), Fault> {
    let target = plain
        .access_log
        .clone()
        .map_or(AccessLogTarget::Off, AccessLogTarget::File);
    let context = Rc::new(Context::new(Clock::start(), AccessLog::open(&target)?));
    context.activate(active(snapshot)?);
    let listener = TcpListener::bind(plain.listen)?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, accept(plain, context, listener))
}

async fn accept(plain: &Plain, context: Rc<Context>, listener: TcpListener) -> Result<(), Fault> {
    worker::keep_house(&context);
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let peer = plain.caller.clone().map(Rc::new);
    loop {
        let (stream, from) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let handler = Rc::new(Inbound::new(
            context.clone(),
            plain.service.clone(),
            plain.port.clone(),
            plain.application,
            peer.clone(),
            from.ip(),
        ));
        tokio::task::spawn_local(http::serve(stream, Bytes::new(), Codec::Http1, handler));
    }
}

fn active(snapshot: &Snapshot) -> Result<Active, Fault> {
    let tables = Tables::build(snapshot).map_err(|all| {
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        all.join("; ")
    })?;
    let endpoints = EndpointTable::build(&tables, []);
    let state = State::new(&tables, rand::random());
    let bundle = Bundle {
        epoch: Epoch(1),
        commit: CommitId("bench".into()),
        digest: Digest([0; 32]),
    };
    Ok(Active {
        state: Arc::new(state),
        endpoints: Arc::new(endpoints),
        identity: Arc::new(Authority::new()?.identity(&snapshot.role.identity)?),
        tables: Arc::new(tables),
        bundle,
    })
}
