//! Identities, and every place where one is not needed.

use mesh_ir::{DefaultAccess, Gateway, Mesh, MtlsMode, SpiffeId, Who};

use super::model::{Graph, Line, Shape};
use super::services::{external_node, gateway_node, service_node};

pub(super) fn graph(mesh: &Mesh) -> Graph {
    let domain = &mesh.settings.trust_domain;
    let mut graph = Graph::new(format!("Trust in {domain}: accounts, doors, plain text"));
    for role in mesh.roles.iter() {
        let account = account_node(&mut graph, &role.identity);
        for id in &role.serves {
            let service = service_node(&mut graph, id);
            graph.edge(account, service, Line::Solid, "");
        }
        for id in &role.gateways {
            let gateway = gateway_node(&mut graph, id);
            graph.edge(account, gateway, Line::Solid, "");
        }
    }
    for service in mesh.services.values() {
        let plain = |it: &&mesh_ir::Port| it.mtls == MtlsMode::Permissive;
        let ports: Vec<&str> = service
            .ports
            .iter()
            .filter(plain)
            .map(|it| it.name.as_str())
            .collect();
        let node = service_node(&mut graph, &service.id);
        if !ports.is_empty() {
            let from = graph.node(Shape::Outside, None, "plain text");
            graph.edge(from, node, Line::Warning, &ports.join(", "));
        }
        let default = mesh.settings.access_default(&service.id.namespace);
        if default.mode == DefaultAccess::Allow {
            "allowed by default".clone_into(&mut graph.nodes[node].detail);
        }
    }
    anyone(mesh, &mut graph);
    for gateway in mesh.gateways.values() {
        doors(gateway, &mut graph);
    }
    for external in mesh.externals.values() {
        let node = external_node(&mut graph, &external.id);
        let hosts: Vec<String> = external.hosts.iter().map(ToString::to_string).collect();
        graph.nodes[node].detail = hosts.join(", ");
        let (line, label) = match external.tls {
            Some(_) => (Line::Solid, "TLS"),
            None => (Line::Warning, "as the application speaks"),
        };
        let from = match &external.via {
            Some(via) => gateway_node(&mut graph, via),
            None => graph.node(Shape::Account, None, "any caller's proxy"),
        };
        graph.edge(from, node, line, label);
    }
    graph.finished()
}

fn account_node(graph: &mut Graph, identity: &SpiffeId) -> usize {
    let account = identity.to_string();
    let name = account.rsplit('/').next().unwrap_or(&account);
    graph.node(Shape::Account, identity.namespace(), name)
}

/// Where entries of `allow` take whoever comes.
fn anyone(mesh: &Mesh, graph: &mut Graph) {
    for access in mesh.access.values().filter(|it| !it.shadow) {
        let mut from = access.allow.iter().flat_map(|rule| &rule.from);
        if !from.any(|it| it.who == Who::Anyone) {
            continue;
        }
        for id in mesh.services.keys() {
            if access.target.scope.covers(id) {
                let from = graph.node(Shape::Outside, None, "anyone");
                let to = service_node(graph, id);
                graph.edge(from, to, Line::Warning, "allowed");
            }
        }
    }
}

/// How clients come in.
fn doors(gateway: &Gateway, graph: &mut Graph) {
    let node = gateway_node(graph, &gateway.id);
    for listener in &gateway.listeners {
        let (line, how) = match &listener.tls {
            Some(tls) if tls.clients.as_ref().is_some_and(|it| it.required) => {
                (Line::Solid, "mutual TLS")
            }
            Some(_) => (Line::Solid, "TLS"),
            None if listener.protocol == mesh_ir::Protocol::Tls => (Line::Solid, "TLS, passed on"),
            None if listener.redirect => (Line::Dashed, "redirected"),
            None => (Line::Warning, "plain text"),
        };
        let from = graph.node(Shape::Outside, None, "clients");
        graph.edge(from, node, line, &format!("{} {how}", listener.port));
    }
}
