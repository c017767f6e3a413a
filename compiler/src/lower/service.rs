use std::net::SocketAddr;

use mesh_ir::{
    Call, Called, EncodedSlash, MtlsMode, Name, Port, Service, ServiceLimits, ServiceRef,
    StaticEndpoint, Version, Workloads,
};

use super::context::Context;
use super::defaults::policy;
use crate::syntax::ast::{self, Object};

pub(super) fn lower(
    context: &Context<'_>,
    id: &ServiceRef,
    object: &Object<ast::Service>,
) -> Option<Service> {
    let spec = &object.spec;
    let defaults = context.defaults(&id.namespace);
    let mut hosts: Vec<_> = spec.hosts.iter().map(|it| it.value.clone()).collect();
    hosts.sort();
    hosts.dedup();
    Some(Service {
        id: id.clone(),
        origin: context.sources.origin(object.span),
        accounts: context.identities(id, object),
        hosts,
        ports: ports(context, spec),
        versions: versions(context, spec),
        workloads: match endpoints(spec) {
            none if none.is_empty() => Workloads::Inventory,
            endpoints => Workloads::Endpoints(endpoints),
        },
        probes: vec![],
        health: None,
        limits: ServiceLimits::default(),
        outlier: None,
        load_balancing: spec
            .load_balancing
            .as_ref()
            .and_then(policy)
            .unwrap_or(defaults.load_balancing)
            .into(),
        connect_timeout: defaults.connect_timeout,
        timeout: defaults.timeout,
        stream_idle_timeout: defaults.stream_idle_timeout,
        idle_timeout: defaults.idle_timeout,
        retries: defaults.retries.clone(),
        encoded_slash: spec
            .encoded_slash
            .map_or(EncodedSlash::Refuse, |it| it.value),
        calls: match &spec.calls {
            None => None,
            Some(calls) => Some(lower_calls(context, id, calls)?),
        },
    })
}

fn ports(context: &Context<'_>, spec: &ast::Service) -> Vec<Port> {
    let mut ports: Vec<Port> = spec
        .ports
        .iter()
        .map(|port| Port {
            name: port.name.value.clone(),
            number: port.number.value,
            target: port.target.map_or(port.number.value, |it| it.value),
            protocol: port.protocol.value,
            mtls: MtlsMode::Strict,
            proxy_protocol: false,
            http10: false,
            origin: context.sources.origin(port.name.span),
        })
        .collect();
    ports.sort_by(|a, b| a.name.cmp(&b.name));
    ports
}

fn versions(context: &Context<'_>, spec: &ast::Service) -> Vec<Version> {
    let mut versions: Vec<Version> = spec
        .versions
        .iter()
        .map(|version| Version {
            name: version.name.value.clone(),
            labels: version.labels.clone(),
            origin: context.sources.origin(version.name.span),
        })
        .collect();
    versions.sort_by(|a, b| a.name.cmp(&b.name));
    versions
}

fn endpoints(spec: &ast::Service) -> Vec<StaticEndpoint> {
    let socket = |endpoint: &ast::Endpoint, port: &ast::Port| {
        let differing = endpoint
            .ports
            .iter()
            .find(|(name, _)| name.value == port.name.value);
        let number = differing.map_or(port.number.value, |(_, number)| number.value);
        SocketAddr::new(endpoint.address.value, number)
    };
    let mut endpoints: Vec<StaticEndpoint> = spec
        .endpoints()
        .iter()
        .map(|endpoint| {
            let mut ports: Vec<(Name, SocketAddr)> = spec
                .ports
                .iter()
                .map(|port| (port.name.value.clone(), socket(endpoint, port)))
                .collect();
            ports.sort();
            StaticEndpoint {
                ports,
                version: endpoint.version.as_ref().map(|it| it.value.clone()),
                locality: endpoint.locality.as_ref().map(|it| it.value.clone()),
                weight: endpoint.weight.map_or(1, |it| it.value),
            }
        })
        .collect();
    endpoints.sort();
    endpoints
}

fn lower_calls(context: &Context<'_>, id: &ServiceRef, calls: &[ast::Call]) -> Option<Vec<Call>> {
    let mut lowered: Vec<Call> = calls
        .iter()
        .map(|call| {
            let (service, _) = context
                .program
                .service(&call.service()?.value, &id.namespace)?;
            Some(Call {
                to: Called::Service(service),
                timeout: call.timeout.and_then(|it| it.value),
                attempts: call.attempts.map(|it| it.value),
                origin: context.sources.origin(call.span),
            })
        })
        .collect::<Option<_>>()?;
    lowered.sort_by(|a, b| a.to.cmp(&b.to));
    Some(lowered)
}
