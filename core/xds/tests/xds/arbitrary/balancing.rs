use mesh_ir::{
    Balancing, HealthCheck, HealthProbe, LoadBalancing, Locality, Near, OutlierDetection,
    ServiceLimits, SetCookie,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::matching::key;
use super::names::{duration, name, percent, text};

pub(super) fn balancing() -> BoxedStrategy<Balancing> {
    let policy = prop_oneof![
        Just(LoadBalancing::RoundRobin),
        Just(LoadBalancing::Random),
        Just(LoadBalancing::LeastRequest),
        Just(LoadBalancing::Ewma),
        Just(LoadBalancing::RingHash),
        Just(LoadBalancing::Maglev),
        Just(LoadBalancing::OriginalDestination),
    ];
    let set_cookie =
        (text(), option::of(duration())).prop_map(|(name, ttl)| SetCookie { name, ttl });
    let near = prop_oneof![Just(Near::Zone), Just(Near::Region)];
    let locality = prop_oneof![
        vec(near, 0..3).prop_map(Locality::Failover),
        any::<[u32; 3]>().prop_map(|[zone, region, elsewhere]| Locality::Weights {
            zone,
            region,
            elsewhere,
        }),
    ];
    (
        policy,
        vec(key(), 0..2),
        option::of(set_cookie),
        option::of(duration()),
        option::of(locality),
        option::of(percent()),
    )
        .prop_map(
            |(policy, by, set_cookie, slow_start, locality, panic)| Balancing {
                policy,
                by,
                set_cookie,
                slow_start,
                locality,
                panic,
            },
        )
        .boxed()
}

pub(super) fn limits() -> BoxedStrategy<ServiceLimits> {
    let bound = || option::of(any::<u32>());
    (bound(), bound(), bound())
        .prop_map(|(connections, requests, pending)| ServiceLimits {
            connections,
            requests,
            pending,
        })
        .boxed()
}

pub(super) fn outlier() -> BoxedStrategy<OutlierDetection> {
    let count = || option::of(any::<u32>());
    (
        (count(), count(), count()),
        option::of(percent()),
        (duration(), duration()),
        percent(),
    )
        .prop_map(
            |(
                (consecutive_5xx, gateway_errors, local_errors),
                success_rate,
                (interval, base_ejection),
                max_ejected,
            )| OutlierDetection {
                consecutive_5xx,
                gateway_errors,
                local_errors,
                success_rate,
                interval,
                base_ejection,
                max_ejected,
            },
        )
        .boxed()
}

pub(super) fn health() -> BoxedStrategy<HealthCheck> {
    let probe = prop_oneof![
        text().prop_map(HealthProbe::Http),
        option::of(text()).prop_map(HealthProbe::Grpc),
        Just(HealthProbe::Tcp),
    ];
    (name(), probe, duration(), duration(), any::<[u32; 2]>())
        .prop_map(
            |(port, probe, interval, timeout, [healthy_after, unhealthy_after])| HealthCheck {
                port,
                probe,
                interval,
                timeout,
                healthy_after,
                unhealthy_after,
            },
        )
        .boxed()
}
