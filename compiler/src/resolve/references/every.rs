use mesh_ir::Name;

use crate::resolve::Program;
use crate::syntax::ast::{
    Action, BackendTarget, CallTarget, Caller, DestinationOf, Forward, Reference, Spanned, Target,
    TargetScope, TokenMatch, Who,
};

/// A place that names an object.
#[derive(Clone, Copy)]
pub(super) struct Use<'p> {
    /// What it is to be.
    pub(super) of: Of,
    /// The name.
    pub(super) reference: &'p Spanned<Reference>,
    /// The namespace that a name without one means.
    pub(super) here: &'p Name,
}

/// The kinds of objects that others name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Service,
    Gateway,
    External,
    Issuer,
}

/// Every place of a program that names a service, gateway, external service or issuer.
pub(super) fn every(program: &Program) -> Vec<Use<'_>> {
    let mut uses = Uses(vec![]);
    uses.services(program);
    uses.routes(program);
    for (id, access) in &program.access {
        uses.target(&access.spec.target, &id.namespace);
        if let Some(authorizer) = &access.spec.authorizer {
            uses.add(Of::Service, &authorizer.service, &id.namespace);
        }
    }
    for (id, limit) in &program.limits {
        uses.target(&limit.spec.target, &id.namespace);
        if let Some(provider) = &limit.spec.provider {
            uses.add(Of::Service, &provider.service, &id.namespace);
        }
    }
    for (id, telemetry) in &program.telemetry {
        uses.target(&telemetry.spec.target, &id.namespace);
    }
    for entry in program.entries() {
        uses.callers(entry.from, entry.namespace);
    }
    uses.claims(program);
    uses.0
}

struct Uses<'p>(Vec<Use<'p>>);

impl<'p> Uses<'p> {
    fn add(&mut self, of: Of, reference: &'p Spanned<Reference>, here: &'p Name) {
        self.0.push(Use {
            of,
            reference,
            here,
        });
    }

    /// Of a document without a namespace, which names one itself.
    fn add_global(&mut self, of: Of, reference: &'p Spanned<Reference>) {
        if let Some(namespace) = &reference.value.namespace {
            self.add(of, reference, namespace);
        }
    }

    fn services(&mut self, program: &'p Program) {
        for (id, service) in &program.services {
            for call in service.spec.calls.iter().flatten() {
                match &call.target {
                    CallTarget::Service(it) => self.add(Of::Service, it, &id.namespace),
                    CallTarget::External(it) => self.add(Of::External, it, &id.namespace),
                }
            }
        }
        for (id, external) in &program.externals {
            if let Some(via) = &external.spec.via {
                self.add(Of::Gateway, via, &id.namespace);
            }
        }
        let otlp = program.mesh.as_ref().and_then(|it| it.spec.otlp.as_ref());
        if let Some(otlp) = otlp {
            self.add_global(Of::Service, &otlp.service);
        }
    }

    fn routes(&mut self, program: &'p Program) {
        for (id, route) in &program.routes {
            self.target(&route.spec.target, &id.namespace);
            for rule in &route.spec.rules {
                if let Action::Forward(forward) = &rule.action {
                    self.forward(forward, &id.namespace);
                }
            }
        }
    }

    fn forward(&mut self, forward: &'p Forward, here: &'p Name) {
        let backends = forward.to.iter().chain(&forward.fallback);
        let targets = backends.map(|it| &it.target);
        for target in targets.chain(forward.mirror.iter().map(|it| &it.target)) {
            match target {
                BackendTarget::Service(it) => self.add(Of::Service, it, here),
                BackendTarget::External(it) => self.add(Of::External, it, here),
                BackendTarget::Version(_) => {}
            }
        }
    }

    fn target(&mut self, target: &'p Target, here: &'p Name) {
        match &target.scope {
            TargetScope::Service(it) => self.add(Of::Service, it, here),
            TargetScope::Gateway(it) => self.add(Of::Gateway, it, here),
            TargetScope::External(it) => self.add(Of::External, it, here),
            TargetScope::All(_) => {}
        }
    }

    fn callers(&mut self, callers: &'p [Caller], here: &'p Name) {
        for caller in callers {
            match &caller.who {
                Who::Service(it) => self.add(Of::Service, it, here),
                Who::Gateway(it) => self.add(Of::Gateway, it, here),
                Who::Namespace(_) | Who::Identity(_) | Who::Authenticated(_) | Who::Anyone(_) => {}
            }
            if let Some(TokenMatch { issuer, .. }) = &caller.token {
                self.add(Of::Issuer, issuer, here);
            }
            self.callers(&caller.not, here);
        }
    }

    fn claims(&mut self, program: &'p Program) {
        let claims = program.invariants.values();
        for claim in claims.flat_map(|it| it.spec.never.iter().chain(&it.spec.always)) {
            for caller in &claim.from {
                match &caller.who {
                    Who::Service(it) => self.add_global(Of::Service, it),
                    Who::Gateway(it) => self.add_global(Of::Gateway, it),
                    _ => {}
                }
                if let Some(TokenMatch { issuer, .. }) = &caller.token {
                    self.add_global(Of::Issuer, issuer);
                }
            }
            for destination in &claim.to {
                match &destination.what {
                    DestinationOf::Service(it) => self.add_global(Of::Service, it),
                    DestinationOf::Gateway(it) => self.add_global(Of::Gateway, it),
                    DestinationOf::External(it) => self.add_global(Of::External, it),
                    DestinationOf::Namespace(_) => {}
                }
            }
        }
    }
}
