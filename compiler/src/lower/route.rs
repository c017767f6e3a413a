use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_ir::{
    Action, Backend, BackendTarget, Forward, HeaderEdit, HeaderEdits, Name, Rank, Redirect,
    Respond, Rewrite, Route, RouteRule, Scope, ServiceRef, Target,
};

use super::context::Context;
use super::defaults::merge_retries;
use super::lists::{every, those};
use super::matching::{callers, requests};
use super::outcome;
use super::rule_id::rule_id;
use super::size::Size;
use crate::algebra::{self, Finding, Ranked, RuleSet};
use crate::diagnostic::Span;
use crate::resolve::{http_port_without_number, ports_in_force, stream_port};
use crate::syntax::ast::{self, Named, Object};

/// The routes about one service, ranked together.
#[derive(Debug)]
pub(crate) struct RoutesOf {
    /// In the order of namespace and name.
    pub(crate) routes: Vec<LoweredRoute>,
    /// What stands against an order; indices of [`Self::rules`].
    pub(crate) findings: Vec<Finding>,
}

/// A `Route` beside its document.
#[derive(Debug)]
pub(crate) struct LoweredRoute {
    /// The document.
    pub(crate) object: Arc<Object<ast::Route>>,
    /// What it means.
    pub(crate) ir: Arc<Route>,
    /// In the order written: where in the document, and where in `ir.rules`.
    rules: Vec<(usize, usize)>,
}

impl LoweredRoute {
    /// Whether every rule could be lowered.
    pub(crate) fn is_whole(&self) -> bool {
        self.rules.len() == self.object.spec.rules.len()
    }

    /// The rules, as written and as meant.
    fn rules(&self) -> impl Iterator<Item = (&ast::Rule, &RouteRule)> {
        let places = self.rules.iter();
        places.map(|(written, meant)| (&self.object.spec.rules[*written], &self.ir.rules[*meant]))
    }
}

impl RoutesOf {
    /// How large its rules are together; too large ones are not ordered.
    pub(crate) fn size(&self) -> Size {
        size(self.routes.iter().map(|route| &*route.ir))
    }

    /// Every rule with the place it was written at.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (&ast::Rule, &RouteRule)> {
        self.routes.iter().flat_map(LoweredRoute::rules)
    }
}

/// A route before its rules have their rank, in the order written.
struct Unranked {
    object: Arc<Object<ast::Route>>,
    ir: Route,
    /// Where in the document each of `ir.rules` stands.
    places: Vec<usize>,
}

impl Unranked {
    /// With its rules in lowered order.
    fn ranked(self) -> LoweredRoute {
        let Self { object, ir, places } = self;
        let mut rules: Vec<(usize, RouteRule)> = places.into_iter().zip(ir.rules).collect();
        rules.sort_by(|(_, a), (_, b)| a.rank.cmp(&b.rank).then_with(|| a.id.cmp(&b.id)));
        let written = rules.iter().map(|(place, _)| *place);
        let mut places: Vec<(usize, usize)> = written.zip(0..).collect();
        places.sort_unstable();
        let rules = rules.into_iter().map(|(_, rule)| rule).collect();
        LoweredRoute {
            object,
            ir: Arc::new(Route { rules, ..ir }),
            rules: places,
        }
    }
}

pub(super) fn lower(context: &Context<'_>) -> BTreeMap<ServiceRef, Arc<RoutesOf>> {
    let mut by_service: BTreeMap<ServiceRef, Vec<Unranked>> = BTreeMap::new();
    for object in context.part.routes.values() {
        if let Some((service, route)) = route(context, object) {
            by_service.entry(service).or_default().push(route);
        }
    }
    by_service
        .into_iter()
        .map(|(service, routes)| (service, Arc::new(ranked(context, routes))))
        .collect()
}

fn size<'r>(routes: impl Iterator<Item = &'r Route>) -> Size {
    let mut size = Size::default();
    for rule in routes.flat_map(|it| &it.rules) {
        size.add(&rule.from, &rule.matches);
    }
    size
}

/// Gives every rule its rank among all rules about the service.
fn ranked(context: &Context<'_>, mut routes: Vec<Unranked>) -> RoutesOf {
    if size(routes.iter().map(|route| &route.ir)).is_too_large() {
        return RoutesOf {
            routes: routes.into_iter().map(Unranked::ranked).collect(),
            findings: vec![],
        };
    }
    let order = {
        let flat: Vec<(&RouteRule, &[Name])> = routes
            .iter()
            .flat_map(|route| {
                let ports = route.ir.target.ports.as_slice();
                route.ir.rules.iter().map(move |rule| (rule, ports))
            })
            .collect();
        let ranked: Vec<Ranked<'_>> = flat
            .iter()
            .map(|(rule, ports)| Ranked {
                set: RuleSet::of(&rule.from, &rule.matches, context.trust_domain),
                priority: rule.rank.priority,
                ports,
            })
            .collect();
        algebra::order(&ranked, |a, b| outcome::same(flat[a].0, flat[b].0))
    };
    let rules = routes.iter_mut().flat_map(|route| &mut route.ir.rules);
    for (rule, depth) in rules.zip(order.depth) {
        rule.rank.depth = depth;
    }
    RoutesOf {
        routes: routes.into_iter().map(Unranked::ranked).collect(),
        findings: order.findings,
    }
}

fn route(
    context: &Context<'_>,
    object: &Arc<Object<ast::Route>>,
) -> Option<(ServiceRef, Unranked)> {
    let here = &object.namespace.value;
    let written = &object.spec.target;
    let (service, target) = context.program.service(&written.service()?.value, here)?;
    let mut ports: Vec<Name> = ports_in_force(&target.spec, &written.ports)
        .map(|port| port.name.value.clone())
        .collect();
    ports.sort();
    let of = RuleContext {
        context,
        here,
        service: &service,
        ports: &ports,
    };
    let (places, rules) = those(&object.spec.rules, |entry| of.rule(entry));
    let ir = Route {
        id: mesh_ir::ObjectRef {
            namespace: here.clone(),
            name: object.name.value.clone(),
        },
        origin: context.sources.origin(object.span),
        target: Target {
            scope: Scope::Service(service.clone()),
            ports,
            hosts: vec![],
        },
        rules,
    };
    let lowered = Unranked {
        object: Arc::clone(object),
        ir,
        places,
    };
    Some((service, lowered))
}

struct RuleContext<'c> {
    context: &'c Context<'c>,
    here: &'c Name,
    service: &'c ServiceRef,
    ports: &'c [Name],
}

impl RuleContext<'_> {
    fn rule(&self, entry: &ast::Rule) -> Option<RouteRule> {
        let from = callers(self.context, self.here, &entry.from)?;
        let matches = requests(&entry.matches);
        let priority = entry.priority.map_or(0, |it| it.value);
        let action = match &entry.action {
            ast::Action::Forward(forward) => Action::Forward(self.forward(entry.span, forward)?),
            ast::Action::Redirect(written) => Action::Redirect(redirect(written)),
            ast::Action::Respond(written) => Action::Respond(respond(written)),
        };
        Some(RouteRule {
            id: rule_id(
                entry.name.as_ref(),
                &(priority, &from, &matches, Unplaced(&action)),
            ),
            origin: self.context.sources.origin(entry.span),
            rank: Rank { priority, depth: 0 },
            from,
            matches,
            action,
            cors: None,
        })
    }

    fn forward(&self, entry: Span, written: &ast::Forward) -> Option<Forward> {
        let defaults = self.context.defaults(&self.service.namespace);
        let origin = |span| self.context.sources.origin(span);
        let backends = match written.to.as_slice() {
            [] => vec![Backend {
                target: BackendTarget::Service,
                weight: 1,
                request_headers: HeaderEdits::default(),
                response_headers: HeaderEdits::default(),
                origin: origin(entry),
            }],
            all => every(all, |backend| {
                Some(Backend {
                    target: self.backend(&backend.target)?,
                    weight: match all {
                        [_] => 1,
                        // A missing one has its finding, and is no reason for others.
                        _ => backend.weight.map_or(1, |it| it.value),
                    },
                    request_headers: edits(&backend.headers.request),
                    response_headers: edits(&backend.headers.response),
                    origin: origin(backend.span),
                })
            })?,
        };
        Some(Forward {
            backends,
            split_by: written.split_by.iter().map(|it| it.value.clone()).collect(),
            rewrite: written.rewrite.as_ref().map(|rewrite| Rewrite {
                path: rewrite.path.as_ref().map(|it| it.value.text.clone()),
                host: rewrite.host.as_ref().map(|it| it.value.clone()),
            }),
            request_headers: edits(&written.headers.request),
            response_headers: edits(&written.headers.response),
            timeout: written.timeout.map_or(defaults.timeout, |it| it.value),
            per_try_timeout: written.per_try_timeout.map(|it| it.value),
            retries: merge_retries(&defaults.retries, written.retries.as_ref()),
            fallback: vec![],
            mirror: vec![],
            fault: None,
        })
    }

    fn backend(&self, target: &ast::BackendTarget) -> Option<BackendTarget> {
        match target {
            ast::BackendTarget::Version(version) => {
                Some(BackendTarget::Version(version.value.clone()))
            }
            ast::BackendTarget::External(_) => None,
            ast::BackendTarget::Service(reference) => {
                let program = self.context.program;
                let (service, object) = program.service(&reference.value, self.here)?;
                if service == *self.service {
                    return Some(BackendTarget::Service);
                }
                let (_, own) = program.services.get_key_value(self.service)?;
                let first = own
                    .spec
                    .ports
                    .iter()
                    .find(|port| Some(&port.name.value) == self.ports.first())?;
                let port = if first.protocol.value.is_http() {
                    http_port_without_number(&object.spec)?
                } else {
                    stream_port(&object.spec, &first.name.value)?
                };
                Some(BackendTarget::Other {
                    service,
                    port: port.name.value.clone(),
                })
            }
        }
    }
}

/// An action without the places of its backends, for the hash of its content.
struct Unplaced<'a>(&'a Action);

impl std::fmt::Debug for Unplaced<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Action::Forward(forward) = self.0 else {
            return write!(f, "{:?}", self.0);
        };
        for backend in &forward.backends {
            let edits = (&backend.request_headers, &backend.response_headers);
            write!(f, "{:?} {} {edits:?} ", backend.target, backend.weight)?;
        }
        let edits = (&forward.request_headers, &forward.response_headers);
        write!(f, "{:?} {:?} {edits:?}", forward.split_by, forward.rewrite)
    }
}

fn redirect(written: &ast::Redirect) -> Redirect {
    Redirect {
        status: written.status.map_or(302, |it| it.value),
        scheme: written.scheme.as_ref().map(|it| it.value.clone()),
        host: written.host.as_ref().map(|it| it.value.clone()),
        port: written.port.map(|it| it.value),
        path: written.path.as_ref().map(|it| it.value.text.clone()),
    }
}

fn respond(written: &ast::Respond) -> Respond {
    Respond {
        status: written.status.value,
        headers: written
            .headers
            .iter()
            .map(|it| (it.name.value.clone(), it.value.value.clone()))
            .collect(),
        body: written
            .body
            .as_ref()
            .map_or_else(String::new, |it| it.value.clone()),
    }
}

fn edits(written: &ast::HeaderEdits) -> HeaderEdits {
    let edit = |it: &Named<String>| HeaderEdit {
        name: it.name.value.clone(),
        value: it.value.value.clone(),
    };
    HeaderEdits {
        set: written.set.iter().map(edit).collect(),
        add: written.add.iter().map(edit).collect(),
        remove: written.remove.iter().map(|it| it.value.clone()).collect(),
    }
}
