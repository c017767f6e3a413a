use std::collections::BTreeSet;

use mesh_ir::{
    ClientAddress, EncodedSlash, ExternalService, HostPattern, Listener, MtlsMode, Protocol,
};

use super::access::{AccessTable, PortAccess};
use super::builder::{Builder, Site};
use super::callee::CalleeKind;
use super::limits::LimitTable;
use super::tokens::{PortIssuer, merged};
use crate::index::{InboundPort, LimitIndex, PortIndex, ServiceIndex};
use crate::rule::RuleIndex;

/// What one served port enforces, one listener, or one port of an external service.
#[derive(Debug)]
pub(crate) struct Inbound {
    pub(crate) service: ServiceIndex,
    pub(crate) port: PortIndex,
    pub(crate) protocol: Protocol,
    pub(crate) encoded_slash: EncodedSlash,
    /// Whether callers without an identity are refused.
    pub(crate) needs_identity: Option<RuleIndex>,
    pub(crate) access: PortAccess,
    pub(crate) limits: Vec<LimitIndex>,
    /// Whose tokens are looked for. Sorted.
    pub(crate) issuers: Vec<PortIssuer>,
    /// Headers that something with an effect reads, so they may come once only; cookies apart.
    pub(crate) single_headers: Vec<Box<str>>,
    /// Of a gateway.
    pub(crate) listener: Option<Box<ListenerTable>>,
}

/// What a gateway's listener is besides a port.
#[derive(Debug)]
pub(crate) struct ListenerTable {
    pub(crate) rule: RuleIndex,
    pub(crate) number: u16,
    pub(crate) hosts: Vec<HostPattern>,
    pub(crate) client_address: ClientAddress,
    /// Whether its clients speak TLS that ends here.
    pub(crate) tls: bool,
    /// Whether everything is sent to the same place under `https`.
    pub(crate) redirect: bool,
}

/// What this role enforces; [`InboundPort`] is a position in it: the ports of served
/// services, the listeners of its own gateways, and the ports of the external services
/// that nobody further on judges access to.
pub(super) fn build(
    builder: &mut Builder<'_>,
    access: &AccessTable,
    limits: &[LimitTable],
) -> Vec<Inbound> {
    let mut inbound: Vec<Inbound> = vec![];
    for at in enforced_callees(builder) {
        let service = builder.services()[at.position()].clone();
        let callee = builder.callee(at).clone();
        for (port_at, port) in service.ports.iter().enumerate() {
            debug_assert_eq!(InboundPort::at(inbound.len()).position(), inbound.len());
            let site = Site {
                subject: callee.subject(&service.id),
                service: &service,
                port,
            };
            let mut enforced = enforced(builder, access, limits, &site);
            enforced.service = at;
            enforced.port = PortIndex::at(port_at);
            match callee.kind {
                CalleeKind::Service if port.mtls == MtlsMode::Strict => {
                    enforced.needs_identity = Some(builder.add_service_rule(at));
                }
                CalleeKind::Service | CalleeKind::External => {}
                CalleeKind::Gateway => {
                    let gateways = &builder.snapshot.gateways;
                    let gateway = gateways.iter().find(|it| it.id == callee.object);
                    enforced.listener = gateway.and_then(|gateway| {
                        let listener = gateway.listener(&port.name)?;
                        let rule = builder.add_service_rule(at);
                        Some(Box::new(table(rule, gateway.client_address, listener)))
                    });
                }
            }
            inbound.push(enforced);
        }
    }
    inbound
}

fn enforced_callees(builder: &Builder<'_>) -> Vec<ServiceIndex> {
    let role = &builder.snapshot.role;
    let served = role.serves.iter();
    let mut all: Vec<_> = served.filter_map(|id| builder.find_service(id)).collect();
    let at_kind = |kind| {
        let every = (0..builder.services().len()).map(ServiceIndex::at);
        every.filter(move |at| builder.callee(*at).kind == kind)
    };
    let own = |at: &ServiceIndex| role.gateways.contains(&builder.callee(*at).object);
    all.extend(at_kind(CalleeKind::Gateway).filter(own));
    let judged = |at: &ServiceIndex| {
        let id = &builder.services()[at.position()].id;
        let mut externals = builder.snapshot.externals.iter();
        externals.any(|it| it.id == *id && is_judged(builder, it))
    };
    all.extend(at_kind(CalleeKind::External).filter(judged));
    all
}

/// Whether this role's proxies judge access to an external service: they are those of
/// the gateway before it, or there is none.
fn is_judged(builder: &Builder<'_>, external: &ExternalService) -> bool {
    let own = &builder.snapshot.role.gateways;
    external.via.as_ref().is_none_or(|via| own.contains(via))
}

fn table(rule: RuleIndex, client_address: ClientAddress, listener: &Listener) -> ListenerTable {
    ListenerTable {
        rule,
        number: listener.port,
        hosts: listener.hosts.clone(),
        client_address,
        tls: listener.tls.is_some(),
        redirect: listener.redirect,
    }
}

fn enforced(
    builder: &mut Builder<'_>,
    table: &AccessTable,
    limits: &[LimitTable],
    site: &Site<'_>,
) -> Inbound {
    let access = table.port(builder, site);
    let mut names = BTreeSet::new();
    let mut add = |name: &str| {
        names.insert(Box::<str>::from(name));
    };
    let mut issuers = vec![];
    let judged = [
        (&access.allow, true),
        (&access.deny, true),
        (&access.audit, false),
    ];
    for (list, has_effect) in judged {
        for at in list {
            let entry = &table.entries[*at];
            let enforced = has_effect && !table.documents[entry.document].shadow;
            if enforced {
                entry.requests.header_names(&mut add);
            }
            entry
                .from
                .issuers(&mut |issuer| issuers.push(PortIssuer { issuer, enforced }));
        }
    }
    for at in &access.authorizers {
        table.authorizers[at.position()]
            .requests
            .header_names(&mut add);
    }
    let mut applied = vec![];
    for (at, limit) in limits.iter().enumerate() {
        if limit.is_about(builder, site) {
            let enforced = !limit.shadow;
            if enforced {
                limit.header_names(&mut add);
            }
            limit
                .from
                .issuers(&mut |issuer| issuers.push(PortIssuer { issuer, enforced }));
            applied.push(LimitIndex::at(at));
        }
    }
    names.remove("cookie");
    Inbound {
        service: ServiceIndex(0),
        port: PortIndex(0),
        protocol: site.port.protocol,
        encoded_slash: site.service.encoded_slash,
        needs_identity: None,
        access,
        limits: applied,
        issuers: merged(issuers),
        single_headers: names.into_iter().collect(),
        listener: None,
    }
}
