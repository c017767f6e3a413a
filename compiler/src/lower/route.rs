use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_ir::{EncodedSlash, Protocol, Route, RouteRule, Scope, Target};

use super::context::Context;
use super::lists::{sorted, those};
use super::outcome;
use super::rule::RuleContext;
use super::size::Size;
use crate::algebra::{self, Finding, Mode, Ranked, Rule, Side, Universe};
use crate::resolve::RouteTarget;
use crate::syntax::ast::{self, Object};

/// The routes about one service, gateway or external service, ranked together.
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

pub(super) fn lower(context: &Context<'_>) -> BTreeMap<Scope, Arc<RoutesOf>> {
    let mut by_target: BTreeMap<Scope, Vec<Unranked>> = BTreeMap::new();
    for object in context.part.routes.values() {
        if let Some((target, route)) = route(context, object) {
            by_target.entry(target).or_default().push(route);
        }
    }
    by_target
        .into_iter()
        .map(|(target, routes)| {
            let ranked = ranked(context, &target, routes);
            (target, Arc::new(ranked))
        })
        .collect()
}

fn size<'r>(routes: impl Iterator<Item = &'r Route>) -> Size {
    let mut size = Size::default();
    for rule in routes.flat_map(|it| &it.rules) {
        size.add(&rule.from, &rule.matches);
    }
    size
}

/// Gives every rule its rank among all rules about the target.
fn ranked(context: &Context<'_>, target: &Scope, mut routes: Vec<Unranked>) -> RoutesOf {
    if size(routes.iter().map(|route| &route.ir)).is_too_large() {
        return RoutesOf {
            routes: routes.into_iter().map(Unranked::ranked).collect(),
            findings: vec![],
        };
    }
    let order = {
        let flat: Vec<(&RouteRule, &Target)> = routes
            .iter()
            .flat_map(|route| route.ir.rules.iter().map(|rule| (rule, &route.ir.target)))
            .collect();
        let ranked: Vec<Ranked<'_>> = flat
            .iter()
            .map(|(rule, target)| Ranked {
                rule: Rule {
                    from: &rule.from,
                    hosts: &target.hosts,
                    matches: &rule.matches,
                    mode: Mode::Plain,
                    trust_domain: context.trust_domain,
                },
                priority: rule.rank.priority,
                ports: &target.ports,
            })
            .collect();
        let universe = universe(context, target);
        algebra::order(&ranked, universe, |a, b| {
            outcome::same(flat[a].0, flat[b].0)
        })
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

/// The requests that the rules about a target are asked about. A gateway's run where
/// clients have addresses, all others in the caller's own proxy.
fn universe(context: &Context<'_>, target: &Scope) -> Universe<'static> {
    let service = match target {
        Scope::Service(id) => context.program.services.get(id),
        _ => None,
    };
    let slash = service.and_then(|it| it.spec.encoded_slash.as_ref());
    Universe {
        side: match target {
            Scope::Gateway(_) => Side::Callee,
            _ => Side::Caller,
        },
        protocol: Protocol::Http,
        encoded_slash: slash.is_some_and(|it| it.value == EncodedSlash::Judge),
        hosts: &[],
        identities: &[],
    }
}

fn route(context: &Context<'_>, object: &Arc<Object<ast::Route>>) -> Option<(Scope, Unranked)> {
    let here = &object.namespace.value;
    let written = &object.spec.target;
    let target = RouteTarget::of(context.program, here, written)?;
    let of = RuleContext {
        context,
        here,
        target: &target,
    };
    let (places, rules) = those(&object.spec.rules, |entry| of.rule(entry));
    let scope = target.scope();
    let ir = Route {
        id: mesh_ir::ObjectRef {
            namespace: here.clone(),
            name: object.name.value.clone(),
        },
        origin: context.sources.origin(object.span),
        target: Target {
            scope: scope.clone(),
            ports: target.ports(),
            hosts: sorted(&written.hosts),
        },
        rules,
    };
    let lowered = Unranked {
        object: Arc::clone(object),
        ir,
        places,
    };
    Some((scope, lowered))
}
