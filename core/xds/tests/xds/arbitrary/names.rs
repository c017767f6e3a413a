use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mesh_ir::{
    Host, HostPattern, Name, ObjectRef, Origin, Percent, Place, RuleId, ServiceRef, SpiffeId,
    SpiffePattern,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub(super) fn text() -> BoxedStrategy<String> {
    prop_oneof![Just(String::new()), "[ -~]{1,8}", "[äß€\u{0}]{1,3}"].boxed()
}

pub(super) fn name() -> BoxedStrategy<Name> {
    "[a-z][a-z0-9-]{0,5}[a-z0-9]"
        .prop_map(|text| Name::parse(&text).unwrap())
        .boxed()
}

pub(super) fn service_ref() -> BoxedStrategy<ServiceRef> {
    (name(), name())
        .prop_map(|(namespace, name)| ServiceRef { namespace, name })
        .boxed()
}

pub(super) fn object_ref() -> BoxedStrategy<ObjectRef> {
    (name(), name())
        .prop_map(|(namespace, name)| ObjectRef { namespace, name })
        .boxed()
}

pub(super) fn origin() -> BoxedStrategy<Origin> {
    let place = || (text(), any::<u32>(), any::<u32>());
    let patch = place().prop_map(|(file, line, column)| Place {
        file: file.into(),
        line,
        column,
    });
    (place(), option::weighted(0.2, patch))
        .prop_map(|((file, line, column), patch)| Origin {
            patch: patch.map(Arc::new),
            ..Origin::new(file, line, column)
        })
        .boxed()
}

pub(super) fn duration() -> BoxedStrategy<Duration> {
    (any::<u64>(), 0..1_000_000_000_u32)
        .prop_map(|(s, n)| Duration::new(s, n))
        .boxed()
}

pub(super) fn identity() -> BoxedStrategy<SpiffeId> {
    "spiffe://[a-z.]{1,5}/ns/[a-zA-Z0-9_-]{1,4}/sa/[a-z]{1,4}"
        .prop_map(|text| SpiffeId::parse(&text).unwrap())
        .boxed()
}

pub(super) fn pattern() -> BoxedStrategy<SpiffePattern> {
    "spiffe://[a-z]{1,5}/ns/(\\*|[a-z]{1,3})/sa/(\\*|[a-z]{1,3})"
        .prop_map(|text| SpiffePattern::parse(&text).unwrap())
        .boxed()
}

pub(super) fn host() -> BoxedStrategy<Host> {
    "[a-z]{1,4}(\\.[a-z0-9]{1,4}){0,2}"
        .prop_map(|text| Host::parse(&text).unwrap())
        .boxed()
}

pub(super) fn host_pattern() -> BoxedStrategy<HostPattern> {
    prop_oneof![
        host().prop_map(HostPattern::Exact),
        host().prop_map(HostPattern::Below)
    ]
    .boxed()
}

pub(super) fn address() -> BoxedStrategy<SocketAddr> {
    (any::<std::net::IpAddr>(), any::<u16>())
        .prop_map(Into::into)
        .boxed()
}

pub(super) fn rule_id() -> BoxedStrategy<RuleId> {
    text().prop_map(|text| RuleId(text.into())).boxed()
}

pub(super) fn pairs() -> BoxedStrategy<Vec<(String, String)>> {
    vec((text(), text()), 0..3).boxed()
}

pub(super) fn cidr() -> BoxedStrategy<ipnet::IpNet> {
    (any::<[u8; 4]>(), 0..=32_u8)
        .prop_map(|(address, length)| ipnet::IpNet::new(address.into(), length).unwrap())
        .boxed()
}

pub(super) fn percent() -> BoxedStrategy<Percent> {
    any::<u32>().prop_map(Percent).boxed()
}
