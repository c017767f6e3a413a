use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use mesh_ir::{Kind, Name, ObjectRef, ServiceRef};

use crate::diagnostic::Span;
use crate::syntax::Parsed;
use crate::syntax::ast::{self, Document, Global, Object, Reference, Spanned};

/// So many routes, access objects and limits take longer than the start of a thread.
const WORTH_A_THREAD: usize = 32;

/// Services by namespace and account.
type Accounts = BTreeMap<Name, BTreeMap<Name, Vec<ServiceRef>>>;

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
    /// By namespace and name.
    pub(crate) issuers: BTreeMap<ObjectRef, Arc<Object<ast::TokenIssuer>>>,
    /// By namespace and name.
    pub(crate) gateways: BTreeMap<ObjectRef, Arc<Object<ast::Gateway>>>,
    /// By namespace and name.
    pub(crate) externals: BTreeMap<ServiceRef, Arc<Object<ast::ExternalService>>>,
    /// By namespace and name.
    pub(crate) telemetry: BTreeMap<ObjectRef, Arc<Object<ast::Telemetry>>>,
    /// Every `Rollout`, in the order of files.
    pub(crate) rollouts: Vec<Arc<Global<ast::Rollout>>>,
    /// By name.
    pub(crate) environments: BTreeMap<Name, Arc<Global<ast::Environment>>>,
    /// By name.
    pub(crate) invariants: BTreeMap<Name, Arc<Global<ast::Invariant>>>,
    /// By namespace and name.
    pub(crate) tests: BTreeMap<ObjectRef, Arc<Object<ast::PolicyTest>>>,
    /// Namespaces that have a service.
    pub(crate) namespaces: BTreeSet<Name>,
    /// Which services run as an account of a namespace.
    accounts: Arc<Accounts>,
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
            issuers: BTreeMap::new(),
            gateways: BTreeMap::new(),
            externals: BTreeMap::new(),
            telemetry: BTreeMap::new(),
            rollouts: vec![],
            environments: BTreeMap::new(),
            invariants: BTreeMap::new(),
            tests: BTreeMap::new(),
            namespaces: BTreeSet::new(),
            accounts: Arc::default(),
            absent: Absent::of(parsed),
            duplicates: vec![],
        };
        for document in parsed.documents() {
            if let Some(first) = program.take(document) {
                program.duplicates.push((document.clone(), first));
            }
        }
        program.mesh = program.meshes.first().cloned();
        let mut all = Accounts::new();
        for (id, service) in &program.services {
            let namespace = &service.namespace.value;
            program.namespaces.insert(namespace.clone());
            for account in accounts(service) {
                let of_namespace = all.entry(namespace.clone()).or_default();
                let runs = of_namespace.entry(account.clone()).or_default();
                runs.push(id.clone());
            }
        }
        for (id, gateway) in &program.gateways {
            for account in gateway_accounts(gateway) {
                let of_namespace = all.entry(id.namespace.clone()).or_default();
                of_namespace
                    .entry(account.clone())
                    .or_default()
                    .push(ServiceRef {
                        namespace: id.namespace.clone(),
                        name: id.name.clone(),
                    });
            }
        }
        program.accounts = Arc::new(all);
        program
    }

    /// Whether no two documents have one name.
    pub(crate) fn has_each_name_once(&self) -> bool {
        self.duplicates.is_empty()
    }

    /// Takes a new text of a document about one service, which is here under its name.
    pub(crate) fn replace(&mut self, document: &Document) {
        match document {
            Document::Service(it) => drop(self.services.insert(service_ref(it), Arc::clone(it))),
            Document::Route(it) => drop(self.routes.insert(object_ref(it), Arc::clone(it))),
            Document::Access(it) => drop(self.access.insert(object_ref(it), Arc::clone(it))),
            Document::RateLimit(it) => drop(self.limits.insert(object_ref(it), Arc::clone(it))),
            _ => {}
        }
    }

    /// Takes note of what is wrong with the files now.
    pub(crate) fn look_for_broken(&mut self, parsed: &Parsed) {
        self.absent = Absent::of(parsed);
    }

    /// Does two things about the objects: at once, where they are so many that it is worth a
    /// thread.
    pub(crate) fn both<A: Send, B>(
        &self,
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B,
    ) -> (A, B) {
        let judged = self.routes.len() + self.access.len() + self.limits.len();
        if judged < WORTH_A_THREAD {
            return (a(), b());
        }
        thread::scope(|scope| {
            let a = scope.spawn(a);
            let b = b();
            (a.join().unwrap_or_else(|it| resume_unwind(it)), b)
        })
    }

    /// The program with only those objects that are about one of some services or about
    /// several: what has to be looked at again when the others have not changed.
    pub(crate) fn part(&self, services: &BTreeSet<ServiceRef>) -> Self {
        fn some<T>(
            objects: &BTreeMap<ObjectRef, Arc<Object<T>>>,
            is_about: impl Fn(&Object<T>) -> bool,
        ) -> BTreeMap<ObjectRef, Arc<Object<T>>> {
            let some = objects.iter().filter(|(_, it)| is_about(it));
            some.map(|(id, it)| (id.clone(), Arc::clone(it))).collect()
        }
        let is_about = |target: &ast::Target, here: &Name| {
            let one = target.service().map(|it| it.value.resolve(here));
            one.is_none_or(|service| services.contains(&service))
        };
        Self {
            mesh: self.mesh.clone(),
            meshes: self.meshes.clone(),
            teams: self.teams.clone(),
            services: self.services.clone(),
            routes: some(&self.routes, |it| {
                is_about(&it.spec.target, &it.namespace.value)
            }),
            access: some(&self.access, |it| {
                is_about(&it.spec.target, &it.namespace.value)
            }),
            limits: some(&self.limits, |it| {
                is_about(&it.spec.target, &it.namespace.value)
            }),
            issuers: self.issuers.clone(),
            gateways: self.gateways.clone(),
            externals: self.externals.clone(),
            telemetry: self.telemetry.clone(),
            rollouts: self.rollouts.clone(),
            environments: self.environments.clone(),
            invariants: self.invariants.clone(),
            tests: self.tests.clone(),
            namespaces: self.namespaces.clone(),
            accounts: Arc::clone(&self.accounts),
            absent: self.absent.clone(),
            duplicates: vec![],
        }
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
        fn global<T>(
            map: &mut BTreeMap<Name, Arc<Global<T>>>,
            object: &Arc<Global<T>>,
        ) -> Option<Span> {
            if let Some(first) = map.get(&object.name.value) {
                return Some(first.name.span);
            }
            map.insert(object.name.value.clone(), Arc::clone(object));
            None
        }
        match document {
            Document::Mesh(mesh) => {
                self.meshes.push(Arc::clone(mesh));
                None
            }
            Document::Rollout(rollout) => {
                self.rollouts.push(Arc::clone(rollout));
                None
            }
            Document::Team(it) => global(&mut self.teams, it),
            Document::Environment(it) => global(&mut self.environments, it),
            Document::Invariant(it) => global(&mut self.invariants, it),
            Document::Service(it) => file(&mut self.services, service_ref(it), it),
            Document::Route(it) => file(&mut self.routes, object_ref(it), it),
            Document::Access(it) => file(&mut self.access, object_ref(it), it),
            Document::RateLimit(it) => file(&mut self.limits, object_ref(it), it),
            Document::TokenIssuer(it) => file(&mut self.issuers, object_ref(it), it),
            Document::Gateway(it) => file(&mut self.gateways, object_ref(it), it),
            Document::ExternalService(it) => file(&mut self.externals, service_ref(it), it),
            Document::Telemetry(it) => file(&mut self.telemetry, object_ref(it), it),
            Document::PolicyTest(it) => file(&mut self.tests, object_ref(it), it),
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

    /// The gateway that a reference in the namespace `here` means.
    pub(crate) fn gateway(
        &self,
        reference: &Reference,
        here: &Name,
    ) -> Option<(&ObjectRef, &Arc<Object<ast::Gateway>>)> {
        self.gateways.get_key_value(&reference.object(here))
    }

    /// The external service that a reference in the namespace `here` means.
    pub(crate) fn external(
        &self,
        reference: &Reference,
        here: &Name,
    ) -> Option<(&ServiceRef, &Arc<Object<ast::ExternalService>>)> {
        self.externals.get_key_value(&reference.resolve(here))
    }

    /// The issuer that a reference in the namespace `here` means.
    pub(crate) fn issuer(
        &self,
        reference: &Reference,
        here: &Name,
    ) -> Option<(&ObjectRef, &Arc<Object<ast::TokenIssuer>>)> {
        self.issuers.get_key_value(&reference.object(here))
    }

    /// The services, and gateways, that run as an account of a namespace.
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

/// The service that a document of no namespace means, which has to name one.
pub(crate) fn collector<'p>(
    program: &'p Program,
    reference: &Reference,
) -> Option<(&'p ServiceRef, &'p Arc<Object<ast::Service>>)> {
    let namespace = reference.namespace.clone()?;
    program.services.get_key_value(&ServiceRef {
        namespace,
        name: reference.name.clone(),
    })
}

/// The accounts of a service: as written, or its name.
pub(crate) fn accounts(service: &Object<ast::Service>) -> impl Iterator<Item = &Name> {
    written_or_name(&service.spec.accounts, &service.name)
}

/// The accounts of a gateway: as written, or its name.
pub(crate) fn gateway_accounts(gateway: &Object<ast::Gateway>) -> impl Iterator<Item = &Name> {
    written_or_name(&gateway.spec.accounts, &gateway.name)
}

fn written_or_name<'a>(
    written: &'a [Spanned<Name>],
    name: &'a Spanned<Name>,
) -> impl Iterator<Item = &'a Name> {
    let own = written.is_empty().then_some(&name.value);
    own.into_iter().chain(written.iter().map(|it| &it.value))
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
