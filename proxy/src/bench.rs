//! The request path without the rest of the proxy, for measuring it: a plain
//! HTTP/1.1 reverse proxy by the same pipeline. Not part of the product.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mesh_decide::{State, Tables};
use mesh_identity::{SpiffeId, TrustDomain};
use mesh_ir::{
    Access, AccessDefault, AccessRule, Backoff, Bundle, CallerMatch, CommitId, DefaultAccess,
    Digest, EncodedSlash, Epoch, LoadBalancing, MtlsMode, Name, ObjectRef, Origin, PathPattern,
    Percent, Port, Protocol, RequestMatch, RetryOn, RetryPolicy, Role, RuleId, Scope, Service,
    ServiceLimits, ServiceRef, Settings, Snapshot, Target, Who, Workloads,
};
use tokio::task::LocalSet;

use crate::active::Active;
use crate::capacity::Capacities;
use crate::clock::Clock;
use crate::context::Context;
use crate::endpoints::EndpointTable;
use crate::http::{self, Codec, Inbound};
use crate::outlier::Outliers;
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

/// A plain HTTP/1.1 reverse proxy with our defaults on, as one worker, on the
/// calling thread, until the process ends.
pub fn serve_plain(listen: SocketAddr, application: SocketAddr) -> Result<(), Fault> {
    let snapshot = open_to_one()?;
    let served = &snapshot.services[0];
    let plain = Plain {
        listen,
        application,
        service: served.id.clone(),
        port: served.ports[0].name.clone(),
        caller: Some(snapshot.role.identity.clone()),
        access_log: None,
    };
    serve(&plain, &snapshot)
}

/// Serves on the calling thread, as one worker would, until the process ends.
pub fn serve(plain: &Plain, snapshot: &Snapshot) -> Result<(), Fault> {
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
        capacities: Arc::new(Capacities::default().carry(&tables)),
        outliers: Arc::new(Outliers::default().carry(&tables, &endpoints)),
        endpoints: Arc::new(endpoints),
        identity: Arc::new(Authority::new()?.identity(&snapshot.role.identity)?),
        tables: Arc::new(tables),
        bundle,
    })
}

/// One service, one HTTP port, `access.default: deny`, and one entry that lets one
/// caller read below one path.
fn open_to_one() -> Result<Snapshot, Fault> {
    let origin = Origin::new("bench.yaml", 1, 1);
    let id = ServiceRef {
        namespace: Name::parse("bench")?,
        name: Name::parse("app")?,
    };
    let trust_domain = TrustDomain::parse("bench")?;
    let identity = SpiffeId::workload(&trust_domain, "bench", "app")?;
    let port = Port {
        name: Name::parse("http")?,
        number: 80,
        target: 80,
        protocol: Protocol::Http,
        mtls: MtlsMode::Strict,
        proxy_protocol: false,
        http10: false,
        origin: origin.clone(),
    };
    let retries = RetryPolicy {
        attempts: 2,
        on: vec![RetryOn::ConnectFailure, RetryOn::RefusedStream],
        idempotent: false,
        backoff: Backoff {
            base: Duration::from_millis(25),
            max: Duration::from_millis(250),
        },
        budget: Percent(20_000),
    };
    let service = Service {
        id: id.clone(),
        origin: origin.clone(),
        accounts: vec![identity.clone()],
        hosts: vec![],
        ports: vec![port],
        versions: vec![],
        workloads: Workloads::Inventory,
        probes: vec![],
        health: None,
        load_balancing: LoadBalancing::LeastRequest.into(),
        limits: ServiceLimits::default(),
        outlier: None,
        connect_timeout: Duration::from_secs(1),
        timeout: Some(Duration::from_secs(15)),
        stream_idle_timeout: Some(Duration::from_mins(5)),
        idle_timeout: Some(Duration::from_hours(1)),
        retries,
        encoded_slash: EncodedSlash::Refuse,
        calls: None,
    };
    Ok(Snapshot {
        settings: Settings {
            origin: origin.clone(),
            trust_domain,
            access: AccessDefault {
                mode: DefaultAccess::Deny,
                origin: origin.clone(),
            },
            namespaces: vec![],
            certificate_lifetime: Duration::from_hours(1),
            renew_at: Percent(50_000),
            otlp: None,
        },
        role: Role {
            identity: identity.clone(),
            serves: vec![id.clone()],
            gateways: vec![],
            calls: [].into(),
            externals: [].into(),
        },
        services: vec![service],
        routes: vec![],
        access: vec![only(id, identity, origin)?],
        limits: vec![],
        issuers: vec![],
        gateways: vec![],
        externals: vec![],
        telemetry: vec![],
    })
}

fn only(service: ServiceRef, caller: SpiffeId, origin: Origin) -> Result<Access, Fault> {
    let reads = RequestMatch {
        methods: vec!["GET".to_owned()],
        paths: vec![PathPattern::parse("/reviews/**")?],
        headers: vec![],
        query: vec![],
        cookies: vec![],
        not: vec![],
    };
    let from = CallerMatch {
        who: Who::Service {
            service: service.clone(),
            identities: vec![caller],
        },
        cidr: vec![],
        token: None,
        not: vec![],
    };
    let allow = AccessRule {
        id: RuleId("readers".into()),
        origin: origin.clone(),
        from: vec![from],
        matches: vec![reads],
        expires: None,
    };
    Ok(Access {
        id: ObjectRef {
            namespace: service.namespace.clone(),
            name: service.name.clone(),
        },
        origin,
        target: Target {
            scope: Scope::Service(service),
            ports: vec![],
            hosts: vec![],
        },
        allow: vec![allow],
        deny: vec![],
        audit: vec![],
        authorizer: None,
        shadow: false,
    })
}
