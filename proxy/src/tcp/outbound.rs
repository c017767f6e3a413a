use std::rc::Rc;
use std::time::Instant;

use mesh_decide::{
    Candidates, Connection, Draw, EndpointView, Plan, Reason, Refusal, Routing, VersionIndex,
    fall_back_connection, pick, route_connection,
};
use mesh_ir::{Name, Protocol, ServiceRef, Tick};
use smallvec::SmallVec;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::connection::Side;
use super::hello::hello_on;
use super::inbound::supervised;
use crate::active::Active;
use crate::context::Context;
use crate::endpoints::Target;
use crate::honour::refusal_of;
use crate::outlier::{Came, Group};
use crate::pool::{Secure, connect_tls};
use crate::telemetry::{Direction, Outcome, Record, Shadowed, Traffic};
use crate::tls::Alpn;

/// Carries a connection of the application to an endpoint of a service.
pub(crate) async fn serve_outbound(
    context: &Rc<Context>,
    mut client: TcpStream,
    service: ServiceRef,
    port: Name,
) {
    let Some(protocol) = protocol(context, &service, &port) else {
        return;
    };
    let Ok(hello) = hello_on(protocol, &mut client).await else {
        return;
    };
    let Some(active) = context.active() else {
        return;
    };
    let id: u128 = rand::random();
    let connection = Connection {
        id: &id.to_le_bytes(),
        server_name: hello.server_name.as_deref(),
    };
    let routing = route_connection(&active.tables, &service, &port, &connection, &mut ());
    let mut record = record(&active);
    match routed(context, &active, routing, &connection).await {
        Ok((plan, connected)) => {
            record.describe(&plan);
            let client = (&mut client, &hello.before[..]);
            forward(context, client, &plan, connected, &mut record).await;
        }
        Err((plan, refusal)) => {
            if let Some(plan) = plan {
                record.describe(&plan);
            }
            refuse(context, &mut record, &refusal);
        }
    }
    client.shutdown().await.ok();
    record.finish(&context.log, &context.metrics);
}

/// What a port of bytes speaks; for one that nobody may call the answer is decided.
fn protocol(context: &Context, service: &ServiceRef, port: &Name) -> Option<Protocol> {
    let active = context.active()?;
    let found = active.tables.find_service(service);
    let port = found.and_then(|at| active.tables.service(at).port(port));
    Some(port.map_or(Protocol::Tcp, |port| port.protocol))
}

type Connected = (TlsStream<TcpStream>, Rc<mesh_identity::SpiffeId>);

/// Connects as the rules say, or to what they fall back to.
async fn routed(
    context: &Rc<Context>,
    active: &Rc<Active>,
    mut routing: Routing,
    connection: &Connection<'_>,
) -> Result<(Plan, Connected), (Option<Plan>, Refusal)> {
    loop {
        let plan = match routing {
            Routing::Forward(plan) => plan,
            Routing::Refuse(refusal) => return Err((None, refusal)),
            // No rule answers a connection; what cannot be done is not done.
            Routing::Respond { .. } | Routing::Redirect { .. } | Routing::Preflight(_) => {
                let why = "a connection is not answered";
                return Err((None, Refusal::plain(404, Reason::NoRoute, why)));
            }
        };
        if let Some(refusal) = refusal_of(&plan) {
            return Err((Some(plan), refusal));
        }
        if let Some(rule) = plan.rule() {
            context.metrics.decided(active, rule, Shadowed::Allowed);
        }
        let refusal = match connect(context, active, &plan).await {
            Ok(connected) => return Ok((plan, connected)),
            Err(refusal) => refusal,
        };
        // Until a byte is sent, whoever comes next is as good.
        routing = match fall_back_connection(&active.tables, &plan, connection, &mut ()) {
            Some(next) => next,
            None => return Err((Some(plan), refusal)),
        };
    }
}

async fn forward(
    context: &Rc<Context>,
    client: (&mut TcpStream, &[u8]),
    plan: &Plan,
    (mut upstream, peer): Connected,
    record: &mut Record,
) {
    record.peer = Some(peer);
    context.metrics.opened(record);
    let service = record.active.tables.service(plan.service);
    let side = Side::Outbound {
        service: service.id.clone(),
        port: service.ports[plan.port.position()].name.clone(),
    };
    let ended = supervised(context, side, client, &mut upstream, plan.idle_timeout).await;
    record.received = ended.received;
    record.sent = ended.sent;
    record.outcome.reason = ended.reason;
}

/// Tries each endpoint once: until a byte is sent, another is as good.
async fn connect(
    context: &Rc<Context>,
    active: &Active,
    plan: &Plan,
) -> Result<Connected, Refusal> {
    let service = active.tables.service(plan.service);
    let targets = active.endpoints.targets(plan.service, plan.port);
    let version = plan.version.map(VersionIndex::position);
    let secure = Secure {
        identity: &active.identity,
        accept: &service.accounts,
    };
    let watch = active.outliers.group(plan.service, plan.port);
    let mut tried: SmallVec<[usize; 4]> = SmallVec::new();
    loop {
        let draw = Draw(rand::random());
        let views = Views {
            targets,
            version,
            watch: watch.map(|group| (group, context.clock.now())),
        };
        let at = pick(
            service.load_balancing.policy,
            &views,
            &tried,
            draw,
            context.turn(),
        );
        let at = at.filter(|at| !tried.contains(at));
        let Some(at) = at else {
            return Err(Refusal::no_endpoint(plan));
        };
        tried.push(at);
        let address = targets[at].address;
        let connected = connect_tls(address, secure, Alpn::Bytes, plan.connect_timeout).await;
        if let Some(group) = watch {
            let came = connected
                .as_ref()
                .map_or(Came::NoConnection, |_| Came::Connection);
            group.note(at, came, context.clock.now());
        }
        match connected {
            Ok(connected) => return Ok(connected),
            Err(error) => {
                tracing::debug!(%error, cause = ?std::error::Error::source(&error), "no upstream connection");
            }
        }
    }
}

fn refuse(context: &Context, record: &mut Record, refusal: &Refusal) {
    if let Some(rule) = refusal.rule {
        context
            .metrics
            .decided(&record.active, rule, Shadowed::Denied);
    }
    record.rule = refusal.rule.or(record.rule);
    record.outcome.reason = Some(refusal.reason.as_str());
}

struct Views<'a> {
    targets: &'a [Target],
    version: Option<usize>,
    watch: Option<(&'a Group, Tick)>,
}

impl Candidates for Views<'_> {
    fn count(&self) -> usize {
        self.targets.len()
    }

    fn view(&self, at: usize) -> EndpointView {
        let target = &self.targets[at];
        let of_version = self
            .version
            .is_none_or(|version| target.versions.contains(&version));
        let is_out = |(group, now): (&Group, Tick)| group.is_out(at, now);
        EndpointView {
            eligible: target.healthy && of_version && !self.watch.is_some_and(is_out),
            weight: target.weight,
            in_flight: 0,
        }
    }

    fn mark(&self, at: usize) -> u64 {
        self.targets[at].mark
    }
}

fn record(active: &Rc<Active>) -> Record {
    Record {
        direction: Direction::Outbound,
        active: active.clone(),
        began: Instant::now(),
        traffic: Traffic::Tcp,
        peer: None,
        service: None,
        version: None,
        rule: None,
        outcome: Outcome::default(),
        received: 0,
        sent: 0,
    }
}
