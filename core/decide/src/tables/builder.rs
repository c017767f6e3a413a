use std::collections::BTreeSet;
use std::fmt::Display;

use mesh_ir::{
    CallerMatch, HeaderEdits, Kind, Name, ObjectRef, Origin, Port, Respond, RetryPolicy, RuleId,
    Service, ServiceRef, Snapshot, Subject,
};

use super::NotHonourable;
use super::callee::{Callee, CalleeKind, callees, find_callee};
use super::tokens::IssuerTable;
use crate::callers::Callers;
use crate::index::{EditsIndex, IssuerIndex, RespondIndex, RetryIndex, ServiceIndex};
use crate::rule::{RuleIndex, RuleMeta};

/// Collects what all parts of the tables share, and every problem.
pub(super) struct Builder<'a> {
    pub(super) snapshot: &'a Snapshot,
    calls: BTreeSet<&'a ServiceRef>,
    pools: Pools,
    problems: Vec<NotHonourable>,
}

/// What indices point into.
#[derive(Default)]
pub(super) struct Pools {
    pub(super) rules: Vec<RuleMeta>,
    /// By kind, then by id.
    pub(super) services: Vec<Service>,
    /// What each of `services` is.
    pub(super) callees: Vec<Callee>,
    pub(super) issuers: Vec<IssuerTable>,
    pub(super) edits: Vec<HeaderEdits>,
    pub(super) retries: Vec<RetryPolicy>,
    pub(super) responds: Vec<Respond>,
}

/// A port that documents may be about.
pub(super) struct Site<'a> {
    pub(super) subject: Subject<'a>,
    pub(super) service: &'a Service,
    pub(super) port: &'a Port,
}

impl<'a> Builder<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let (services, callees) = callees(snapshot).into_iter().unzip();
        let mut builder = Self {
            snapshot,
            calls: snapshot.role.calls.iter().collect(),
            pools: Pools {
                services,
                callees,
                ..Pools::default()
            },
            problems: vec![],
        };
        let mut issuers: Vec<_> = snapshot.issuers.iter().collect();
        issuers.sort_by(|a, b| a.id.cmp(&b.id));
        for issuer in issuers {
            let rule = builder.add_rule(Kind::TokenIssuer, &issuer.id, None, &issuer.origin);
            builder.pools.issuers.push(IssuerTable {
                rule,
                issuer: issuer.clone(),
            });
        }
        builder
    }

    pub(super) fn finish(mut self) -> Result<Pools, Vec<NotHonourable>> {
        if self.problems.is_empty() {
            return Ok(self.pools);
        }
        self.problems.sort();
        self.problems.dedup();
        Err(self.problems)
    }

    pub(super) fn services(&self) -> &[Service] {
        &self.pools.services
    }

    /// What a place in the list of services is.
    pub(super) fn callee(&self, index: ServiceIndex) -> &Callee {
        &self.pools.callees[index.position()]
    }

    /// Whether the role may call a service.
    pub(super) fn is_called(&self, id: &ServiceRef) -> bool {
        self.calls.contains(id)
    }

    pub(super) fn find_service(&self, id: &ServiceRef) -> Option<ServiceIndex> {
        find_callee(&self.pools.callees, CalleeKind::Service, id)
    }

    pub(super) fn find_external(&self, id: &ServiceRef) -> Option<ServiceIndex> {
        find_callee(&self.pools.callees, CalleeKind::External, id)
    }

    pub(super) fn find_gateway(&self, id: &ObjectRef) -> Option<ServiceIndex> {
        let id = ServiceRef {
            namespace: id.namespace.clone(),
            name: id.name.clone(),
        };
        find_callee(&self.pools.callees, CalleeKind::Gateway, &id)
    }

    fn find_issuer(&self, id: &ObjectRef) -> Option<IssuerIndex> {
        let issuers = &self.pools.issuers;
        let found = issuers.binary_search_by(|it| it.issuer.id.cmp(id));
        found.ok().map(IssuerIndex::at)
    }

    /// A `from`, ready to test; everybody, and a note, where it cannot be.
    pub(super) fn callers(&mut self, rule: RuleIndex, from: &[CallerMatch]) -> Callers {
        let callers = Callers::new(from, &|id| self.find_issuer(id));
        self.accept(rule, callers)
    }

    pub(super) fn meta(&self, index: RuleIndex) -> &RuleMeta {
        &self.pools.rules[index.position()]
    }

    /// A document (without `rule`) or an entry of one.
    pub(super) fn add_rule(
        &mut self,
        kind: Kind,
        object: &ObjectRef,
        rule: Option<&RuleId>,
        origin: &Origin,
    ) -> RuleIndex {
        self.push_rule(RuleMeta {
            kind,
            object: Some(object.clone()),
            rule: rule.cloned(),
            origin: origin.clone(),
        })
    }

    /// A service's own document.
    pub(super) fn add_service_rule(&mut self, service: ServiceIndex) -> RuleIndex {
        let at = service.position();
        let Callee { kind, object } = self.pools.callees[at].clone();
        let origin = self.pools.services[at].origin.clone();
        self.add_rule(kind.document(), &object, None, &origin)
    }

    /// The `access.default` line in force for a namespace, or for the mesh.
    pub(super) fn add_default_rule(&mut self, namespace: Option<&Name>) -> RuleIndex {
        let settings = &self.snapshot.settings;
        let default = match namespace {
            Some(namespace) => settings.access_default(namespace),
            None => &settings.access,
        };
        let meta = RuleMeta {
            kind: Kind::Mesh,
            object: None,
            rule: Some(RuleId("access.default".into())),
            origin: default.origin.clone(),
        };
        match self.pools.rules.iter().position(|it| *it == meta) {
            Some(at) => index(at),
            None => self.push_rule(meta),
        }
    }

    pub(super) fn add_edits(&mut self, edits: &HeaderEdits) -> Option<EditsIndex> {
        if edits.is_empty() {
            return None;
        }
        self.pools.edits.push(edits.clone());
        Some(EditsIndex::at(self.pools.edits.len() - 1))
    }

    pub(super) fn add_retries(&mut self, policy: &RetryPolicy) -> RetryIndex {
        let known = self.pools.retries.iter().position(|it| it == policy);
        RetryIndex::at(known.unwrap_or_else(|| {
            self.pools.retries.push(policy.clone());
            self.pools.retries.len() - 1
        }))
    }

    pub(super) fn add_respond(&mut self, respond: &Respond) -> RespondIndex {
        self.pools.responds.push(respond.clone());
        RespondIndex::at(self.pools.responds.len() - 1)
    }

    /// Notes what cannot be honoured.
    pub(super) fn refuse(&mut self, rule: RuleIndex, reason: impl Into<String>) {
        let meta = self.meta(rule);
        let problem = NotHonourable {
            origin: meta.origin.clone(),
            what: meta.to_string(),
            reason: reason.into(),
        };
        self.problems.push(problem);
    }

    /// The value, or its default and a note.
    pub(super) fn accept<T: Default>(
        &mut self,
        rule: RuleIndex,
        value: Result<T, impl Display>,
    ) -> T {
        value.unwrap_or_else(|error| {
            self.refuse(rule, error.to_string());
            T::default()
        })
    }

    fn push_rule(&mut self, meta: RuleMeta) -> RuleIndex {
        self.pools.rules.push(meta);
        index(self.pools.rules.len() - 1)
    }
}

fn index(at: usize) -> RuleIndex {
    RuleIndex(u32::try_from(at).expect("a snapshot has fewer than 2^32 rules"))
}
