//! Who may call whom, and who says that it does.

use std::collections::BTreeSet;

use mesh_ir::{BackendTarget, Called, Mesh, Scope, ServiceRef, Who};

use super::model::{Graph, Line, Shape};
use super::services::{backends, external_node, gateway_node, service_node, target};

/// An arrow is solid where the caller's `calls` or a route says so, dashed where access
/// alone allows it.
pub(super) fn graph(mesh: &Mesh) -> Graph {
    let mut graph = Graph::new("Who may call whom");
    for id in mesh.services.keys() {
        service_node(&mut graph, id);
    }
    let said = said(mesh);
    for role in mesh.roles.iter() {
        let services = role.serves.iter().map(|id| service_node(&mut graph, id));
        let mut callers: Vec<(usize, Option<&ServiceRef>)> =
            services.zip(role.serves.iter().map(Some)).collect();
        for gateway in &role.gateways {
            callers.push((gateway_node(&mut graph, gateway), None));
        }
        for (from, caller) in callers {
            for callee in role.calls.iter().filter(|it| caller != Some(*it)) {
                let is_said = caller.is_some_and(|it| said.contains(&(it, callee)));
                let to = service_node(&mut graph, callee);
                graph.edge(from, to, line(is_said), "");
            }
            for external in role.externals.iter() {
                let is_said = caller.is_some_and(|it| said.contains(&(it, external)));
                let to = external_node(&mut graph, external);
                graph.edge(from, to, line(is_said), "");
            }
        }
    }
    for route in mesh.routes.values() {
        let Scope::Gateway(gateway) = &route.target.scope else {
            continue;
        };
        for (backend, line, label) in backends(route) {
            let from = gateway_node(&mut graph, gateway);
            if let Some(to) = target(&mut graph, backend) {
                // Rather what the route says than that access allows it.
                graph.edges.retain(|it| (it.from, it.to) != (from, to));
                graph.edge(from, to, line, label);
            }
        }
    }
    strangers(mesh, &mut graph);
    graph.finished()
}

fn line(is_said: bool) -> Line {
    if is_said { Line::Solid } else { Line::Dashed }
}

/// Pairs that an intent names: by `calls`, or by a backend of the callee's route.
fn said(mesh: &Mesh) -> BTreeSet<(&ServiceRef, &ServiceRef)> {
    let mut said = BTreeSet::new();
    for service in mesh.services.values() {
        for call in service.calls.iter().flatten() {
            let (Called::Service(to) | Called::External(to)) = &call.to;
            said.insert((&service.id, to));
        }
    }
    for route in mesh.routes.values() {
        let Scope::Service(from) = &route.target.scope else {
            continue;
        };
        for (backend, ..) in backends(route) {
            if let BackendTarget::Other { service, .. } | BackendTarget::External { service, .. } =
                backend
            {
                said.insert((from, service));
            }
        }
    }
    for access in mesh.access.values().filter(|it| !it.shadow) {
        let Scope::Service(to) = &access.target.scope else {
            continue;
        };
        for caller in access.allow.iter().flat_map(|rule| &rule.from) {
            if let Who::Service { service, .. } = &caller.who {
                said.insert((service, to));
            }
        }
    }
    said
}

/// Those without an identity, where an entry of `allow` takes anyone.
fn strangers(mesh: &Mesh, graph: &mut Graph) {
    for access in mesh.access.values().filter(|it| !it.shadow) {
        let from = access.allow.iter().flat_map(|rule| &rule.from);
        if !from.into_iter().any(|it| it.who == Who::Anyone) {
            continue;
        }
        let services = mesh.services.keys();
        let services = services.filter(|id| access.target.scope.covers(id));
        for id in services {
            let from = graph.node(Shape::Outside, None, "anyone");
            let to = service_node(graph, id);
            graph.edge(from, to, Line::Warning, "");
        }
    }
}
