use mesh_ir::{Access, AccessRule, Name};

use super::context::Context;
use super::lists::those;
use super::matching::{callers, requests, target};
use super::rule_id::rule_id;
use crate::syntax::ast::{self, Object};

/// An `Access` beside its document. An entry that could not be lowered is missing
/// from the lists, which is why they keep where they came from.
#[derive(Debug)]
pub(crate) struct LoweredAccess<'a> {
    /// The document.
    pub(crate) object: &'a Object<ast::Access>,
    /// What it means.
    pub(crate) ir: Access,
    /// The document's entry of each of `ir.allow`.
    pub(crate) allow: Vec<&'a ast::AccessRule>,
    /// The document's entry of each of `ir.deny`.
    pub(crate) deny: Vec<&'a ast::AccessRule>,
}

pub(super) fn lower<'a>(context: &Context<'_, 'a>) -> Vec<LoweredAccess<'a>> {
    context
        .program
        .access
        .iter()
        .filter_map(|(id, object)| {
            let spec = &object.spec;
            let target = target(context, &id.namespace, &spec.target)?;
            let (allow_ast, allow) = entries(context, &id.namespace, &spec.allow);
            let (deny_ast, deny) = entries(context, &id.namespace, &spec.deny);
            let (_, audit) = entries(context, &id.namespace, &spec.audit);
            Some(LoweredAccess {
                object,
                ir: Access {
                    id: id.clone(),
                    origin: context.sources.origin(object.span),
                    target,
                    allow,
                    deny,
                    audit,
                    shadow: spec.shadow.is_some_and(|it| it.value),
                },
                allow: allow_ast,
                deny: deny_ast,
            })
        })
        .collect()
}

fn entries<'a>(
    context: &Context<'_, '_>,
    here: &Name,
    written: &'a [ast::AccessRule],
) -> (Vec<&'a ast::AccessRule>, Vec<AccessRule>) {
    those(written, |entry| rule(context, here, entry))
}

fn rule(context: &Context<'_, '_>, here: &Name, entry: &ast::AccessRule) -> Option<AccessRule> {
    let from = callers(context, here, &entry.from)?;
    let matches = requests(&entry.matches);
    let expires = entry.exception.as_ref().map(|it| it.expires.value);
    Some(AccessRule {
        id: rule_id(entry.name.as_ref(), &(&from, &matches, &expires)),
        origin: context.sources.origin(entry.span),
        from,
        matches,
        expires,
    })
}
