use mesh_ir::{InboundListener, Listeners, Name, ServiceRef, TcpListener, Workload};

/// Where a workload's proxy listens, as its inventory entry says.
///
/// Ports are not held against the intents here: facts carry no meaning, and the
/// same listeners serve the old bundle and the new.
pub(super) fn of(workload: &Workload, service: &ServiceRef) -> Result<Listeners, String> {
    let mut inbound = Vec::new();
    for it in &workload.inbound {
        inbound.push(InboundListener {
            service: service.clone(),
            port: name(&it.port)?,
            listen: it.listen,
            application: it.application,
        });
    }
    let mut tcp = Vec::new();
    for it in &workload.tcp {
        tcp.push(TcpListener {
            service: service_ref(&it.service, &service.namespace)?,
            port: name(&it.port)?,
            listen: it.listen,
        });
    }
    inbound.sort();
    tcp.sort();
    Ok(Listeners {
        workload: super::workload_id(workload),
        admin: workload.admin,
        inbound,
        outbound: workload.outbound,
        tcp,
    })
}

fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|error| format!("`{text}`: {error}"))
}

/// `db.shop`, or `db` of the workload's own namespace.
fn service_ref(text: &str, own: &Name) -> Result<ServiceRef, String> {
    Ok(match text.split_once('.') {
        Some((service, namespace)) => ServiceRef {
            namespace: name(namespace)?,
            name: name(service)?,
        },
        None => ServiceRef {
            namespace: own.clone(),
            name: name(text)?,
        },
    })
}
