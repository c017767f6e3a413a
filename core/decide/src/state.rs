use mesh_ir::Tick;

use crate::tables::Tables;
use crate::verdict::Plan;

/// What decisions remember: buckets of limits and retry budgets. Shared by all workers.
#[derive(Debug)]
pub struct State {}

impl State {
    /// Nothing remembered. `seed` keeps the places of keys in the maps secret.
    pub fn new(_tables: &Tables, _seed: u64) -> Self {
        Self {}
    }

    /// For new tables: the buckets of limits that did not change, and the budgets
    /// of services that are still there, are shared with the old state.
    #[must_use]
    pub fn carry(&self, _tables: &Tables) -> Self {
        Self {}
    }

    /// Counts a request towards the retry budget of the service that takes it.
    pub fn began(&self, _plan: &Plan, _now: Tick) {}
}
