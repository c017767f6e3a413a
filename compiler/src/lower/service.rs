use std::net::SocketAddr;

use mesh_ir::{
    Call, Called, EncodedSlash, Name, Port, Service, ServiceLimits, ServiceRef, StaticEndpoint,
    Version, Workloads,
};

use super::balancing;
use super::context::Context;
use super::health;
use super::lists::sorted;
use crate::resolve::accounts;
use crate::syntax::ast::{self, CallTarget, Object};

pub(super) fn lower(
    context: &Context<'_>,
    id: &ServiceRef,
    object: &Object<ast::Service>,
) -> Option<Service> {
    let spec = &object.spec;
    let defaults = context.defaults(&id.namespace);
    let mut probes: Vec<String> = spec.probes.iter().map(|it| it.value.to_string()).collect();
    probes.sort();
    Some(Service {
        id: id.clone(),
        origin: context.sources.origin(object.span),
        accounts: context.identities(&id.namespace, accounts(object)),
        hosts: sorted(&spec.hosts),
        ports: ports(context, &id.namespace, &spec.ports),
        versions: versions(context, spec),
        workloads: workloads(spec),
        probes,
        health: spec.health.as_ref().and_then(|it| health::check(spec, it)),
        load_balancing: balancing::merge(&defaults.load_balancing, spec.load_balancing.as_ref()),
        limits: ServiceLimits {
            connections: spec.limits.connections.map(|it| it.value),
            requests: spec.limits.requests.map(|it| it.value),
            pending: spec.limits.pending.map(|it| it.value),
        },
        outlier: spec.outlier_detection.as_ref().map(health::outlier),
        connect_timeout: spec
            .connect_timeout
            .map_or(defaults.connect_timeout, |it| it.value),
        timeout: defaults.timeout,
        stream_idle_timeout: spec
            .stream_idle_timeout
            .map_or(defaults.stream_idle_timeout, |it| it.value),
        idle_timeout: spec
            .idle_timeout
            .map_or(defaults.idle_timeout, |it| it.value),
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

/// The ports of a service or of an external one.
pub(super) fn ports(context: &Context<'_>, namespace: &Name, written: &[ast::Port]) -> Vec<Port> {
    let mut ports: Vec<Port> = written
        .iter()
        .map(|port| Port {
            name: port.name.value.clone(),
            number: port.number.value,
            target: port.target.map_or(port.number.value, |it| it.value),
            protocol: port.protocol.value,
            mtls: context.mtls(namespace, port.mtls.as_ref()),
            proxy_protocol: port.proxy_protocol.is_some(),
            http10: port.http10.is_some_and(|it| it.value),
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

fn workloads(spec: &ast::Service) -> Workloads {
    match &spec.workloads {
        None => Workloads::Inventory,
        Some(ast::Workloads::Selector { labels, span: _ }) => Workloads::Selector(labels.clone()),
        Some(ast::Workloads::Dns(host)) => Workloads::Dns(host.value.clone()),
        Some(ast::Workloads::Endpoints(written)) => {
            Workloads::Endpoints(endpoints(&spec.ports, written))
        }
    }
}

/// The endpoints that an intent writes for these ports.
pub(super) fn endpoints(ports: &[ast::Port], written: &[ast::Endpoint]) -> Vec<StaticEndpoint> {
    let socket = |endpoint: &ast::Endpoint, port: &ast::Port| {
        let differing = endpoint
            .ports
            .iter()
            .find(|(name, _)| name.value == port.name.value);
        let number = differing.map_or(port.number.value, |(_, number)| number.value);
        SocketAddr::new(endpoint.address.value, number)
    };
    let mut endpoints: Vec<StaticEndpoint> = written
        .iter()
        .map(|endpoint| {
            let mut ports: Vec<(Name, SocketAddr)> = ports
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
            let program = context.program;
            let to = match &call.target {
                CallTarget::Service(it) => {
                    Called::Service(program.service(&it.value, &id.namespace)?.0)
                }
                CallTarget::External(it) => {
                    Called::External(program.external(&it.value, &id.namespace)?.0.clone())
                }
            };
            Some(Call {
                to,
                timeout: call.timeout.and_then(|it| it.value),
                attempts: call.attempts.map(|it| it.value),
                origin: context.sources.origin(call.span),
            })
        })
        .collect::<Option<_>>()?;
    lowered.sort_by(|a, b| a.to.cmp(&b.to));
    Some(lowered)
}
