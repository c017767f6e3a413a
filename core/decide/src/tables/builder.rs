use std::collections::BTreeSet;

use mesh_ir::{
    HeaderEdits, Kind, Name, ObjectRef, Origin, Respond, RetryPolicy, RuleId, Service, ServiceRef,
    Snapshot,
};

use super::NotHonourable;
use crate::automaton::InvalidRegex;
use crate::index::{EditsIndex, RespondIndex, RetryIndex, ServiceIndex};
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
    pub(super) services: Vec<Service>,
    pub(super) edits: Vec<HeaderEdits>,
    pub(super) retries: Vec<RetryPolicy>,
    pub(super) responds: Vec<Respond>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let mut services = snapshot.services.clone();
        services.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            snapshot,
            calls: snapshot.role.calls.iter().collect(),
            pools: Pools {
                services,
                ..Pools::default()
            },
            problems: vec![],
        }
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

    /// Whether the role may call a service.
    pub(super) fn is_called(&self, id: &ServiceRef) -> bool {
        self.calls.contains(id)
    }

    pub(super) fn find_service(&self, id: &ServiceRef) -> Option<ServiceIndex> {
        self.pools
            .services
            .binary_search_by(|service| service.id.cmp(id))
            .ok()
            .map(ServiceIndex::at)
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
        let service = &self.pools.services[service.position()];
        let object = ObjectRef {
            namespace: service.id.namespace.clone(),
            name: service.id.name.clone(),
        };
        let origin = service.origin.clone();
        self.add_rule(Kind::Service, &object, None, &origin)
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
        value: Result<T, InvalidRegex>,
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
