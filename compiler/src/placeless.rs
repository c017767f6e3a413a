//! Objects without the places where they stand: two that say the same are equal.

use std::sync::Arc;

use mesh_ir::{
    Access, AccessRule, Action, Backend, ExternalService, Forward, Gateway, Origin, RateLimit,
    Route, Service, Settings, TokenIssuer,
};

/// Says the same wherever it stands.
pub(crate) trait Placeless: Clone + PartialEq {
    /// With one and the same place everywhere.
    fn placeless(&self) -> Self;
}

/// Whether two objects say the same. Those that two compilations share cost nothing.
pub(crate) fn same<T: Placeless>(a: &Arc<T>, b: &Arc<T>) -> bool {
    Arc::ptr_eq(a, b) || a.placeless() == b.placeless()
}

fn nowhere() -> Origin {
    Origin::new("", 1, 1)
}

impl Placeless for Service {
    fn placeless(&self) -> Self {
        let mut it = self.clone();
        it.origin = nowhere();
        it.ports.iter_mut().for_each(|port| port.origin = nowhere());
        it.versions.iter_mut().for_each(|it| it.origin = nowhere());
        let calls = it.calls.iter_mut().flatten();
        calls.for_each(|call| call.origin = nowhere());
        it
    }
}

impl Placeless for ExternalService {
    fn placeless(&self) -> Self {
        let mut it = self.clone();
        it.origin = nowhere();
        it.ports.iter_mut().for_each(|port| port.origin = nowhere());
        it
    }
}

impl Placeless for Gateway {
    fn placeless(&self) -> Self {
        let mut it = self.clone();
        it.origin = nowhere();
        it.listeners.iter_mut().for_each(|it| it.origin = nowhere());
        it
    }
}

impl Placeless for TokenIssuer {
    fn placeless(&self) -> Self {
        Self {
            origin: nowhere(),
            ..self.clone()
        }
    }
}

impl Placeless for Route {
    fn placeless(&self) -> Self {
        let mut it = self.clone();
        it.origin = nowhere();
        for rule in &mut it.rules {
            rule.origin = nowhere();
            if let Some(cors) = &mut rule.cors {
                cors.origin = nowhere();
            }
            if let Action::Forward(forward) = &mut rule.action {
                forward_nowhere(forward);
            }
        }
        it
    }
}

fn forward_nowhere(forward: &mut Forward) {
    let backend = |it: &mut Backend| it.origin = nowhere();
    forward.backends.iter_mut().for_each(backend);
    forward.fallback.iter_mut().for_each(backend);
    forward
        .mirror
        .iter_mut()
        .for_each(|it| it.origin = nowhere());
}

impl Placeless for Access {
    fn placeless(&self) -> Self {
        let mut it = self.clone();
        it.origin = nowhere();
        let rule = |it: &mut AccessRule| it.origin = nowhere();
        it.allow.iter_mut().for_each(rule);
        it.deny.iter_mut().for_each(rule);
        it.audit.iter_mut().for_each(rule);
        if let Some(authorizer) = &mut it.authorizer {
            authorizer.origin = nowhere();
        }
        it
    }
}

impl Placeless for RateLimit {
    fn placeless(&self) -> Self {
        let mut it = self.clone();
        it.origin = nowhere();
        it.limits.iter_mut().for_each(|it| it.origin = nowhere());
        if let Some(provider) = &mut it.provider {
            provider.origin = nowhere();
        }
        it
    }
}

impl Placeless for Settings {
    fn placeless(&self) -> Self {
        let mut it = self.clone();
        it.origin = nowhere();
        it.access.origin = nowhere();
        let namespaces = it.namespaces.iter_mut();
        namespaces.for_each(|(_, default)| default.origin = nowhere());
        if let Some(otlp) = &mut it.otlp {
            otlp.origin = nowhere();
        }
        it
    }
}
