//! What the fleet is told: pure, from a mesh and an inventory.
//!
//! **Which bundle a role holds.** A bundle changes where its members changed and
//! nowhere else. A role whose members are, byte for byte, those that it already
//! holds keeps the epoch and the commit of its bundle, so a commit that does not
//! concern it sends it nothing – and neither does a restart of the operator. Its
//! log lines then name an older commit, and they are right: each member carries
//! file and line, so at that commit the same words stood at the same place.
//! Status counts such a proxy as current on the newest commit, which it enforces.
//!
//! **Which epoch a plan has.** If no role changed, the epoch of the plan before;
//! else a higher one, which the bundles that changed carry.

mod endpoints;
mod epoch;
mod listeners;
mod previous;

use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_ir::{
    CommitId, Endpoints, Epoch, Inventory, Listeners, Mesh, Name, Role, ServiceRef, SpiffeId,
    Workload,
};
use mesh_xds::{EncodedMesh, RoleBundle};

pub(crate) use epoch::next_epoch;
pub(crate) use previous::{Previous, RoleKey};

/// What every proxy is to enforce and to know. Immutable; a new one per change.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The highest epoch that a bundle of this plan carries.
    pub(crate) epoch: Epoch,
    /// The commit that is live with this plan.
    pub(crate) commit: CommitId,
    /// What the commit means.
    pub(crate) mesh: Arc<Mesh>,
    /// The bundle of every role, whether or not a workload has it.
    pub(crate) roles: BTreeMap<RoleKey, Arc<RoleBundle>>,
    /// By `namespace/name`.
    pub(crate) workloads: BTreeMap<String, PlannedWorkload>,
    /// The workloads of every service of the mesh; facts.
    pub(crate) endpoints: BTreeMap<ServiceRef, Endpoints>,
    /// Workloads of the inventory that get nothing, with the reason. Sorted.
    pub(crate) unplanned: Vec<Unplanned>,
}

/// What one workload's proxy gets.
#[derive(Debug, Clone)]
pub(crate) struct PlannedWorkload {
    /// Who it must prove to be.
    pub(crate) identity: SpiffeId,
    /// Shared by all replicas of its role.
    pub(crate) role_bundle: Arc<RoleBundle>,
    /// Where it listens; a fact.
    pub(crate) listeners: Listeners,
}

/// A workload that the intents do not know. Its proxy keeps what it has and gets
/// nothing new: it must not hold up the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unplanned {
    /// `namespace/name`.
    pub(crate) workload: String,
    /// Why.
    pub(crate) reason: String,
}

/// From what a plan is made.
pub(crate) struct Ingredients<'a> {
    pub(crate) mesh: Arc<Mesh>,
    pub(crate) inventory: &'a Inventory,
    pub(crate) commit: CommitId,
    /// What the roles hold already.
    pub(crate) previous: &'a Previous,
    /// The epoch to use if anything changed: see [`next_epoch`].
    pub(crate) next_epoch: Epoch,
}

impl Plan {
    /// The plan for these ingredients.
    pub(crate) fn build(from: Ingredients<'_>) -> Self {
        let bundles = role_bundles(&from);
        let mut workloads = BTreeMap::new();
        let mut unplanned = Vec::new();
        for workload in &from.inventory.workloads {
            let id = workload_id(workload);
            match planned(&from.mesh, &bundles, workload) {
                Ok(planned) => drop(workloads.insert(id, planned)),
                Err(reason) => unplanned.push(Unplanned {
                    workload: id,
                    reason,
                }),
            }
        }
        unplanned.sort();
        let epoch = epoch_of(&bundles, &from);
        Self {
            epoch,
            commit: from.commit,
            endpoints: endpoints::of(&from.mesh, from.inventory),
            mesh: from.mesh,
            roles: bundles,
            workloads,
            unplanned,
        }
    }

    /// What the next plan compares with, and what the store keeps.
    pub(crate) fn held(&self) -> Previous {
        let held = |(key, role): (&RoleKey, &Arc<RoleBundle>)| (key.clone(), role.bundle.clone());
        Previous {
            epoch: Some(self.epoch),
            bundles: self.roles.iter().map(held).collect(),
        }
    }
}

/// One bundle per role: the one it holds where its members are the same.
fn role_bundles(from: &Ingredients<'_>) -> BTreeMap<RoleKey, Arc<RoleBundle>> {
    let members = EncodedMesh::of(&from.mesh);
    let bundle = |role: &Role| {
        let key = RoleKey::of(&role.identity, &role.serves);
        let mut made = members.role_bundle(role, from.next_epoch, from.commit.clone());
        if let Some(held) = from.previous.bundles.get(&key)
            && held.digest == made.bundle.digest
        {
            made.bundle = held.clone();
        }
        (key, Arc::new(made))
    };
    from.mesh.roles.iter().map(bundle).collect()
}

/// The epoch of the plan before, where every role holds what it held.
fn epoch_of(bundles: &BTreeMap<RoleKey, Arc<RoleBundle>>, from: &Ingredients<'_>) -> Epoch {
    let held = &from.previous.bundles;
    let unchanged = bundles.len() == held.len()
        && bundles
            .iter()
            .all(|(key, role)| held.get(key) == Some(&role.bundle));
    match from.previous.epoch {
        Some(epoch) if unchanged => epoch,
        _ => from.next_epoch,
    }
}

fn workload_id(workload: &Workload) -> String {
    format!("{}/{}", workload.namespace, workload.name)
}

/// The service that a workload is an instance of.
fn service_of(workload: &Workload) -> Result<ServiceRef, String> {
    let name = |text: &str| Name::parse(text).map_err(|error| format!("`{text}`: {error}"));
    Ok(ServiceRef {
        namespace: name(&workload.namespace)?,
        name: name(&workload.service)?,
    })
}

/// The identity of a workload: one of its service's accounts.
fn identity_of(mesh: &Mesh, workload: &Workload) -> Result<(ServiceRef, SpiffeId), String> {
    let id = service_of(workload)?;
    let service = mesh
        .services
        .get(&id)
        .ok_or_else(|| format!("there is no service `{id}`"))?;
    let identity = match &workload.account {
        Some(account) => service
            .accounts
            .iter()
            .find(|identity| identity.account() == Some(account))
            .ok_or_else(|| format!("`{account}` is no account of `{id}`"))?,
        None => service
            .accounts
            .first()
            .ok_or_else(|| format!("`{id}` has no account"))?,
    };
    Ok((id, identity.clone()))
}

fn planned(
    mesh: &Mesh,
    bundles: &BTreeMap<RoleKey, Arc<RoleBundle>>,
    workload: &Workload,
) -> Result<PlannedWorkload, String> {
    let (service, identity) = identity_of(mesh, workload)?;
    let listeners = listeners::of(workload, &service)?;
    let key = RoleKey::of(&identity, &[service]);
    let role_bundle = bundles
        .get(&key)
        .ok_or_else(|| format!("the intents give no role `{key}`"))?;
    Ok(PlannedWorkload {
        identity,
        role_bundle: role_bundle.clone(),
        listeners,
    })
}

#[cfg(test)]
mod tests;
