use mesh_ir::{Name, ObjectRef, Role, ServiceRef, SpiffeId};

use super::Simulator;
use super::question::Unanswerable;

/// Somebody who may ask: an identity, and its role if a proxy of the mesh sends its
/// requests. Made by a [`Simulator`], for that simulator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    /// `None`: nobody that a certificate proves.
    pub identity: Option<SpiffeId>,
    pub(super) role: Option<usize>,
}

impl Caller {
    /// A client outside the mesh, without a certificate of it.
    pub fn outside() -> Self {
        Self {
            identity: None,
            role: None,
        }
    }

    /// Whether its requests go out through a proxy beside it.
    pub(super) fn is_workload(&self, simulator: &Simulator<'_>) -> bool {
        self.role
            .is_some_and(|role| simulator.role(role).gateways.is_empty())
    }
}

impl Simulator<'_> {
    /// An identity, in the first role that it has if it has one.
    pub fn caller(&self, identity: SpiffeId) -> Caller {
        let role = self.identities.get(&identity);
        Caller {
            role: role.and_then(|roles| roles.first()).copied(),
            identity: Some(identity),
        }
    }

    /// An identity, in the first of its roles of which something is true if there is one.
    pub(crate) fn caller_where(
        &self,
        identity: SpiffeId,
        is_meant: impl Fn(&Role) -> bool,
    ) -> Caller {
        let roles = self.identities.get(&identity).into_iter().flatten();
        let meant = roles.copied().find(|role| is_meant(self.role(*role)));
        match meant {
            Some(role) => self.in_role(role),
            None => self.caller(identity),
        }
    }

    /// The workloads of a service: one caller for each of its accounts, never none.
    pub fn callers_of(&self, service: &ServiceRef) -> Result<Vec<Caller>, Unanswerable> {
        let declared = self.mesh.services.get(service);
        let declared = declared.ok_or_else(|| Unanswerable::NoService(service.clone()))?;
        let roles = self.serving.get(service).into_iter().flatten().copied();
        let mut callers: Vec<Caller> = roles.map(|role| self.in_role(role)).collect();
        // The roles of a service that shares its workloads may be several with one identity.
        let serves_it_alone = |caller: &Caller| {
            let role = caller.role.map(|role| self.role(role));
            role.is_some_and(|role| role.serves == std::slice::from_ref(service))
        };
        callers.sort_by_key(|caller| {
            let account = caller.identity.as_ref();
            let account = declared.accounts.iter().position(|it| Some(it) == account);
            (account.unwrap_or(usize::MAX), !serves_it_alone(caller))
        });
        callers.dedup_by(|a, b| a.identity == b.identity);
        if callers.is_empty() {
            return Err(Unanswerable::NoWorkload(service.clone()));
        }
        Ok(callers)
    }

    /// Every workload of a namespace, gateways among them.
    pub fn callers_in(&self, namespace: &Name) -> Vec<Caller> {
        let settings = &self.mesh.settings;
        let identities = self.identities.iter();
        let inside = identities.filter(|(identity, _)| {
            *identity.trust_domain() == settings.trust_domain
                && identity.namespace() == Some(namespace.as_str())
        });
        inside
            .filter_map(|(_, roles)| Some(self.in_role(*roles.first()?)))
            .collect()
    }

    /// The workloads of a gateway: one caller for each of its accounts, never none.
    pub fn callers_through(&self, gateway: &ObjectRef) -> Result<Vec<Caller>, Unanswerable> {
        if !self.mesh.gateways.contains_key(gateway) {
            return Err(Unanswerable::NoGateway(gateway.clone()));
        }
        let roles = self.mesh.roles.iter().enumerate();
        let own = roles.filter(|(_, role)| role.gateways.contains(gateway));
        let mut callers: Vec<Caller> = own.map(|(at, _)| self.in_role(at)).collect();
        callers.dedup_by(|a, b| a.identity == b.identity);
        if callers.is_empty() {
            return Err(Unanswerable::NoDoorkeeper(gateway.clone()));
        }
        Ok(callers)
    }

    fn in_role(&self, role: usize) -> Caller {
        Caller {
            identity: Some(self.role(role).identity.clone()),
            role: Some(role),
        }
    }
}
