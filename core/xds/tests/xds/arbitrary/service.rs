use mesh_ir::{
    Backoff, Call, EncodedSlash, LoadBalancing, Percent, Port, Protocol, RetryOn, RetryPolicy,
    Service, StaticEndpoint, Version,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::names::{address, duration, host, identity, name, origin, pairs, service_ref, text};

pub(super) fn retry_on() -> impl Strategy<Value = RetryOn> {
    prop_oneof![
        Just(RetryOn::ConnectFailure),
        Just(RetryOn::RefusedStream),
        Just(RetryOn::ResetBeforeRequest),
        Just(RetryOn::Reset),
        Just(RetryOn::ServerError),
        Just(RetryOn::GatewayError),
        Just(RetryOn::RetriableClientError),
        any::<u16>().prop_map(RetryOn::Status),
        any::<u8>().prop_map(RetryOn::Grpc),
    ]
}

pub(super) fn retries() -> impl Strategy<Value = RetryPolicy> {
    (
        any::<u32>(),
        vec(retry_on(), 0..3),
        any::<bool>(),
        duration(),
        duration(),
        any::<u32>(),
    )
        .prop_map(
            |(attempts, on, idempotent, base, max, budget)| RetryPolicy {
                attempts,
                on,
                idempotent,
                backoff: Backoff { base, max },
                budget: Percent(budget),
            },
        )
}

pub(super) fn port() -> impl Strategy<Value = Port> {
    let protocol = prop_oneof![
        Just(Protocol::Http),
        Just(Protocol::Http2),
        Just(Protocol::Grpc),
        Just(Protocol::Tcp),
        Just(Protocol::Tls),
    ];
    (name(), any::<u16>(), any::<u16>(), protocol, origin()).prop_map(
        |(name, number, target, protocol, origin)| Port {
            name,
            number,
            target,
            protocol,
            mtls: mesh_ir::MtlsMode::Strict,
            proxy_protocol: false,
            http10: false,
            origin,
        },
    )
}

pub(super) fn static_endpoint() -> impl Strategy<Value = StaticEndpoint> {
    (
        vec((name(), address()), 0..2),
        option::of(name()),
        option::of(text()),
        any::<u32>(),
    )
        .prop_map(|(ports, version, locality, weight)| StaticEndpoint {
            ports,
            version,
            locality,
            weight,
        })
}

pub(super) fn service() -> impl Strategy<Value = Service> {
    let version = (name(), pairs(), origin()).prop_map(|(name, labels, origin)| Version {
        name,
        labels,
        origin,
    });
    let call = (
        service_ref(),
        option::of(duration()),
        option::of(any::<u32>()),
        origin(),
    )
        .prop_map(|(service, timeout, attempts, origin)| Call {
            to: mesh_ir::Called::Service(service),
            timeout,
            attempts,
            origin,
        });
    let balancing = prop_oneof![
        Just(LoadBalancing::RoundRobin),
        Just(LoadBalancing::Random),
        Just(LoadBalancing::LeastRequest),
    ];
    let slash = prop_oneof![Just(EncodedSlash::Refuse), Just(EncodedSlash::Judge)];
    let bound = || option::of(duration());
    (
        (service_ref(), origin()),
        (vec(identity(), 0..2), vec(host(), 0..2)),
        vec(port(), 0..2),
        (vec(version, 0..2), vec(static_endpoint(), 0..2)),
        (balancing, slash),
        (duration(), bound(), bound(), bound()),
        retries(),
        option::of(vec(call, 0..2)),
    )
        .prop_map(
            |(
                (id, origin),
                (accounts, hosts),
                ports,
                (versions, endpoints),
                (load_balancing, encoded_slash),
                (connect_timeout, timeout, stream_idle_timeout, idle_timeout),
                retries,
                calls,
            )| Service {
                id,
                origin,
                accounts,
                hosts,
                ports,
                versions,
                workloads: if endpoints.is_empty() {
                    mesh_ir::Workloads::Inventory
                } else {
                    mesh_ir::Workloads::Endpoints(endpoints)
                },
                probes: vec![],
                health: None,
                load_balancing: load_balancing.into(),
                limits: mesh_ir::ServiceLimits::default(),
                outlier: None,
                connect_timeout,
                timeout,
                stream_idle_timeout,
                idle_timeout,
                retries,
                encoded_slash,
                calls,
            },
        )
}
