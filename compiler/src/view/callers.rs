use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use mesh_ir::{Access, AccessRule, CallerMatch, DefaultAccess, Port, Role, SpiffeId, Subject, Who};

use crate::algebra::CallerSet;
use crate::lower::Lowered;

/// Roles by who they are.
pub(super) struct Callers<'m> {
    roles: &'m [Role],
    by_identity: BTreeMap<&'m SpiffeId, Vec<usize>>,
    by_namespace: BTreeMap<&'m str, Vec<usize>>,
    /// Enforced access documents by the one object they speak of.
    by_subject: BTreeMap<Subject<'m>, Vec<&'m Access>>,
    wide: Vec<Wide<'m>>,
    /// What entries that every role is compared with have meant before.
    known: RefCell<BTreeMap<&'m CallerMatch, Rc<[usize]>>>,
}

/// A service or an external service, as somebody who calls it sees it.
#[derive(Clone, Copy)]
pub(super) struct Callee<'m> {
    pub(super) subject: Subject<'m>,
    pub(super) ports: &'m [Port],
}

/// To whom a service is open whether or not it names them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OpenTo {
    /// By default.
    Everyone,
    /// The callers of these wide documents, by their places; there may be none.
    Callers(Vec<(usize, Reach)>),
}

/// Which ports of a service a document speaks of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// An HTTP port at least.
    Requests,
    /// Only ports that are not HTTP, of which an entry with a `match` says nothing.
    Streams,
}

impl Reach {
    fn of(access: &Access, callee: Callee<'_>) -> Option<Self> {
        let covers = |port: &&Port| access.target.is_about(callee.subject, &port.name);
        let covered = callee.ports.iter().filter(covers);
        covered
            .map(|port| {
                if port.protocol.is_http() {
                    Self::Requests
                } else {
                    Self::Streams
                }
            })
            .min()
    }

    fn has(self, entry: &AccessRule) -> bool {
        self == Self::Requests || entry.matches.is_empty()
    }
}

/// Whether an `allow` of the document is about every request to a port, so that the
/// default is silent there: other hosts, and ports of bytes, are still its to speak of.
fn speaks_of_all(access: &Access, callee: Callee<'_>, port: &Port) -> bool {
    let reads_port = |rule: &AccessRule| port.protocol.is_http() || rule.matches.is_empty();
    access.target.hosts.is_empty()
        && access.target.is_about(callee.subject, &port.name)
        && access.allow.iter().any(reads_port)
}

/// A document about several services, whose callers are found once.
struct Wide<'m> {
    access: &'m Access,
    callers: BTreeSet<usize>,
    /// Of the entries without a `match`, which alone speak of ports that are not HTTP.
    of_streams: BTreeSet<usize>,
}

impl<'m> Callers<'m> {
    pub(super) fn of(mesh: &'m Lowered, roles: &'m [Role]) -> Self {
        let mut callers = Self {
            roles,
            by_identity: BTreeMap::new(),
            by_namespace: BTreeMap::new(),
            by_subject: BTreeMap::new(),
            wide: vec![],
            known: RefCell::default(),
        };
        for (index, role) in roles.iter().enumerate() {
            let id = &role.identity;
            callers.by_identity.entry(id).or_default().push(index);
            if let Some(namespace) = id.namespace() {
                let of = callers.by_namespace.entry(namespace).or_default();
                of.push(index);
            }
        }
        for access in mesh
            .access
            .values()
            .map(|it| &it.ir)
            .filter(|it| !it.shadow)
        {
            if let Some(subject) = access.target.scope.subject() {
                callers.by_subject.entry(subject).or_default().push(access);
            } else {
                let streams = access.allow.iter().filter(|it| Reach::Streams.has(it));
                callers.wide.push(Wide {
                    access,
                    callers: callers.of_entries(mesh, &access.allow),
                    of_streams: callers.of_entries(mesh, streams),
                });
            }
        }
        callers
    }

    /// To whom a service is open, before `calls` narrows it: by wide documents, and the
    /// roles that it names itself.
    pub(super) fn of_callee(
        &self,
        mesh: &Lowered,
        callee: Callee<'_>,
    ) -> (OpenTo, BTreeSet<usize>) {
        let mut named = BTreeSet::new();
        if callee.ports.is_empty() {
            return (OpenTo::Callers(vec![]), named);
        }
        let reach = |access: &Access| Reach::of(access, callee);
        let direct: Vec<(&Access, Reach)> = self
            .by_subject
            .get(&callee.subject)
            .into_iter()
            .flatten()
            .filter_map(|access| Some((*access, reach(access)?)))
            .collect();
        let wide: Vec<(usize, Reach)> = (0..)
            .zip(&self.wide)
            .filter_map(|(index, wide)| Some((index, reach(wide.access)?)))
            .collect();
        let default = mesh
            .settings
            .access_default(callee.subject.namespace())
            .mode;
        let spoken_of = |port: &Port| {
            let wide = wide.iter().map(|(index, _)| self.wide[*index].access);
            let mut all = direct.iter().map(|(access, _)| *access).chain(wide);
            all.any(|it| speaks_of_all(it, callee, port))
        };
        if default == DefaultAccess::Allow && !callee.ports.iter().all(spoken_of) {
            return (OpenTo::Everyone, named);
        }
        for (access, reach) in direct {
            let entries = access.allow.iter().filter(|it| reach.has(it));
            named.extend(self.of_entries(mesh, entries));
        }
        (OpenTo::Callers(wide), named)
    }

    /// The roles to whom a group of services is open. Sorted.
    pub(super) fn of_group(&self, open_to: &OpenTo) -> Vec<usize> {
        let OpenTo::Callers(wide) = open_to else {
            return (0..self.roles.len()).collect();
        };
        let callers = wide.iter().flat_map(|(index, reach)| match reach {
            Reach::Requests => &self.wide[*index].callers,
            Reach::Streams => &self.wide[*index].of_streams,
        });
        let mut callers: Vec<usize> = callers.copied().collect();
        callers.sort_unstable();
        callers.dedup();
        callers
    }

    fn of_entries(
        &self,
        mesh: &Lowered,
        allow: impl IntoIterator<Item = &'m AccessRule>,
    ) -> BTreeSet<usize> {
        allow
            .into_iter()
            .flat_map(|rule| &rule.from)
            .flat_map(|entry| self.of_entry(mesh, entry).to_vec())
            .collect()
    }

    /// The roles that an entry may mean: a superset by index, then each one judged.
    fn of_entry(&self, mesh: &Lowered, entry: &'m CallerMatch) -> Rc<[usize]> {
        let set = CallerSet::of(entry, &mesh.settings.trust_domain);
        let may_be = |index: &usize| set.may_be(&self.roles[*index].identity);
        match &entry.who {
            Who::Service { identities, .. } | Who::Gateway { identities, .. } => identities
                .iter()
                .filter_map(|id| self.by_identity.get(id))
                .flatten()
                .copied()
                .filter(may_be)
                .collect(),
            Who::Namespace(namespace) => self
                .by_namespace
                .get(namespace.as_str())
                .into_iter()
                .flatten()
                .copied()
                .filter(may_be)
                .collect(),
            Who::Identity(_) | Who::Authenticated | Who::Anyone => {
                let mut known = self.known.borrow_mut();
                let found = known
                    .entry(entry)
                    .or_insert_with(|| (0..self.roles.len()).filter(may_be).collect());
                Rc::clone(found)
            }
        }
    }
}
