use mesh_ir::HostPattern;

use crate::authority::Authority;
use crate::index::InboundPort;
use crate::observe::{Found, Observer, Step, What};
use crate::tables::{ListenerTable, Tables};
use crate::verdict::{Reason, Refusal};

/// The listener of this role's gateways that a host belongs to, on a port: the one that
/// names it, else that of the longest `*.` above it, else the one for every host.
///
/// `host` is the server name of a connection with TLS, else the host of the request;
/// `None` where a client names none.
pub fn find_listener(tables: &Tables, port: u16, host: Option<&[u8]>) -> Option<InboundPort> {
    let host = host.map(Authority::parse).transpose().ok()?;
    best(tables, port, host.as_ref().map(Authority::host))
}

fn best(tables: &Tables, port: u16, host: Option<&str>) -> Option<InboundPort> {
    let on_port = tables.listeners().filter(|(_, it)| it.number == port);
    let ranked = on_port.filter_map(|(at, it)| Some((closeness(&it.hosts, host)?, at)));
    // The first of equals: listeners that share a port differ in their hosts.
    ranked
        .max_by_key(|(closeness, at)| (*closeness, std::cmp::Reverse(*at)))
        .map(|(_, at)| at)
}

/// How closely a list of hosts means this one; `None`: not at all.
fn closeness(hosts: &[HostPattern], host: Option<&str>) -> Option<usize> {
    if hosts.is_empty() {
        return Some(0);
    }
    let host = host?;
    let matching = hosts.iter().filter(|pattern| pattern.matches(host));
    matching.map(HostPattern::closeness).max()
}

/// A request may name another host than the connection's server name: it must belong to
/// the same listener, or it would pass by what the other one asks for.
pub(super) fn check_host<O: Observer>(
    tables: &Tables,
    at: InboundPort,
    listener: &ListenerTable,
    host: &str,
    observer: &mut O,
) -> Result<(), Box<Refusal>> {
    let is_here = best(tables, listener.number, Some(host)) == Some(at);
    let why = "the host belongs to another listener or to none";
    observer.step(Step {
        what: What::Listener,
        found: if is_here {
            Found::Fine
        } else {
            Found::Wrong(why)
        },
        rule: Some(listener.rule),
    });
    if is_here {
        return Ok(());
    }
    // 421: a client may ask again on a connection of its own (RFC 9110 section 15.5.20).
    let status = if listener.tls { 421 } else { 404 };
    let refusal = Refusal::plain(status, Reason::NoRoute, why);
    Err(Box::new(refusal.by(listener.rule)))
}
