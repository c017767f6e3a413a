use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mesh_ir::{Kind, Name, ObjectRef, ServiceRef};

use crate::diagnostic::Span;
use crate::syntax::Parsed;
use crate::syntax::ast::{self, Document, Global, Object, Reference};

/// Every document by what it is called. Of two with one name, the first.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The one `Mesh`, or the first.
    pub(crate) mesh: Option<Arc<Global<ast::Mesh>>>,
    /// Every `Mesh`, in the order of files.
    pub(crate) meshes: Vec<Arc<Global<ast::Mesh>>>,
    /// By name.
    pub(crate) teams: BTreeMap<Name, Arc<Global<ast::Team>>>,
    /// By namespace and name.
    pub(crate) services: BTreeMap<ServiceRef, Arc<Object<ast::Service>>>,
    /// By namespace and name.
    pub(crate) routes: BTreeMap<ObjectRef, Arc<Object<ast::Route>>>,
    /// By namespace and name.
    pub(crate) access: BTreeMap<ObjectRef, Arc<Object<ast::Access>>>,
    /// By namespace and name.
    pub(crate) limits: BTreeMap<ObjectRef, Arc<Object<ast::RateLimit>>>,
    /// Namespaces that have a service.
    pub(crate) namespaces: BTreeSet<Name>,
    /// Which services run as an account of a namespace.
    accounts: BTreeMap<Name, BTreeMap<Name, Vec<ServiceRef>>>,
    absent: Absent,
    /// Documents whose name is taken, and by which.
    pub(super) duplicates: Vec<(Document, Span)>,
}

/// What the broken documents may be: nothing is missing only because it is broken.
#[derive(Debug, Clone, Default)]
struct Absent {
    findings: bool,
    anything: bool,
    kinds: BTreeSet<Kind>,
    services: BTreeSet<ServiceRef>,
}

impl Program {
    pub(crate) fn of(parsed: &Parsed) -> Self {
        let mut program = Self {
            mesh: None,
            meshes: vec![],
            teams: BTreeMap::new(),
            services: BTreeMap::new(),
            routes: BTreeMap::new(),
            access: BTreeMap::new(),
            limits: BTreeMap::new(),
            namespaces: BTreeSet::new(),
            accounts: BTreeMap::new(),
            absent: Absent::of(parsed),
            duplicates: vec![],
        };
        for document in parsed.documents() {
            if let Some(first) = program.take(document) {
                program.duplicates.push((document.clone(), first));
            }
        }
        program.mesh = program.meshes.first().cloned();
        for (id, service) in &program.services {
            program.namespaces.insert(service.namespace.value.clone());
            for account in accounts(service) {
                let of_namespace = program
                    .accounts
                    .entry(service.namespace.value.clone())
                    .or_default();
                of_namespace
                    .entry(account.clone())
                    .or_default()
                    .push(id.clone());
            }
        }
        program
    }

    /// Files a document, or gives back where the first of its name is.
    fn take(&mut self, document: &Document) -> Option<Span> {
        fn file<K: Ord, T>(
            map: &mut BTreeMap<K, Arc<Object<T>>>,
            key: K,
            object: &Arc<Object<T>>,
        ) -> Option<Span> {
            if let Some(first) = map.get(&key) {
                return Some(first.name.span);
            }
            map.insert(key, Arc::clone(object));
            None
        }
        match document {
            Document::Mesh(mesh) => {
                self.meshes.push(Arc::clone(mesh));
                None
            }
            Document::Team(team) => {
                if let Some(first) = self.teams.get(&team.name.value) {
                    return Some(first.name.span);
                }
                self.teams.insert(team.name.value.clone(), Arc::clone(team));
                None
            }
            Document::Service(it) => file(&mut self.services, service_ref(it), it),
            Document::Route(it) => file(&mut self.routes, object_ref(it), it),
            Document::Access(it) => file(&mut self.access, object_ref(it), it),
            Document::RateLimit(it) => file(&mut self.limits, object_ref(it), it),
            Document::TokenIssuer(_)
            | Document::Gateway(_)
            | Document::ExternalService(_)
            | Document::Telemetry(_)
            | Document::Rollout(_)
            | Document::Environment(_)
            | Document::Invariant(_)
            | Document::PolicyTest(_) => None,
        }
    }

    /// The service that a reference in the namespace `here` means.
    pub(crate) fn service(
        &self,
        reference: &Reference,
        here: &Name,
    ) -> Option<(ServiceRef, &Arc<Object<ast::Service>>)> {
        let id = reference.resolve(here);
        let service = self.services.get(&id)?;
        Some((id, service))
    }

    /// The services that run as an account of a namespace.
    pub(crate) fn services_of_account(&self, namespace: &Name, account: &Name) -> &[ServiceRef] {
        self.accounts
            .get(namespace)
            .and_then(|accounts| accounts.get(account))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether a service that is not here may be one that is broken.
    pub(crate) fn may_be_broken(&self, service: &ServiceRef) -> bool {
        self.absent.anything || self.absent.services.contains(service)
    }

    /// Whether the files themselves have errors, which are mended first.
    pub(crate) fn has_broken(&self) -> bool {
        self.absent.findings
    }

    /// Whether a broken document may be a `Team`.
    pub(crate) fn team_may_be_broken(&self) -> bool {
        self.absent.anything || self.absent.kinds.contains(&Kind::Team)
    }

    /// Whether some document could not be read, so that what is silent may not be.
    pub(crate) fn is_complete(&self) -> bool {
        !self.absent.anything && self.absent.kinds.is_empty()
    }
}

impl Absent {
    fn of(parsed: &Parsed) -> Self {
        let mut absent = Self {
            findings: parsed.broken().next().is_some() || parsed.diagnostics().next().is_some(),
            ..Self::default()
        };
        for broken in parsed.broken() {
            match (broken.kind, &broken.namespace, &broken.name) {
                (Some(kind), ..) if !kind.has_namespace() => {
                    absent.kinds.insert(kind);
                }
                (Some(kind), Some(namespace), Some(name)) => {
                    absent.kinds.insert(kind);
                    // Only a service is asked for by name.
                    absent.services.insert(ServiceRef {
                        namespace: namespace.clone(),
                        name: name.clone(),
                    });
                }
                _ => absent.anything = true,
            }
        }
        absent
    }
}

/// The accounts of a service: as written, or its name.
pub(crate) fn accounts(service: &Object<ast::Service>) -> impl Iterator<Item = &Name> {
    let own = service
        .spec
        .accounts
        .is_empty()
        .then_some(&service.name.value);
    own.into_iter()
        .chain(service.spec.accounts.iter().map(|account| &account.value))
}

fn service_ref<T>(object: &Object<T>) -> ServiceRef {
    ServiceRef {
        namespace: object.namespace.value.clone(),
        name: object.name.value.clone(),
    }
}

fn object_ref<T>(object: &Object<T>) -> ObjectRef {
    ObjectRef {
        namespace: object.namespace.value.clone(),
        name: object.name.value.clone(),
    }
}
