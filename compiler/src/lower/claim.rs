use mesh_ir::{CallerMatch, Name, Origin, RequestMatch, RuleId, Scope, Target};

use super::context::Context;
use super::lists::{every, sorted};
use super::matching::{callers, requests};
use super::rule_id::rule_id;
use crate::diagnostic::Span;
use crate::syntax::ast::{self, DestinationOf};

/// An `Invariant`: what must hold of any commit. No proxy gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invariant {
    /// Its name.
    pub name: Name,
    /// Where the document begins.
    pub origin: Origin,
    /// None of these requests is let through.
    pub never: Vec<Claim>,
    /// All of these are.
    pub always: Vec<Claim>,
}

/// One entry of `never` or `always`: callers, destinations and requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Name or hash.
    pub id: RuleId,
    /// The line where the entry begins.
    pub origin: Origin,
    /// The entry.
    pub span: Span,
    /// Any of these; never empty.
    pub from: Vec<CallerMatch>,
    /// Any of these; never empty. A scope is one object, or all of a namespace.
    pub to: Vec<Target>,
    /// Any of these; empty: every request.
    pub matches: Vec<RequestMatch>,
}

/// Every invariant; an entry of which a name means nothing is left out, and has its
/// finding.
pub(super) fn invariants(context: &Context<'_>) -> Vec<Invariant> {
    let all = context.program.invariants.values();
    all.map(|object| {
        let claims =
            |written: &[ast::Claim]| written.iter().filter_map(|it| claim(context, it)).collect();
        Invariant {
            name: object.name.value.clone(),
            origin: context.sources.origin(object.span),
            never: claims(&object.spec.never),
            always: claims(&object.spec.always),
        }
    })
    .collect()
}

fn claim(context: &Context<'_>, written: &ast::Claim) -> Option<Claim> {
    // Every name says its namespace, so none is ever meant to be in this one.
    let here = Name::parse("meshwright").expect("letters are a name");
    let from = callers(context, &here, &written.from)?;
    let to = every(&written.to, |it| destination(context, &here, it))?;
    let matches = requests(&written.matches);
    Some(Claim {
        id: rule_id(written.name.as_ref(), &(&from, &to, &matches)),
        origin: context.sources.origin(written.span),
        span: written.span,
        from,
        to,
        matches,
    })
}

fn destination(context: &Context<'_>, here: &Name, written: &ast::Destination) -> Option<Target> {
    let program = context.program;
    let scope = match &written.what {
        DestinationOf::Service(it) => Scope::Service(program.service(&it.value, here)?.0),
        DestinationOf::Gateway(it) => Scope::Gateway(program.gateway(&it.value, here)?.0.clone()),
        DestinationOf::External(it) => {
            Scope::External(program.external(&it.value, here)?.0.clone())
        }
        DestinationOf::Namespace(it) => Scope::Namespace(it.value.clone()),
    };
    Some(Target {
        scope,
        ports: sorted(&written.ports),
        hosts: vec![],
    })
}

#[cfg(test)]
mod tests {
    use mesh_ir::Scope;

    use crate::testing::{NOW, prepared_set};
    use crate::{Compiler, Options};

    #[test]
    fn what_must_hold_is_handed_on_resolved() {
        let text = "kind: Mesh
metadata: {name: test}
spec: {trustDomain: test.example}
---
kind: Service
metadata: {name: pay, namespace: pay}
spec: {ports: {http: 80}}
---
kind: Invariant
metadata: {name: closed}
spec:
  never:
    - {from: [{namespace: dev}], to: [{service: pay.pay}, {namespace: pay}]}
";
        let set = prepared_set(&[("a.yaml", text)]);
        let compilation = Compiler::new(Options::at(NOW)).compile(&set);
        let claim = &compilation.invariants[0].never[0];
        assert_eq!((claim.origin.line, claim.to.len()), (16, 2));
        assert!(matches!(claim.to[1].scope, Scope::Namespace(_)));
    }
}
