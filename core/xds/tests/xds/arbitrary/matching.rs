use mesh_ir::{
    CallerMatch, Key, NamedValue, PathPattern, RequestMatch, Scope, Target, ValueMatch, Who,
};
use proptest::collection::vec;
use proptest::prelude::*;

use super::names::{cidr, host_pattern, identity, name, pattern, service_ref, text};

pub(super) fn caller() -> impl Strategy<Value = CallerMatch> {
    let who = prop_oneof![
        (service_ref(), vec(identity(), 0..3)).prop_map(|(service, identities)| Who::Service {
            service,
            identities
        }),
        name().prop_map(Who::Namespace),
        pattern().prop_map(Who::Identity),
        Just(Who::Authenticated),
        Just(Who::Anyone),
    ];
    let leaf = (who, vec(cidr(), 0..2)).prop_map(|(who, cidr)| CallerMatch {
        who,
        cidr,
        token: None,
        not: vec![],
    });
    leaf.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), vec(inner, 0..2)).prop_map(|(mut outer, not)| {
            outer.not = not;
            outer
        })
    })
}

pub(super) fn path() -> impl Strategy<Value = PathPattern> {
    prop_oneof![
        text().prop_map(PathPattern::Regex),
        "/|/\\*\\*|(/([a-z]{1,3}|\\*)){1,3}(/|/\\*\\*)?"
            .prop_map(|text| PathPattern::parse(&text).unwrap()),
    ]
}

pub(super) fn named_value() -> impl Strategy<Value = NamedValue> {
    let value = prop_oneof![
        text().prop_map(ValueMatch::Exact),
        text().prop_map(ValueMatch::Prefix),
        text().prop_map(ValueMatch::Suffix),
        text().prop_map(ValueMatch::Regex),
        vec(text(), 0..3).prop_map(ValueMatch::In),
        Just(ValueMatch::Present),
        Just(ValueMatch::Absent),
    ];
    (text(), value).prop_map(|(name, value)| NamedValue { name, value })
}

pub(super) fn request() -> impl Strategy<Value = RequestMatch> {
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
}

pub(super) fn target() -> impl Strategy<Value = Target> {
    let scope = prop_oneof![
        service_ref().prop_map(Scope::Service),
        name().prop_map(Scope::Namespace),
        Just(Scope::Mesh),
    ];
    (scope, vec(name(), 0..2), vec(host_pattern(), 0..2)).prop_map(|(scope, ports, hosts)| Target {
        scope,
        ports,
        hosts,
    })
}

pub(super) fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        Just(Key::Caller),
        Just(Key::Address),
        text().prop_map(Key::Header),
        text().prop_map(Key::Query),
        text().prop_map(Key::Cookie),
        (1..=9_u8).prop_map(Key::Capture),
    ]
}
