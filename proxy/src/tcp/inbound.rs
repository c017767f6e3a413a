use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use mesh_decide::{Admission, Caller, admit_connection};
use mesh_identity::SpiffeId;
use mesh_ir::{Name, Protocol, ServiceRef};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::connection::{Connection, Side};
use super::hello::hello_on;
use super::relay::{Ended, relay};
use crate::active::Active;
use crate::capacity::{Asks, Entry};
use crate::context::{Context, Supervised};
use crate::pool::connect_plain;
use crate::telemetry::{Direction, Outcome, Record, Shadowed, Traffic};

/// Until the connection to the application is open; it is on loopback.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Carries a caller's connection to the application, if it is let in. Refused
/// ones are closed before the application hears of them: access is judged when
/// the handshake is over, and rustls has no way to send an alert of ours
/// (`access_denied`) after it.
pub(crate) async fn serve_inbound<S>(
    context: &Rc<Context>,
    mut client: S,
    (service, port): (ServiceRef, Name),
    application: SocketAddr,
    peer: Rc<SpiffeId>,
    address: IpAddr,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Some(protocol) = protocol(context, &service, &port) else {
        return;
    };
    let Ok(hello) = hello_on(protocol, &mut client).await else {
        return;
    };
    let Some(active) = context.active() else {
        return;
    };
    let Some(at) = active.tables.inbound(&service, &port) else {
        return;
    };
    let caller = Caller::new(Some(&peer), Some(address));
    let asked = (&caller, hello.server_name.as_deref());
    let moment = context.moment();
    let (tables, state) = (&active.tables, &active.state);
    let admission = admit_connection(tables, state, at, asked, moment, &mut ());
    let mut record = record(&active, peer.clone());
    record.service = Some(active.tables.inbound_target(at).0);
    match admission {
        Admission::Refuse(refusal) => {
            context.metrics.noted(&active, &refusal.noted);
            if let Some(rule) = refusal.rule {
                context.metrics.decided(&active, rule, Shadowed::Denied);
            }
            record.rule = refusal.rule;
            record.outcome.reason = Some(refusal.reason.as_str());
            client.shutdown().await.ok();
        }
        // A bundle whose connections have questions is refused before it is active.
        Admission::Ask(_) | Admission::Preflight(_) => {
            record.outcome.reason = Some("authorizer");
            client.shutdown().await.ok();
        }
        Admission::Admit(admitted) => {
            context.metrics.noted(&active, &admitted.noted);
            let rule = admitted.allowed_by;
            context.metrics.decided(&active, rule, Shadowed::Allowed);
            record.rule = Some(rule);
            let gate = record.service.and_then(|it| active.capacities.gate(it));
            let slot = match gate.map(|gate| gate.enter(Asks::Connection)) {
                None => None,
                Some(Entry::Now(slot)) => Some(slot),
                Some(Entry::Later(_) | Entry::Full) => {
                    record.outcome.reason = Some("overload");
                    client.shutdown().await.ok();
                    return record.finish(&context.log, &context.metrics);
                }
            };
            context.metrics.opened(&record);
            let idle = record
                .service
                .and_then(|it| active.tables.service(it).idle_timeout);
            let side = Side::Inbound {
                service,
                port,
                peer,
                address,
                server_name: hello.server_name,
            };
            let before = &hello.before;
            let ended = carry(context, (&mut client, before), side, application, idle).await;
            record.received = ended.received;
            record.sent = ended.sent;
            record.outcome.reason = ended.reason;
            drop(slot);
        }
    }
    record.finish(&context.log, &context.metrics);
}

async fn carry<S>(
    context: &Rc<Context>,
    client: (&mut S, &[u8]),
    side: Side,
    application: SocketAddr,
    idle: Option<Duration>,
) -> Ended
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Ok(mut upstream) = connect_plain(application, CONNECT_TIMEOUT).await else {
        return Ended {
            reason: Some("no-application"),
            ..Ended::default()
        };
    };
    supervised(context, side, client, &mut upstream, idle).await
}

/// Relays until the end, or until other decisions end it. What was read of the client
/// before goes first.
pub(super) async fn supervised<C, U>(
    context: &Rc<Context>,
    side: Side,
    (client, before): (&mut C, &[u8]),
    upstream: &mut U,
    idle: Option<Duration>,
) -> Ended
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    let connection = Connection::new(side);
    let watched: Rc<dyn Supervised> = connection.clone();
    context.supervise(Rc::downgrade(&watched));
    if let Some(active) = context.active() {
        // The decision was made before connecting; it may have changed since.
        connection.judge(&active, context.moment());
    }
    if upstream.write_all(before).await.is_err() {
        return Ended {
            reason: Some("connection-reset"),
            ..Ended::default()
        };
    }
    let mut ended = relay(client, upstream, idle, &connection.ending).await;
    ended.received += before.len() as u64;
    ended
}

fn protocol(context: &Context, service: &ServiceRef, port: &Name) -> Option<Protocol> {
    let active = context.active()?;
    let service = active.tables.find_service(service)?;
    Some(active.tables.service(service).port(port)?.protocol)
}

fn record(active: &Rc<Active>, peer: Rc<SpiffeId>) -> Record {
    Record {
        direction: Direction::Inbound,
        active: active.clone(),
        began: Instant::now(),
        traffic: Traffic::Tcp,
        peer: Some(peer),
        service: None,
        version: None,
        rule: None,
        outcome: Outcome::default(),
        received: 0,
        sent: 0,
    }
}
