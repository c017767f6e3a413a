use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_ir::{Key, Limit, Name, ObjectRef, Rate, RateLimit};

use super::context::Context;
use super::lists::{beside, those};
use super::matching::{callers, requests, target};
use super::rule_id::rule_id;
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
    Some(LoweredLimit {
        object: Arc::clone(object),
        ir: Arc::new(RateLimit {
            id: id.clone(),
            origin: context.sources.origin(object.span),
            target,
            limits,
            provider: None,
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
    Some(Limit {
        id: rule_id(entry.name.as_ref(), &(&from, &matches, &per, rate, burst)),
        origin: context.sources.origin(entry.span),
        from,
        matches,
        per,
        rate,
        burst,
        scope: mesh_ir::LimitScope::Proxy,
        status: entry.status.map_or(429, |it| it.value),
        shadow: entry.shadow.is_some_and(|it| it.value),
    })
}

/// What comes back in one second, and at least 1.
fn default_burst(rate: Rate) -> u64 {
    (rate.count / rate.per.as_secs().max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

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
