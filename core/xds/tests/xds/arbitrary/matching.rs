use mesh_ir::{
    CallerMatch, Key, NamedValue, PathPattern, RequestMatch, Scope, Target, TokenMatch, ValueMatch,
    Who,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::names::{cidr, host_pattern, identity, name, object_ref, pattern, service_ref, text};

pub(super) fn caller() -> BoxedStrategy<CallerMatch> {
    let who = prop_oneof![
        (service_ref(), vec(identity(), 0..3)).prop_map(|(service, identities)| Who::Service {
            service,
            identities
        }),
        (object_ref(), vec(identity(), 0..3)).prop_map(|(gateway, identities)| Who::Gateway {
            gateway,
            identities
        }),
        name().prop_map(Who::Namespace),
        pattern().prop_map(Who::Identity),
        Just(Who::Authenticated),
        Just(Who::Anyone),
    ];
    let token = (object_ref(), vec(named_value(), 0..2))
        .prop_map(|(issuer, claims)| TokenMatch { issuer, claims });
    let leaf =
        (who, vec(cidr(), 0..2), option::of(token)).prop_map(|(who, cidr, token)| CallerMatch {
            who,
            cidr,
            token,
            not: vec![],
        });
    leaf.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), vec(inner, 0..2)).prop_map(|(mut outer, not)| {
            outer.not = not;
            outer
        })
    })
    .boxed()
}

pub(super) fn path() -> BoxedStrategy<PathPattern> {
    prop_oneof![
        text().prop_map(PathPattern::Regex),
        "/|/\\*\\*|(/([a-z]{1,3}|\\*)){1,3}(/|/\\*\\*)?"
            .prop_map(|text| PathPattern::parse(&text).unwrap()),
    ]
    .boxed()
}

pub(super) fn value() -> BoxedStrategy<ValueMatch> {
    prop_oneof![
        text().prop_map(ValueMatch::Exact),
        text().prop_map(ValueMatch::Prefix),
        text().prop_map(ValueMatch::Suffix),
        text().prop_map(ValueMatch::Regex),
        vec(text(), 0..3).prop_map(ValueMatch::In),
        Just(ValueMatch::Present),
        Just(ValueMatch::Absent),
    ]
    .boxed()
}

pub(super) fn named_value() -> BoxedStrategy<NamedValue> {
    (text(), value())
        .prop_map(|(name, value)| NamedValue { name, value })
        .boxed()
}

pub(super) fn request() -> BoxedStrategy<RequestMatch> {
    let values = || vec(named_value(), 0..2);
    let leaf = (
        vec(text(), 0..2),
        vec(path(), 0..2),
        values(),
        values(),
        values(),
    )
        .prop_map(|(methods, paths, headers, query, cookies)| RequestMatch {
            methods,
            paths,
            headers,
            query,
            cookies,
            not: vec![],
        });
    leaf.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), vec(inner, 0..2)).prop_map(|(mut outer, not)| {
            outer.not = not;
            outer
        })
    })
    .boxed()
}

pub(super) fn target() -> BoxedStrategy<Target> {
    let scope = prop_oneof![
        service_ref().prop_map(Scope::Service),
        name().prop_map(Scope::Namespace),
        Just(Scope::Mesh),
        object_ref().prop_map(Scope::Gateway),
        service_ref().prop_map(Scope::External),
    ];
    (scope, vec(name(), 0..2), vec(host_pattern(), 0..2))
        .prop_map(|(scope, ports, hosts)| Target {
            scope,
            ports,
            hosts,
        })
        .boxed()
}

pub(super) fn key() -> BoxedStrategy<Key> {
    prop_oneof![
        Just(Key::Caller),
        Just(Key::Address),
        text().prop_map(Key::Header),
        text().prop_map(Key::Query),
        text().prop_map(Key::Cookie),
        text().prop_map(Key::Claim),
        (1..=9_u8).prop_map(Key::Capture),
    ]
    .boxed()
}
