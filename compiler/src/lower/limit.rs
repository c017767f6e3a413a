use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mesh_ir::{Key, Limit, LimitProvider, LimitScope, Name, ObjectRef, Rate, RateLimit};

use super::access::failing;
use super::context::Context;
use super::lists::{beside, those};
use super::matching::{callers, requests, target};
use super::rule_id::rule_id;
use crate::resolve::grpc_port;
use crate::syntax::ast::{self, Object};

/// A `RateLimit` beside its document.
#[derive(Debug)]
pub(crate) struct LoweredLimit {
    /// The document.
    pub(crate) object: Arc<Object<ast::RateLimit>>,
    /// What it means.
    pub(crate) ir: Arc<RateLimit>,
    /// Where in the document each of `ir.limits` stands.
    limits: Vec<usize>,
}

impl LoweredLimit {
    /// The limits, as written and as meant.
    pub(crate) fn limits(&self) -> impl Iterator<Item = (&ast::Limit, &Limit)> {
        beside(&self.object.spec.limits, &self.limits, &self.ir.limits)
    }
}

pub(super) fn lower(context: &Context<'_>) -> BTreeMap<ObjectRef, Arc<LoweredLimit>> {
    let objects = context.part.limits.iter();
    objects
        .filter_map(|(id, object)| Some((id.clone(), Arc::new(limits(context, id, object)?))))
        .collect()
}

fn limits(
    context: &Context<'_>,
    id: &ObjectRef,
    object: &Arc<Object<ast::RateLimit>>,
) -> Option<LoweredLimit> {
    let target = target(context, &id.namespace, &object.spec.target)?;
    let (written, limits) = those(&object.spec.limits, |entry| {
        limit(context, &id.namespace, entry)
    });
    let provider = match &object.spec.provider {
        Some(written) => Some(provider(context, &id.namespace, written)?),
        None => None,
    };
    Some(LoweredLimit {
        object: Arc::clone(object),
        ir: Arc::new(RateLimit {
            id: id.clone(),
            origin: context.sources.origin(object.span),
            target,
            limits,
            provider,
        }),
        limits: written,
    })
}

fn limit(context: &Context<'_>, here: &Name, entry: &ast::Limit) -> Option<Limit> {
    let from = callers(context, here, &entry.from)?;
    let matches = requests(&entry.matches);
    let per: Vec<Key> = entry.per.iter().map(|it| it.value.clone()).collect();
    let rate = entry.rate.value;
    let burst = entry
        .burst
        .map_or_else(|| default_burst(rate), |it| it.value);
    let scope = match entry.scope.map(|it| it.value) {
        None | Some(ast::LimitScope::Proxy) => LimitScope::Proxy,
        Some(ast::LimitScope::Fleet) => LimitScope::Fleet,
    };
    let status = entry.status.map_or(429, |it| it.value);
    let shadow = entry.shadow.is_some_and(|it| it.value);
    let content = (&from, &matches, &per, rate, burst, scope, status, shadow);
    Some(Limit {
        id: rule_id(entry.name.as_ref(), &content),
        origin: context.sources.origin(entry.span),
        from,
        matches,
        per,
        rate,
        burst,
        scope,
        status,
        shadow,
    })
}

/// How long a provider may take, where nothing is written.
const PROVIDER_TIMEOUT: Duration = Duration::from_millis(20);

fn provider(context: &Context<'_>, here: &Name, written: &ast::Provider) -> Option<LimitProvider> {
    let ast::Provider {
        service,
        port,
        domain,
        timeout,
        on_failure,
        span,
    } = written;
    let (service, object) = context.program.service(&service.value, here)?;
    let port = grpc_port(&object.spec, port.as_ref())?;
    Some(LimitProvider {
        service,
        port: port.name.value.clone(),
        domain: domain.value.clone(),
        timeout: timeout.map_or(PROVIDER_TIMEOUT, |it| it.value),
        on_failure: failing(on_failure.map(|it| it.value)),
        origin: context.sources.origin(*span),
    })
}

/// What comes back in one second, and at least 1.
fn default_burst(rate: Rate) -> u64 {
    (rate.count / rate.per.as_secs().max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::mesh_of;

    #[test]
    fn limits_that_answer_otherwise_have_other_ids() {
        let mesh = mesh_of(
            "kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: RateLimit
metadata: {name: a, namespace: shop}
spec:
  service: a
  limits:
    - {rate: 10/s}
    - {rate: 10/s, shadow: true}
    - {rate: 10/s, respond: {status: 503}}
",
        );
        let limits = mesh.limits.into_values().next().expect("a document");
        let mut ids: Vec<_> = limits.limits.iter().map(|it| it.id.clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 3);
    }

    #[test]
    fn the_default_burst_is_one_second_of_the_rate_and_at_least_one() {
        let burst = |count, seconds| {
            default_burst(Rate {
                count,
                per: Duration::from_secs(seconds),
            })
        };
        assert_eq!(
            (burst(100, 1), burst(6000, 60), burst(10, 3600)),
            (100, 100, 1)
        );
    }
}
