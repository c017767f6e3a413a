//! Endpoints that an intent writes, and those that the inventory has found.

use std::net::SocketAddr;

use mesh_decide::Tables;
use mesh_ir::{Endpoint, Endpoints, StaticEndpoint, Workloads};

use super::intents::*;
use crate::endpoints::EndpointTable;

fn socket(last: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, last], 80))
}

/// Where `api.shop` is on its port `http`; its intent writes 10.0.0.1.
fn found(facts: &[Endpoints]) -> Vec<SocketAddr> {
    let mut snapshot = snapshot();
    let written = vec![StaticEndpoint {
        ports: vec![(name("http"), socket(1))],
        version: None,
        locality: None,
        weight: 1,
    }];
    snapshot.services[0].workloads = Workloads::Endpoints(written);
    let tables = Tables::build(&snapshot).unwrap();
    let api = tables.find_service(&service()).unwrap();
    let http = tables.service(api).ports.iter();
    let http = http.enumerate().find(|(_, port)| port.name == name("http"));
    let table = EndpointTable::build(&tables, facts);
    let targets = table.targets_at(api, http.unwrap().0);
    targets.iter().map(|target| target.address).collect()
}

fn fact(ports: &[(&str, u8)]) -> Endpoint {
    Endpoint {
        workload: "shop/api".to_owned(),
        identity: id(),
        ports: ports
            .iter()
            .map(|(port, last)| (name(port), socket(*last)))
            .collect(),
        labels: vec![],
        locality: None,
        weight: 1,
        healthy: true,
    }
}

fn facts(of: mesh_ir::ServiceRef, endpoints: Vec<Endpoint>) -> Endpoints {
    Endpoints {
        service: of,
        endpoints,
    }
}

#[test]
fn what_an_intent_writes_holds_where_nothing_was_found_of_the_service() {
    assert_eq!(found(&[]), [socket(1)]);
    assert_eq!(found(&[facts(service(), vec![])]), [socket(1)]);
    let mut other = service();
    other.name = name("other");
    assert_eq!(
        found(&[facts(other, vec![fact(&[("http", 9)])])]),
        [socket(1)]
    );
}

#[test]
fn what_was_found_of_a_service_takes_the_place_of_what_its_intent_writes() {
    let two = vec![fact(&[("http", 3)]), fact(&[("http", 2)])];
    assert_eq!(found(&[facts(service(), two)]), [socket(2), socket(3)]);
    // For every port: one that no workload serves has no place.
    assert!(found(&[facts(service(), vec![fact(&[("grpc", 2)])])]).is_empty());
}
