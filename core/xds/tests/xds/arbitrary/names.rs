use std::net::SocketAddr;
use std::time::Duration;

use mesh_ir::{
    Host, HostPattern, Name, ObjectRef, Origin, RuleId, ServiceRef, SpiffeId, SpiffePattern,
};
use proptest::collection::vec;
use proptest::prelude::*;

pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[ -~]{1,8}", "[äß€\u{0}]{1,3}"]
}

pub(super) fn name() -> impl Strategy<Value = Name> {
    "[a-z][a-z0-9-]{0,5}[a-z0-9]".prop_map(|text| Name::parse(&text).unwrap())
}

pub(super) fn service_ref() -> impl Strategy<Value = ServiceRef> {
    (name(), name()).prop_map(|(namespace, name)| ServiceRef { namespace, name })
}

pub(super) fn object_ref() -> impl Strategy<Value = ObjectRef> {
    (name(), name()).prop_map(|(namespace, name)| ObjectRef { namespace, name })
}

pub(super) fn origin() -> impl Strategy<Value = Origin> {
    (text(), any::<u32>(), any::<u32>())
        .prop_map(|(file, line, column)| Origin::new(file, line, column))
}

pub(super) fn duration() -> impl Strategy<Value = Duration> {
    (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(s, n)| Duration::new(s, n))
}

pub(super) fn identity() -> impl Strategy<Value = SpiffeId> {
    "spiffe://[a-z.]{1,5}/ns/[a-zA-Z0-9_-]{1,4}/sa/[a-z]{1,4}"
        .prop_map(|text| SpiffeId::parse(&text).unwrap())
}

pub(super) fn pattern() -> impl Strategy<Value = SpiffePattern> {
    "spiffe://[a-z]{1,5}/ns/(\\*|[a-z]{1,3})/sa/(\\*|[a-z]{1,3})"
        .prop_map(|text| SpiffePattern::parse(&text).unwrap())
}

pub(super) fn host() -> impl Strategy<Value = Host> {
    "[a-z]{1,4}(\\.[a-z0-9]{1,4}){0,2}".prop_map(|text| Host::parse(&text).unwrap())
}

pub(super) fn host_pattern() -> impl Strategy<Value = HostPattern> {
    prop_oneof![
        host().prop_map(HostPattern::Exact),
        host().prop_map(HostPattern::Below)
    ]
}

pub(super) fn address() -> impl Strategy<Value = SocketAddr> {
    (any::<std::net::IpAddr>(), any::<u16>()).prop_map(Into::into)
}

pub(super) fn rule_id() -> impl Strategy<Value = RuleId> {
    text().prop_map(|text| RuleId(text.into()))
}

pub(super) fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    vec((text(), text()), 0..3)
}

pub(super) fn cidr() -> impl Strategy<Value = ipnet::IpNet> {
    (any::<[u8; 4]>(), 0..=32_u8)
        .prop_map(|(address, length)| ipnet::IpNet::new(address.into(), length).unwrap())
}
