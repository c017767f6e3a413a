use mesh_ir::{
    Backoff, Call, Called, EncodedSlash, MtlsMode, Port, Protocol, RetryOn, RetryPolicy, Service,
    StaticEndpoint, Version, Workloads,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::balancing::{balancing, health, limits, outlier};
use super::names::{
    address, duration, host, identity, name, origin, pairs, percent, service_ref, text,
};

pub(super) fn retry_on() -> BoxedStrategy<RetryOn> {
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
    .boxed()
}

pub(super) fn retries() -> BoxedStrategy<RetryPolicy> {
    (
        any::<u32>(),
        vec(retry_on(), 0..3),
        any::<bool>(),
        duration(),
        duration(),
        percent(),
    )
        .prop_map(
            |(attempts, on, idempotent, base, max, budget)| RetryPolicy {
                attempts,
                on,
                idempotent,
                backoff: Backoff { base, max },
                budget,
            },
        )
        .boxed()
}

pub(super) fn protocol() -> BoxedStrategy<Protocol> {
    prop_oneof![
        Just(Protocol::Http),
        Just(Protocol::Http2),
        Just(Protocol::Grpc),
        Just(Protocol::Tcp),
        Just(Protocol::Tls),
    ]
    .boxed()
}

pub(super) fn port() -> BoxedStrategy<Port> {
    let mtls = prop_oneof![Just(MtlsMode::Strict), Just(MtlsMode::Permissive)];
    (
        name(),
        any::<u16>(),
        any::<u16>(),
        protocol(),
        mtls,
        any::<[bool; 2]>(),
        origin(),
    )
        .prop_map(
            |(name, number, target, protocol, mtls, [proxy_protocol, http10], origin)| Port {
                name,
                number,
                target,
                protocol,
                mtls,
                proxy_protocol,
                http10,
                origin,
            },
        )
        .boxed()
}

pub(super) fn static_endpoint() -> BoxedStrategy<StaticEndpoint> {
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
        .boxed()
}

fn workloads() -> BoxedStrategy<Workloads> {
    prop_oneof![
        Just(Workloads::Inventory),
        pairs().prop_map(Workloads::Selector),
        host().prop_map(Workloads::Dns),
        vec(static_endpoint(), 0..2).prop_map(Workloads::Endpoints),
    ]
    .boxed()
}

fn call() -> BoxedStrategy<Call> {
    let to = prop_oneof![
        service_ref().prop_map(Called::Service),
        service_ref().prop_map(Called::External),
    ];
    (
        to,
        option::of(duration()),
        option::of(any::<u32>()),
        origin(),
    )
        .prop_map(|(to, timeout, attempts, origin)| Call {
            to,
            timeout,
            attempts,
            origin,
        })
        .boxed()
}

pub(super) fn service() -> BoxedStrategy<Service> {
    let version = (name(), pairs(), origin()).prop_map(|(name, labels, origin)| Version {
        name,
        labels,
        origin,
    });
    let slash = prop_oneof![Just(EncodedSlash::Refuse), Just(EncodedSlash::Judge)];
    let bound = || option::of(duration());
    (
        (service_ref(), origin()),
        (vec(identity(), 0..2), vec(host(), 0..2)),
        vec(port(), 0..2),
        (vec(version, 0..2), workloads()),
        (vec(text(), 0..2), option::of(health())),
        (balancing(), limits(), option::of(outlier())),
        (duration(), bound(), bound(), bound()),
        (retries(), slash),
        option::of(vec(call(), 0..2)),
    )
        .prop_map(
            |(
                (id, origin),
                (accounts, hosts),
                ports,
                (versions, workloads),
                (probes, health),
                (load_balancing, limits, outlier),
                (connect_timeout, timeout, stream_idle_timeout, idle_timeout),
                (retries, encoded_slash),
                calls,
            )| Service {
                id,
                origin,
                accounts,
                hosts,
                ports,
                versions,
                workloads,
                probes,
                health,
                load_balancing,
                limits,
                outlier,
                connect_timeout,
                timeout,
                stream_idle_timeout,
                idle_timeout,
                retries,
                encoded_slash,
                calls,
            },
        )
        .boxed()
}
