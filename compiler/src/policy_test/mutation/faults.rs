use std::sync::Arc;

use mesh_ir::{Kind, Name, ObjectRef};

use super::requests::{self, Widened};
use super::{Edit, Mutant};
use crate::diagnostic::Span;
use crate::resolve::Program;
use crate::sources::Sources;
use crate::syntax::ast::{
    Access, AccessRule, Action, Caller, Document, Forward, Object, Route, Rule, Spanned, Who,
};

/// Every fault of routes and access. Limits are left alone: a case asks a mesh in which
/// every limit has room.
pub(super) fn all(program: &Program, sources: &Sources) -> Vec<Mutant> {
    let mut out = Faults {
        sources,
        mutants: vec![],
    };
    for route in program.routes.values() {
        out.route(route);
    }
    for access in program.access.values() {
        out.access(access);
    }
    out.mutants
}

struct Faults<'s> {
    sources: &'s Sources,
    mutants: Vec<Mutant>,
}

/// A list of an `Access`.
#[derive(Clone, Copy)]
enum List {
    Allow,
    Deny,
}

impl List {
    fn of(self, access: &mut Access) -> &mut Vec<AccessRule> {
        match self {
            Self::Allow => &mut access.allow,
            Self::Deny => &mut access.deny,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

impl Faults<'_> {
    fn add(&mut self, at: Span, what: String, edit: Edit) {
        let origin = self.sources.origin(at);
        self.mutants.push(Mutant {
            what,
            file: origin.file.to_string(),
            line: origin.line,
            edit,
        });
    }

    fn route(&mut self, route: &Arc<Object<Route>>) {
        for (at, rule) in route.spec.rules.iter().enumerate() {
            let of = format!("rule{} of Route {}", called(rule.name.as_ref()), id(route));
            let mut faulty = |fault: &str, change: &dyn Fn(&mut Vec<Rule>)| {
                let mut changed = route.as_ref().clone();
                change(&mut changed.spec.rules);
                let edit = if changed.spec.rules.is_empty() {
                    Edit::Remove(Kind::Route, id(route))
                } else {
                    Edit::Replace(Box::new(Document::Route(Arc::new(changed))))
                };
                self.add(rule.span, format!("{of}: {fault}"), edit);
            };
            faulty("dropped", &|rules| drop(rules.remove(at)));
            for Widened { what, matches } in requests::widened(&rule.matches) {
                faulty(&what, &|rules| rules[at].matches.clone_from(&matches));
            }
            if !rule.from.is_empty() {
                faulty("for every caller", &|rules| rules[at].from.clear());
            }
            let Action::Forward(forward) = &rule.action else {
                continue;
            };
            if let Some((a, b)) = unlike(forward) {
                faulty("weights swapped", &|rules| {
                    if let Action::Forward(forward) = &mut rules[at].action {
                        let weight = forward.to[a].weight;
                        forward.to[a].weight = forward.to[b].weight;
                        forward.to[b].weight = weight;
                    }
                });
            }
            if forward.timeout.is_some() {
                faulty("timeout forgotten", &|rules| {
                    if let Action::Forward(forward) = &mut rules[at].action {
                        forward.timeout = None;
                    }
                });
            }
            if forward.rewrite.is_some() {
                faulty("rewrite forgotten", &|rules| {
                    if let Action::Forward(forward) = &mut rules[at].action {
                        forward.rewrite = None;
                    }
                });
            }
        }
    }

    fn access(&mut self, access: &Arc<Object<Access>>) {
        for (at, rule) in access.spec.allow.iter().enumerate() {
            self.access_rule(access, List::Allow, (at, rule));
        }
        for (at, rule) in access.spec.deny.iter().enumerate() {
            self.access_rule(access, List::Deny, (at, rule));
        }
    }

    fn access_rule(
        &mut self,
        access: &Arc<Object<Access>>,
        list: List,
        (at, rule): (usize, &AccessRule),
    ) {
        // What a shadow document says changes no outcome.
        if access.spec.shadow.is_some_and(|it| it.value) {
            return;
        }
        let name = called(rule.name.as_ref());
        let of = format!("{} entry{name} of Access {}", list.word(), id(access));
        let mut faulty = |fault: &str, change: &dyn Fn(&mut Access)| {
            let mut changed = access.as_ref().clone();
            change(&mut changed.spec);
            let spec = &changed.spec;
            let lists = [&spec.allow, &spec.deny, &spec.audit];
            let says_nothing = lists.iter().all(|it| it.is_empty()) && spec.authorizer.is_none();
            let edit = if says_nothing {
                Edit::Remove(Kind::Access, id(access))
            } else {
                Edit::Replace(Box::new(Document::Access(Arc::new(changed))))
            };
            self.add(rule.span, format!("{of}: {fault}"), edit);
        };
        faulty("dropped", &|access| drop(list.of(access).remove(at)));
        for Widened { what, matches } in requests::widened(&rule.matches) {
            faulty(&what, &|access| {
                list.of(access)[at].matches.clone_from(&matches);
            });
        }
        if matches!(list, List::Deny) {
            faulty("audits instead", &|access| {
                let rule = access.deny.remove(at);
                access.audit.push(rule);
            });
        }
        if matches!(list, List::Allow) {
            let is_anyone = |it: &Caller| matches!(it.who, Who::Anyone(_)) && it.token.is_none();
            if !rule.from.iter().any(is_anyone) {
                faulty("anyone may call", &|access| {
                    access.allow[at].from = vec![anyone(rule.span)];
                });
            }
        }
        if rule.from.iter().any(|caller| !caller.not.is_empty()) {
            faulty("`not` of its callers forgotten", &|access| {
                let callers = list.of(access)[at].from.iter_mut();
                callers.for_each(|caller| caller.not.clear());
            });
        }
        if rule.from.iter().any(|caller| caller.token.is_some()) {
            faulty("no token asked for", &|access| {
                let callers = list.of(access)[at].from.iter_mut();
                callers.for_each(|caller| caller.token = None);
            });
        }
        if rule.from.iter().any(|caller| caller.cidr.is_some()) {
            faulty("from any address", &|access| {
                let callers = list.of(access)[at].from.iter_mut();
                callers.for_each(|caller| caller.cidr = None);
            });
        }
    }
}

/// The first two backends that differ in weight.
fn unlike(forward: &Forward) -> Option<(usize, usize)> {
    let weight = |at: usize| forward.to[at].weight.as_ref().map(|it| it.value);
    let mut others = 1..forward.to.len();
    others.find(|at| weight(*at) != weight(0)).map(|at| (0, at))
}

fn anyone(span: Span) -> Caller {
    Caller {
        who: Who::Anyone(span),
        cidr: None,
        token: None,
        not: vec![],
        reason: None,
        span,
    }
}

fn called(name: Option<&Spanned<Name>>) -> String {
    name.map_or(String::new(), |name| format!(" {}", name.value))
}

fn id<T>(object: &Object<T>) -> ObjectRef {
    ObjectRef {
        namespace: object.namespace.value.clone(),
        name: object.name.value.clone(),
    }
}
