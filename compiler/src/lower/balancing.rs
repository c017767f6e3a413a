use mesh_ir::{Balancing, LoadBalancing, Locality, Near, SetCookie};

use crate::syntax::ast;

/// How one endpoint is chosen, where `written` does not say otherwise.
pub(super) fn merge(base: &Balancing, written: Option<&ast::LoadBalancing>) -> Balancing {
    let Some(written) = written else {
        return base.clone();
    };
    let ast::LoadBalancing {
        policy,
        by,
        set_cookie,
        slow_start,
        locality,
        panic,
        span: _,
    } = written;
    Balancing {
        policy: policy.map_or(base.policy, |it| meant(it.value)),
        by: by.iter().map(|it| it.value.clone()).collect(),
        set_cookie: set_cookie.as_ref().map(|it| SetCookie {
            name: it.name.value.clone(),
            ttl: it.ttl.map(|it| it.value),
        }),
        slow_start: slow_start.map_or(base.slow_start, |it| Some(it.value)),
        locality: match locality {
            Some(written) => Some(near(written)),
            None => base.locality.clone(),
        },
        panic: panic.map_or(base.panic, |it| Some(it.value)),
    }
}

fn meant(policy: ast::Policy) -> LoadBalancing {
    match policy {
        ast::Policy::RoundRobin => LoadBalancing::RoundRobin,
        ast::Policy::Random => LoadBalancing::Random,
        ast::Policy::LeastRequest => LoadBalancing::LeastRequest,
        ast::Policy::Ewma => LoadBalancing::Ewma,
        ast::Policy::RingHash => LoadBalancing::RingHash,
        ast::Policy::Maglev => LoadBalancing::Maglev,
        ast::Policy::OriginalDestination => LoadBalancing::OriginalDestination,
    }
}

fn near(written: &ast::Locality) -> Locality {
    match written {
        ast::Locality::Failover(order) => Locality::Failover(
            order
                .iter()
                .map(|it| match it.value {
                    ast::Near::Zone => Near::Zone,
                    ast::Near::Region => Near::Region,
                })
                .collect(),
        ),
        ast::Locality::Weights {
            zone,
            region,
            elsewhere,
            span: _,
        } => Locality::Weights {
            zone: *zone,
            region: *region,
            elsewhere: *elsewhere,
        },
    }
}
