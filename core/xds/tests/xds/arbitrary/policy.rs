use mesh_ir::{
    Access, AccessDefault, AccessRule, DefaultAccess, Limit, Percent, Rate, RateLimit, Role,
    Settings, Timestamp, TrustDomain,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::matching::{caller, key, request, target};
use super::names::{duration, identity, name, object_ref, origin, rule_id, service_ref};

pub(super) fn access() -> impl Strategy<Value = Access> {
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
        any::<bool>(),
    )
        .prop_map(|(id, origin, target, allow, deny, audit, shadow)| Access {
            id,
            origin,
            target,
            allow,
            deny,
            audit,
            authorizer: None,
            shadow,
        })
}

pub(super) fn limits() -> impl Strategy<Value = RateLimit> {
    let limit = (
        (rule_id(), origin()),
        vec(caller(), 0..2),
        vec(request(), 0..2),
        vec(key(), 0..3),
        (any::<u64>(), duration()),
        any::<u64>(),
        any::<u16>(),
        any::<bool>(),
    )
        .prop_map(
            |((id, origin), from, matches, per, (count, interval), burst, status, shadow)| Limit {
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
                scope: mesh_ir::LimitScope::Proxy,
                status,
                shadow,
            },
        );
    (object_ref(), origin(), target(), vec(limit, 0..2)).prop_map(|(id, origin, target, limits)| {
        RateLimit {
            id,
            origin,
            target,
            limits,
            provider: None,
        }
    })
}

pub(super) fn settings() -> impl Strategy<Value = Settings> {
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
    (
        origin(),
        "[a-z0-9._-]{1,9}",
        access(),
        vec((name(), access()), 0..3),
        duration(),
        any::<u32>(),
    )
        .prop_map(
            |(origin, domain, access, namespaces, certificate_lifetime, renew_at)| Settings {
                origin,
                trust_domain: TrustDomain::parse(&domain).unwrap(),
                access,
                namespaces,
                certificate_lifetime,
                renew_at: Percent(renew_at),
                otlp: None,
            },
        )
}

pub(super) fn role() -> impl Strategy<Value = Role> {
    let services = || vec(service_ref(), 0..3);
    (identity(), services(), services()).prop_map(|(identity, serves, calls)| Role {
        identity,
        serves,
        gateways: vec![],
        calls: calls.into(),
        externals: [].into(),
    })
}
