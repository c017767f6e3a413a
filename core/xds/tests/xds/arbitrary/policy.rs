use mesh_ir::{
    Access, AccessDefault, AccessRule, Authorizer, AuthorizerProtocol, DefaultAccess, Limit,
    LimitProvider, LimitScope, OnFailure, Otlp, Rate, RateLimit, Role, Settings, Timestamp,
    TrustDomain,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::matching::{caller, key, request, target};
use super::names::{
    duration, identity, name, object_ref, origin, percent, rule_id, service_ref, text,
};

pub(super) fn access() -> BoxedStrategy<Access> {
    let rules = || {
        vec(
            (
                rule_id(),
                origin(),
                vec(caller(), 0..2),
                vec(request(), 0..2),
                option::of(any::<i64>()),
            )
                .prop_map(|(id, origin, from, matches, expires)| AccessRule {
                    id,
                    origin,
                    from,
                    matches,
                    expires: expires.map(Timestamp),
                }),
            0..2,
        )
    };
    (
        object_ref(),
        origin(),
        target(),
        rules(),
        rules(),
        rules(),
        option::of(authorizer()),
        any::<bool>(),
    )
        .prop_map(
            |(id, origin, target, allow, deny, audit, authorizer, shadow)| Access {
                id,
                origin,
                target,
                allow,
                deny,
                audit,
                authorizer,
                shadow,
            },
        )
        .boxed()
}

fn on_failure() -> BoxedStrategy<OnFailure> {
    prop_oneof![Just(OnFailure::Deny), Just(OnFailure::Allow)].boxed()
}

fn authorizer() -> BoxedStrategy<Authorizer> {
    let protocol = prop_oneof![
        Just(AuthorizerProtocol::Grpc),
        Just(AuthorizerProtocol::Http)
    ];
    (
        (rule_id(), origin()),
        (service_ref(), name()),
        protocol,
        duration(),
        on_failure(),
        vec(request(), 0..2),
    )
        .prop_map(
            |((id, origin), (service, port), protocol, timeout, on_failure, matches)| Authorizer {
                id,
                origin,
                service,
                port,
                protocol,
                timeout,
                on_failure,
                matches,
            },
        )
        .boxed()
}

fn provider() -> BoxedStrategy<LimitProvider> {
    (
        service_ref(),
        name(),
        text(),
        duration(),
        on_failure(),
        origin(),
    )
        .prop_map(
            |(service, port, domain, timeout, on_failure, origin)| LimitProvider {
                service,
                port,
                domain,
                timeout,
                on_failure,
                origin,
            },
        )
        .boxed()
}

pub(super) fn limits() -> BoxedStrategy<RateLimit> {
    let limit = (
        (rule_id(), origin()),
        vec(caller(), 0..2),
        vec(request(), 0..2),
        vec(key(), 0..3),
        (any::<u64>(), duration()),
        any::<u64>(),
        prop_oneof![Just(LimitScope::Proxy), Just(LimitScope::Fleet)],
        any::<u16>(),
        any::<bool>(),
    )
        .prop_map(
            |(
                (id, origin),
                from,
                matches,
                per,
                (count, interval),
                burst,
                scope,
                status,
                shadow,
            )| Limit {
                id,
                origin,
                from,
                matches,
                per,
                rate: Rate {
                    count,
                    per: interval,
                },
                burst,
                scope,
                status,
                shadow,
            },
        );
    let provider = option::of(provider());
    (object_ref(), origin(), target(), vec(limit, 0..2), provider)
        .prop_map(|(id, origin, target, limits, provider)| RateLimit {
            id,
            origin,
            target,
            limits,
            provider,
        })
        .boxed()
}

pub(super) fn settings() -> BoxedStrategy<Settings> {
    let access = || {
        (any::<bool>(), origin()).prop_map(|(allow, origin)| AccessDefault {
            mode: if allow {
                DefaultAccess::Allow
            } else {
                DefaultAccess::Deny
            },
            origin,
        })
    };
    let otlp = (service_ref(), name(), origin()).prop_map(|(service, port, origin)| Otlp {
        service,
        port,
        origin,
    });
    (
        origin(),
        "[a-z0-9._-]{1,9}",
        access(),
        vec((name(), access()), 0..3),
        duration(),
        percent(),
        option::of(otlp),
    )
        .prop_map(
            |(origin, domain, access, namespaces, certificate_lifetime, renew_at, otlp)| Settings {
                origin,
                trust_domain: TrustDomain::parse(&domain).unwrap(),
                access,
                namespaces,
                certificate_lifetime,
                renew_at,
                otlp,
            },
        )
        .boxed()
}

pub(super) fn role() -> BoxedStrategy<Role> {
    let services = || vec(service_ref(), 0..3);
    (
        identity(),
        services(),
        vec(object_ref(), 0..2),
        services(),
        services(),
    )
        .prop_map(|(identity, serves, gateways, calls, externals)| Role {
            identity,
            serves,
            gateways,
            calls: calls.into(),
            externals: externals.into(),
        })
        .boxed()
}
