//! What there is, and how routes lead from one to another.

use mesh_ir::{Action, BackendTarget, Mesh, ObjectRef, Protocol, Route, Scope, ServiceRef};

use super::model::{Graph, Line, Shape};

pub(super) fn graph(mesh: &Mesh) -> Graph {
    let mut graph = Graph::new("Services, and where routes lead");
    for service in mesh.services.values() {
        let node = service_node(&mut graph, &service.id);
        let ports = service.ports.iter();
        let ports: Vec<String> = ports.map(|it| port(it.number, it.protocol)).collect();
        let mut detail = ports.join(", ");
        if !service.versions.is_empty() {
            let versions: Vec<&str> = service.versions.iter().map(|it| it.name.as_str()).collect();
            detail = format!("{detail} · {}", versions.join(", "));
        }
        graph.nodes[node].detail = detail;
    }
    for gateway in mesh.gateways.values() {
        let node = gateway_node(&mut graph, &gateway.id);
        let listeners = gateway.listeners.iter();
        let ports: Vec<String> = listeners.map(|it| port(it.port, it.protocol)).collect();
        graph.nodes[node].detail = ports.join(", ");
    }
    for external in mesh.externals.values() {
        let node = external_node(&mut graph, &external.id);
        let hosts: Vec<String> = external.hosts.iter().map(ToString::to_string).collect();
        graph.nodes[node].detail = hosts.join(", ");
        if let Some(via) = &external.via {
            let gateway = gateway_node(&mut graph, via);
            graph.edge(gateway, node, Line::Solid, "leaves");
        }
    }
    for route in mesh.routes.values() {
        for (to, line, label) in backends(route) {
            let from = subject(&mut graph, &route.target.scope);
            if let (Some(from), Some(to)) = (from, target(&mut graph, to)) {
                graph.edge(from, to, line, label);
            }
        }
    }
    graph.finished()
}

fn port(number: u16, protocol: Protocol) -> String {
    format!("{protocol} {number}")
}

/// The other services that the rules of a route name, and what for.
pub(super) fn backends(route: &Route) -> Vec<(&BackendTarget, Line, &'static str)> {
    let mut found = Vec::new();
    for rule in &route.rules {
        let Action::Forward(forward) = &rule.action else {
            continue;
        };
        let sent = forward.backends.iter().filter(|it| it.weight > 0);
        found.extend(sent.map(|it| (&it.target, Line::Solid, "")));
        let fallback = forward.fallback.iter();
        found.extend(fallback.map(|it| (&it.target, Line::Dashed, "falls back")));
        let mirrors = forward.mirror.iter();
        found.extend(mirrors.map(|it| (&it.target, Line::Dashed, "mirrors")));
    }
    found
}

/// The node of another service that a backend is; none where it is the route's own.
pub(super) fn target(graph: &mut Graph, target: &BackendTarget) -> Option<usize> {
    match target {
        BackendTarget::Service | BackendTarget::Version(_) => None,
        BackendTarget::Other { service, port: _ } => Some(service_node(graph, service)),
        BackendTarget::External { service, port: _ } => Some(external_node(graph, service)),
    }
}

pub(super) fn subject(graph: &mut Graph, scope: &Scope) -> Option<usize> {
    match scope {
        Scope::Service(id) => Some(service_node(graph, id)),
        Scope::Gateway(id) => Some(gateway_node(graph, id)),
        Scope::External(id) => Some(external_node(graph, id)),
        Scope::Namespace(_) | Scope::Mesh => None,
    }
}

pub(super) fn service_node(graph: &mut Graph, id: &ServiceRef) -> usize {
    graph.node(
        Shape::Service,
        Some(id.namespace.as_str()),
        id.name.as_str(),
    )
}

pub(super) fn gateway_node(graph: &mut Graph, id: &ObjectRef) -> usize {
    graph.node(
        Shape::Gateway,
        Some(id.namespace.as_str()),
        id.name.as_str(),
    )
}

pub(super) fn external_node(graph: &mut Graph, id: &ServiceRef) -> usize {
    graph.node(
        Shape::External,
        Some(id.namespace.as_str()),
        id.name.as_str(),
    )
}
