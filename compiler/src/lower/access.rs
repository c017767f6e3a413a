use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mesh_ir::{
    Access, AccessRule, Authorizer, AuthorizerProtocol, Name, ObjectRef, OnFailure, RuleId,
};

use super::context::Context;
use super::lists::{beside, those};
use super::matching::{callers, requests, target};
use super::rule_id::rule_id;
use crate::resolve::authorizer_port;
use crate::syntax::ast::{self, Object};

/// An `Access` beside its document. An entry that could not be lowered is missing
/// from the lists, which is why they keep where they came from.
#[derive(Debug)]
pub(crate) struct LoweredAccess {
    /// The document.
    pub(crate) object: Arc<Object<ast::Access>>,
    /// What it means.
    pub(crate) ir: Arc<Access>,
    /// Where in the document each of `ir.allow` stands.
    allow: Vec<usize>,
    /// Where in the document each of `ir.deny` stands.
    deny: Vec<usize>,
    /// Where in the document each of `ir.audit` stands.
    audit: Vec<usize>,
}

impl LoweredAccess {
    /// The `allow` entries, as written and as meant.
    pub(crate) fn allow(&self) -> impl Iterator<Item = (&ast::AccessRule, &AccessRule)> {
        beside(&self.object.spec.allow, &self.allow, &self.ir.allow)
    }

    /// The `deny` entries, as written and as meant.
    pub(crate) fn deny(&self) -> impl Iterator<Item = (&ast::AccessRule, &AccessRule)> {
        beside(&self.object.spec.deny, &self.deny, &self.ir.deny)
    }

    /// The `audit` entries, as written and as meant.
    pub(crate) fn audit(&self) -> impl Iterator<Item = (&ast::AccessRule, &AccessRule)> {
        beside(&self.object.spec.audit, &self.audit, &self.ir.audit)
    }
}

pub(super) fn lower(context: &Context<'_>) -> BTreeMap<ObjectRef, Arc<LoweredAccess>> {
    let objects = context.part.access.iter();
    objects
        .filter_map(|(id, object)| Some((id.clone(), Arc::new(access(context, id, object)?))))
        .collect()
}

fn access(
    context: &Context<'_>,
    id: &ObjectRef,
    object: &Arc<Object<ast::Access>>,
) -> Option<LoweredAccess> {
    let spec = &object.spec;
    let target = target(context, &id.namespace, &spec.target)?;
    let (allowed, allow) = entries(context, &id.namespace, &spec.allow);
    let (denied, deny) = entries(context, &id.namespace, &spec.deny);
    let (audited, audit) = entries(context, &id.namespace, &spec.audit);
    let authorizer = match &spec.authorizer {
        Some(written) => Some(authorizer(context, &id.namespace, written)?),
        None => None,
    };
    Some(LoweredAccess {
        object: Arc::clone(object),
        ir: Arc::new(Access {
            id: id.clone(),
            origin: context.sources.origin(object.span),
            target,
            allow,
            deny,
            audit,
            authorizer,
            shadow: spec.shadow.is_some_and(|it| it.value),
        }),
        allow: allowed,
        deny: denied,
        audit: audited,
    })
}

fn entries(
    context: &Context<'_>,
    here: &Name,
    written: &[ast::AccessRule],
) -> (Vec<usize>, Vec<AccessRule>) {
    those(written, |entry| rule(context, here, entry))
}

fn rule(context: &Context<'_>, here: &Name, entry: &ast::AccessRule) -> Option<AccessRule> {
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

/// How long an authorizer may take, where nothing is written.
const AUTHORIZER_TIMEOUT: Duration = Duration::from_millis(200);

fn authorizer(context: &Context<'_>, here: &Name, written: &ast::Authorizer) -> Option<Authorizer> {
    let ast::Authorizer {
        service,
        port,
        protocol,
        timeout,
        on_failure,
        exception: _,
        matches,
        span,
    } = written;
    let (service, object) = context.program.service(&service.value, here)?;
    let port = authorizer_port(&object.spec, port.as_ref(), protocol.map(|it| it.value))?;
    Some(Authorizer {
        id: RuleId("authorizer".into()),
        origin: context.sources.origin(*span),
        service,
        port: port.name.value.clone(),
        protocol: match protocol.map(|it| it.value) {
            None | Some(ast::AuthorizerProtocol::Grpc) => AuthorizerProtocol::Grpc,
            Some(ast::AuthorizerProtocol::Http) => AuthorizerProtocol::Http,
        },
        timeout: timeout.map_or(AUTHORIZER_TIMEOUT, |it| it.value),
        on_failure: failing(on_failure.map(|it| it.value)),
        matches: requests(matches),
    })
}

/// What holds without an answer.
pub(super) fn failing(written: Option<ast::OnFailure>) -> OnFailure {
    match written {
        None | Some(ast::OnFailure::Deny) => OnFailure::Deny,
        Some(ast::OnFailure::Allow) => OnFailure::Allow,
    }
}
