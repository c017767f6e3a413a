use std::sync::Arc;

use mesh_ir::{Percent, ServiceRef, Tick};
use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::buckets::{Buckets, Shape};
use crate::budget::Budget;
use crate::index::{LimitIndex, ServiceIndex};
use crate::tables::{CalleeKind, LimitIdentity, LimitTable, Tables};
use crate::verdict::Plan;

/// What decisions remember: buckets of limits and retry budgets. Shared by all
/// workers, and made for one [`Tables`]: their indices point into it.
#[derive(Debug)]
pub struct State {
    seed: u64,
    limits: Vec<(LimitIdentity, Arc<Buckets>)>,
    budgets: Vec<((CalleeKind, ServiceRef), Arc<Budget>)>,
}

impl State {
    /// Nothing remembered. `seed` keeps secret which keys fall together.
    pub fn new(tables: &Tables, seed: u64) -> Self {
        Self {
            seed,
            limits: vec![],
            budgets: vec![],
        }
        .carry(tables)
    }

    /// For new tables: the buckets of limits that did not change, and the budgets
    /// of services that are still there, are shared with the old state.
    #[must_use]
    pub fn carry(&self, tables: &Tables) -> Self {
        let mut limits = Vec::with_capacity(tables.limits.len());
        for limit in &tables.limits {
            let buckets = self.buckets_for(limit, &limits);
            limits.push((limit.identity.clone(), buckets));
        }
        let budgets = tables
            .services()
            .map(|(at, service)| self.budget_for((tables.kind(at), service.id.clone())));
        Self {
            seed: self.seed,
            limits,
            budgets: budgets.collect(),
        }
    }

    /// Counts a request towards the retry budget of the service that takes it.
    pub fn began(&self, plan: &Plan, now: Tick) {
        if plan.attempts > 0 {
            self.budgets[plan.service.position()].1.request(now);
        }
    }

    /// Counts a retry, if the budget of the service has room for it.
    pub(crate) fn may_retry(&self, service: ServiceIndex, share: Percent, now: Tick) -> bool {
        self.budgets[service.position()].1.retry(share, now)
    }

    pub(crate) fn buckets(&self, limit: LimitIndex) -> &Buckets {
        &self.limits[limit.position()].1
    }

    /// The place of a key in a map of buckets.
    pub(crate) fn hash(&self, key: &[u8]) -> u128 {
        xxh3_128_with_seed(key, self.seed)
    }

    /// Two limits never share buckets, even if they say the same: a request that is
    /// charged to both locks both.
    fn buckets_for(
        &self,
        limit: &LimitTable,
        taken: &[(LimitIdentity, Arc<Buckets>)],
    ) -> Arc<Buckets> {
        let is_free =
            |buckets: &Arc<Buckets>| taken.iter().all(|(_, it)| !Arc::ptr_eq(it, buckets));
        self.limits
            .iter()
            .find(|(identity, buckets)| *identity == limit.identity && is_free(buckets))
            .map_or_else(
                || Arc::new(Buckets::new(Shape::new(limit.rate, limit.burst))),
                |(_, buckets)| Arc::clone(buckets),
            )
    }

    fn budget_for(&self, id: (CalleeKind, ServiceRef)) -> ((CalleeKind, ServiceRef), Arc<Budget>) {
        // In the order of the services, which is that of their kinds and names.
        let known = self.budgets.binary_search_by(|(other, _)| other.cmp(&id));
        let budget = known.map_or_else(|_| Arc::default(), |at| Arc::clone(&self.budgets[at].1));
        (id, budget)
    }
}
