//! What happens to a request: the course that it takes, decided step by step.
//!
//! The same halves as traffic, by the same code (`mesh-decide`): the caller's proxy
//! routes on its own view, then the callee's proxy admits what arrives there. Diffs,
//! proofs, invariants and policy tests confirm what they say by asking here.

mod arriving;
mod callers;
mod course;
mod question;
mod report;
mod verdict;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use mesh_decide::Tables;
use mesh_ir::{Mesh, Name, ObjectRef, Role, RouteRule, Service, ServiceRef, SpiffeId, Views};

pub use callers::Caller;
pub(crate) use question::words;
pub use question::{AuthorizerSays, Head, Message, Question, Scheme, Token, Unanswerable};
pub use report::{At, RuleReport, StepReport};
pub use verdict::{Forwarded, Outcome, Shadow, Share, Verdict};

/// Answers questions about one mesh. The tables of a role are built when it is first
/// asked about, and kept.
#[derive(Debug)]
pub struct Simulator<'m> {
    mesh: &'m Mesh,
    views: Views<'m>,
    /// Beside `mesh.roles`.
    tables: Vec<OnceLock<Result<Tables, String>>>,
    /// Positions in `mesh.roles`, ascending.
    serving: BTreeMap<&'m ServiceRef, Vec<usize>>,
    /// Positions in `mesh.roles`, ascending.
    identities: BTreeMap<&'m SpiffeId, Vec<usize>>,
}

impl<'m> Simulator<'m> {
    /// Of a mesh; builds nothing yet.
    pub fn new(mesh: &'m Mesh) -> Self {
        let mut serving: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let mut identities: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, role) in mesh.roles.iter().enumerate() {
            identities.entry(&role.identity).or_default().push(at);
            for service in &role.serves {
                serving.entry(service).or_default().push(at);
            }
        }
        Self {
            mesh,
            views: Views::of(mesh),
            tables: mesh.roles.iter().map(|_| OnceLock::new()).collect(),
            serving,
            identities,
        }
    }

    /// Whose questions these are.
    pub fn mesh(&self) -> &'m Mesh {
        self.mesh
    }

    /// What happens to a request or connection. Each question is asked of a mesh where
    /// nothing has happened yet: every limit has room for it.
    pub fn ask(&self, question: &Question) -> Result<Verdict, Unanswerable> {
        course::decide(self, question)
    }

    /// The tables of a role, by its position in `mesh.roles`.
    fn tables(&self, role: usize) -> Result<&Tables, Unanswerable> {
        let build = || {
            Tables::build(&self.views.snapshot(self.role(role))).map_err(|reasons| {
                let reasons: Vec<_> = reasons.iter().map(ToString::to_string).collect();
                reasons.join("; ")
            })
        };
        let built = self.tables[role].get_or_init(build);
        built
            .as_ref()
            .map_err(|reasons| Unanswerable::NotHonourable(reasons.clone()))
    }

    /// The rule of a route that a report names.
    pub fn route_rule(&self, report: &RuleReport) -> Option<&'m RouteRule> {
        let of = |rule: &RouteRule| {
            Some(rule.id.0.as_ref()) == report.rule.as_deref()
                && rule.origin.file.as_ref() == report.file
                && rule.origin.line == report.line
        };
        let id = ObjectRef {
            namespace: Name::parse(report.namespace.as_deref()?).ok()?,
            name: Name::parse(report.name.as_deref()?).ok()?,
        };
        let route = self
            .mesh
            .routes
            .get(&id)
            .filter(|_| report.kind == "Route")?;
        route.rules.iter().find(|rule| of(rule))
    }

    /// Whether somebody's requests go out through a proxy beside it.
    pub(crate) fn is_workload(&self, caller: &Caller) -> bool {
        caller.is_workload(self)
    }

    /// Whether a gateway listens on a port.
    pub(crate) fn has_listener(&self, port: u16) -> bool {
        let gateways = self.mesh.gateways.values();
        let mut listeners = gateways.flat_map(|gateway| &gateway.listeners);
        listeners.any(|listener| listener.port == port)
    }

    /// The service, external or not, that connections to a host in canonical form go to
    /// from a namespace.
    pub(crate) fn callee(&self, host: &str, here: &Name) -> Option<ServiceRef> {
        let near = format!("{host}.{}", here.as_str());
        let service = self.service_of_host(host);
        if let Some(service) = service.or_else(|| self.service_of_host(&near)) {
            return Some(service.id.clone());
        }
        let mut externals = self.mesh.externals.values();
        let external = externals.find(|it| it.hosts.iter().any(|pattern| pattern.matches(host)));
        external.map(|it| it.id.clone())
    }

    /// The service that a host in canonical form means to everybody.
    fn service_of_host(&self, host: &str) -> Option<&'m Service> {
        let named = host.split_once('.').and_then(|(name, namespace)| {
            let id = ServiceRef {
                namespace: Name::parse(namespace).ok()?,
                name: Name::parse(name).ok()?,
            };
            self.mesh.services.get(&id)
        });
        let by_host = || {
            let mut services = self.mesh.services.values();
            services.find(|service| service.hosts.iter().any(|it| it.as_str() == host))
        };
        named.or_else(by_host).map(AsRef::as_ref)
    }

    /// The port of a service, external or not, that takes connections at a number.
    fn port_of_bytes(&self, service: &ServiceRef, number: u16) -> Result<Name, Unanswerable> {
        let ports = match self.mesh.services.get(service) {
            Some(service) => &service.ports,
            None => match self.mesh.externals.get(service) {
                Some(external) => &external.ports,
                None => return Err(Unanswerable::NoService(service.clone())),
            },
        };
        let port = ports.iter().find(|port| port.number == number);
        let port = port.ok_or_else(|| Unanswerable::NoPort {
            service: service.clone(),
            port: number,
        })?;
        if port.protocol.is_http() {
            return Err(Unanswerable::TakesRequests {
                service: service.clone(),
                port: number,
                protocol: port.protocol,
            });
        }
        Ok(port.name.clone())
    }

    fn role(&self, at: usize) -> &'m Role {
        &self.mesh.roles[at]
    }

    /// The first role that serves a service.
    fn server(&self, service: &ServiceRef) -> Option<usize> {
        self.serving.get(service)?.first().copied()
    }
}

#[cfg(test)]
mod tests;
