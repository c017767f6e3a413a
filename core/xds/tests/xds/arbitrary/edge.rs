use mesh_ir::{
    Certificate, ClientAddress, ClientCertificates, ExternalService, Gateway, Listener,
    ListenerTls, TlsVersion, UpstreamTls,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::balancing::balancing;
use super::names::{
    cidr, duration, host, host_pattern, identity, name, object_ref, origin, service_ref, text,
};
use super::service::{port, protocol, retries, static_endpoint};

fn certificate() -> BoxedStrategy<Certificate> {
    prop_oneof![
        name().prop_map(Certificate::Secret),
        (text(), text()).prop_map(|(chain, key)| Certificate::Files { chain, key }),
        Just(Certificate::Mesh),
    ]
    .boxed()
}

fn tls_version() -> BoxedStrategy<TlsVersion> {
    prop_oneof![Just(TlsVersion::Tls12), Just(TlsVersion::Tls13)].boxed()
}

fn listener() -> BoxedStrategy<Listener> {
    let clients =
        (any::<bool>(), text(), vec(text(), 0..2)).prop_map(|(required, ca, subject_alt_names)| {
            ClientCertificates {
                required,
                ca,
                subject_alt_names,
            }
        });
    let tls = (certificate(), tls_version(), option::of(clients)).prop_map(
        |(certificate, min_version, clients)| ListenerTls {
            certificate,
            min_version,
            clients,
        },
    );
    (
        name(),
        origin(),
        any::<u16>(),
        protocol(),
        vec(host_pattern(), 0..2),
        vec(any::<std::net::IpAddr>(), 0..2),
        option::of(tls),
        any::<bool>(),
    )
        .prop_map(
            |(name, origin, port, protocol, hosts, addresses, tls, redirect)| Listener {
                name,
                origin,
                port,
                protocol,
                hosts,
                addresses,
                tls,
                redirect,
            },
        )
        .boxed()
}

pub(super) fn gateway() -> BoxedStrategy<Gateway> {
    let client_address = prop_oneof![
        Just(ClientAddress::Peer),
        any::<u8>().prop_map(ClientAddress::ForwardedFor),
        Just(ClientAddress::ProxyProtocol),
    ];
    (
        object_ref(),
        origin(),
        vec(identity(), 0..2),
        client_address,
        vec(listener(), 0..2),
        vec(name(), 0..2),
    )
        .prop_map(
            |(id, origin, accounts, client_address, listeners, attach)| Gateway {
                id,
                origin,
                accounts,
                client_address,
                listeners,
                attach,
            },
        )
        .boxed()
}

pub(super) fn external() -> BoxedStrategy<ExternalService> {
    let tls = (
        option::of(host()),
        vec(text(), 0..2),
        option::of(text()),
        option::of(certificate()),
        tls_version(),
    )
        .prop_map(
            |(server_name, subject_alt_names, ca, certificate, min_version)| UpstreamTls {
                server_name,
                subject_alt_names,
                ca,
                certificate,
                min_version,
            },
        );
    let bound = || option::of(duration());
    (
        (service_ref(), origin()),
        vec(host_pattern(), 0..2),
        (vec(static_endpoint(), 0..2), vec(cidr(), 0..2)),
        vec(port(), 0..2),
        (option::of(tls), option::of(object_ref())),
        balancing(),
        (duration(), bound(), bound(), bound()),
        retries(),
    )
        .prop_map(
            |(
                (id, origin),
                hosts,
                (endpoints, addresses),
                ports,
                (tls, via),
                load_balancing,
                (connect_timeout, timeout, stream_idle_timeout, idle_timeout),
                retries,
            )| ExternalService {
                id,
                origin,
                hosts,
                endpoints,
                addresses,
                ports,
                tls,
                via,
                load_balancing,
                connect_timeout,
                timeout,
                stream_idle_timeout,
                idle_timeout,
                retries,
            },
        )
        .boxed()
}
