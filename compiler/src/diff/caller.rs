use std::collections::BTreeMap;
use std::time::Duration;

use mesh_ir::{BackendTarget, Call, Called, CallerMatch, Name, Role, ServiceRef, SpiffeId, Who};

use super::concerned::{other, others};
use super::side::{Side, Target};

/// How many callers a rule of a space names; more are not told apart from others.
const MAX_NAMED: usize = 256;

/// Callers whose own bounds and views make no difference between them.
#[derive(Debug, Clone)]
pub(super) struct Callers {
    /// Sorted, each once.
    pub(super) identities: Vec<SpiffeId>,
    /// Before and after.
    pub(super) sees: [Sees; 2],
    /// The entries of `calls` that bound one of them, before and after.
    pub(super) lines: [Vec<String>; 2],
}

/// What a caller brings to a decision about one target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Sees {
    /// From `calls`.
    pub(super) timeout: Option<Duration>,
    /// From `calls`.
    pub(super) attempts: Option<u32>,
    /// What of the backends it may call. Sorted.
    backends: Vec<Target>,
}

impl Sees {
    /// Of the first who calls a target, or is the gateway.
    pub(crate) fn of_first(side: &Side<'_>, target: &Target) -> Self {
        let mut groups = Callers::of(side, side, target).into_iter();
        groups
            .next()
            .map(|it| it.sees[1].clone())
            .unwrap_or_default()
    }

    /// Whether calls are bounded alike.
    pub(super) fn bounds_as(&self, other: &Self) -> bool {
        (self.timeout, self.attempts) == (other.timeout, other.attempts)
    }

    /// Whether a backend is in its view.
    pub(super) fn shows(&self, backend: &BackendTarget) -> bool {
        other(backend).is_none_or(|target| self.backends.contains(&target))
    }
}

impl Callers {
    /// Those who see a target on both sides, in groups.
    pub(super) fn of(base: &Side<'_>, head: &Side<'_>, target: &Target) -> Vec<Self> {
        let mut groups: BTreeMap<[Sees; 2], Self> = BTreeMap::new();
        let backends = [backends(base, target), backends(head, target)];
        let roles = head.every_role().filter(|role| Side::shows(role, target));
        for role in roles {
            let old = base.same_role(role);
            let Some(old) = old.filter(|old| Side::shows(old, target)) else {
                continue;
            };
            let sees = [
                sees(base, old, target, &backends[0]),
                sees(head, role, target, &backends[1]),
            ];
            let group = groups.entry(sees.clone()).or_insert_with(|| Self {
                identities: vec![],
                sees,
                lines: [bounding(base, old, target), bounding(head, role, target)],
            });
            // One after the other: roles are sorted.
            if group.identities.last() != Some(&role.identity) {
                group.identities.push(role.identity.clone());
            }
        }
        groups.into_values().collect()
    }

    /// As whom a rule names; empty for everybody, where there are too many of them.
    pub(super) fn named(&self) -> Vec<CallerMatch> {
        if self.identities.len() > MAX_NAMED {
            return vec![];
        }
        let name = Name::parse("callers").expect("a name");
        // What the entry names does not matter, only its identities.
        let service = ServiceRef {
            namespace: name.clone(),
            name,
        };
        vec![CallerMatch::from(Who::Service {
            service,
            identities: self.identities.clone(),
        })]
    }
}

/// What the routes of a target send to besides it.
fn backends(side: &Side<'_>, target: &Target) -> Vec<Target> {
    let rules = side.routes(target).into_iter().flat_map(|it| &it.rules);
    let mut found: Vec<_> = rules.flat_map(others).collect();
    found.sort();
    found.dedup();
    found
}

/// Where the services of a role say that they call a target.
pub(super) fn bounding(side: &Side<'_>, role: &Role, target: &Target) -> Vec<String> {
    let calls = calls(side, role, target);
    calls.iter().map(|it| it.origin.to_string()).collect()
}

/// Whether the services of a role leave open whom they call, or list a target.
pub(super) fn is_listed(side: &Side<'_>, role: &Role, target: &Target) -> bool {
    let served = role.serves.iter();
    let mut served = served.filter_map(|id| side.mesh.services.get(id));
    served.any(|it| it.calls.is_none()) || !calls(side, role, target).is_empty()
}

/// What the services of a role say of calling a target.
fn calls<'m>(side: &Side<'m>, role: &Role, target: &Target) -> Vec<&'m Call> {
    let called = match target {
        Target::Service(id) => Called::Service(id.clone()),
        Target::External(id) => Called::External(id.clone()),
        Target::Gateway(_) => return vec![],
    };
    let served = role.serves.iter();
    let served = served.filter_map(|id| side.mesh.services.get(id));
    let calls = served.flat_map(|it| it.calls.iter().flatten());
    calls.filter(|it| it.to == called).collect()
}

fn sees(side: &Side<'_>, role: &Role, target: &Target, backends: &[Target]) -> Sees {
    let calls = calls(side, role, target);
    let seen = backends.iter().filter(|it| Side::shows(role, it));
    Sees {
        timeout: calls.iter().filter_map(|it| it.timeout).min(),
        attempts: calls.iter().filter_map(|it| it.attempts).min(),
        backends: seen.cloned().collect(),
    }
}

/// The shorter of two bounds, where there are any.
pub(super) fn shorter(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}
