use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use mesh_ir::{Bundle, SpiffeId, TrustRoots};
use mesh_xds::RoleBundle;
use mesh_xds::session::Desired;
use tonic::Status;

use crate::plan::{Plan, PlannedWorkload};

/// What one proxy should have.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// Everything, as resources.
    pub(super) desired: Desired,
    /// The bundle among it.
    pub(super) bundle: Bundle,
}

/// Makes views. Replicas of a role share what they have in common, which is made
/// once per plan.
#[derive(Debug, Default)]
pub(super) struct Views {
    of_roles: Mutex<Option<OfRoles>>,
}

#[derive(Debug)]
struct OfRoles {
    plan: Arc<Plan>,
    roots: TrustRoots,
    /// By the address of the role's bundle in the plan, which lives as long as this.
    desired: BTreeMap<usize, Desired>,
}

/// The place of a workload in the plan, for a caller who is that workload. The
/// answer does not tell whether the workload exists.
pub(super) fn authorize<'a>(
    plan: &'a Plan,
    workload: &str,
    identity: &SpiffeId,
) -> Result<&'a PlannedWorkload, Status> {
    plan.workloads
        .get(workload)
        .filter(|planned| planned.identity == *identity)
        .ok_or_else(|| {
            Status::permission_denied(format!(
                "`{workload}` is no workload of the identity `{identity}`"
            ))
        })
}

impl Views {
    /// What a workload should have by a plan, under these roots.
    pub(super) fn of(
        &self,
        plan: &Arc<Plan>,
        workload: &PlannedWorkload,
        roots: &TrustRoots,
    ) -> View {
        let mut of_roles = self.of_roles.lock().unwrap_or_else(PoisonError::into_inner);
        let current = match of_roles.take() {
            Some(it) if Arc::ptr_eq(&it.plan, plan) && it.roots == *roots => it,
            _ => OfRoles {
                plan: plan.clone(),
                roots: roots.clone(),
                desired: BTreeMap::new(),
            },
        };
        let current = of_roles.insert(current);
        let role = &workload.role_bundle;
        let shared = current
            .desired
            .entry(Arc::as_ptr(role).addr())
            .or_insert_with(|| of_role(plan, role, roots));
        View {
            desired: shared.clone().with_listeners(&workload.listeners),
            bundle: role.bundle.clone(),
        }
    }
}

/// Members, bundle, the endpoints of the services that the role calls, and roots.
fn of_role(plan: &Plan, role: &RoleBundle, roots: &TrustRoots) -> Desired {
    let called = role.role.calls.iter();
    Desired::of_role(role)
        .with_endpoints(called.filter_map(|service| plan.endpoints.get(service)))
        .with_trust_roots(roots)
}
