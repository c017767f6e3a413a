use std::collections::BTreeMap;
use std::fmt;

use mesh_ir::{Bundle, Epoch, ServiceRef, SpiffeId};

/// What the roles hold when a plan is made: from the plan before, or from the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Previous {
    /// Of the plan before; `None`: there was none.
    pub(crate) epoch: Option<Epoch>,
    /// By role.
    pub(crate) bundles: BTreeMap<RoleKey, Bundle>,
}

/// A role as a text: the same across restarts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RoleKey(pub(crate) String);

impl RoleKey {
    /// The key of an identity and the services it serves (sorted).
    pub(crate) fn of(identity: &SpiffeId, serves: &[ServiceRef]) -> Self {
        let serves: Vec<String> = serves.iter().map(ToString::to_string).collect();
        Self(format!("{identity} {}", serves.join(",")))
    }
}

impl fmt::Display for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
