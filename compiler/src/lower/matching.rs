use mesh_ir::{
    CallerMatch, Name, NamedValue, RequestMatch, Scope, Target, TokenMatch, ValueMatch, Who,
};

use super::context::Context;
use super::lists::{every, sorted};
use crate::resolve::{accounts, gateway_accounts};
use crate::syntax::ast::{self, AllOf, Named, TargetScope};

/// `from`; `None` where one of its names means nothing.
pub(super) fn callers(
    context: &Context<'_>,
    here: &Name,
    from: &[ast::Caller],
) -> Option<Vec<CallerMatch>> {
    every(from, |entry| caller(context, here, entry))
}

fn caller(context: &Context<'_>, here: &Name, entry: &ast::Caller) -> Option<CallerMatch> {
    let who = match &entry.who {
        ast::Who::Service(reference) => {
            let (service, object) = context.program.service(&reference.value, here)?;
            let identities = context.identities(&service.namespace, accounts(object));
            Who::Service {
                service,
                identities,
            }
        }
        ast::Who::Gateway(reference) => {
            let (gateway, object) = context.program.gateway(&reference.value, here)?;
            let accounts = gateway_accounts(object);
            Who::Gateway {
                gateway: gateway.clone(),
                identities: context.identities(&gateway.namespace, accounts),
            }
        }
        ast::Who::Namespace(namespace) => Who::Namespace(namespace.value.clone()),
        ast::Who::Identity(pattern) => Who::Identity(pattern.value.clone()),
        ast::Who::Authenticated(_) => Who::Authenticated,
        ast::Who::Anyone(_) => Who::Anyone,
    };
    Some(CallerMatch {
        who,
        cidr: entry.cidr.iter().map(|it| it.value).collect(),
        token: match &entry.token {
            Some(written) => Some(token(context, here, written)?),
            None => None,
        },
        not: callers(context, here, &entry.not)?,
    })
}

fn token(context: &Context<'_>, here: &Name, written: &ast::TokenMatch) -> Option<TokenMatch> {
    let (issuer, _) = context.program.issuer(&written.issuer.value, here)?;
    Some(TokenMatch {
        issuer: issuer.clone(),
        claims: named(&written.claims),
    })
}

/// `match`.
pub(super) fn requests(matches: &[ast::RequestMatch]) -> Vec<RequestMatch> {
    matches.iter().map(request).collect()
}

fn request(entry: &ast::RequestMatch) -> RequestMatch {
    let methods = if entry.grpc.is_empty() {
        entry.methods.iter().map(|it| it.value.clone()).collect()
    } else {
        vec!["POST".to_owned()]
    };
    let written = entry.paths.iter().chain(&entry.grpc);
    // Where several match, the first says what `$1` is: the one with the earlier
    // literal segment, in whatever order they are written.
    let mut paths: Vec<_> = written.map(|it| it.value.clone()).collect();
    paths.sort();
    RequestMatch {
        methods,
        paths,
        headers: named(&entry.headers),
        query: named(&entry.query),
        cookies: named(&entry.cookies),
        not: requests(&entry.not),
    }
}

fn named(values: &[Named<ValueMatch>]) -> Vec<NamedValue> {
    let mut values: Vec<NamedValue> = values
        .iter()
        .map(|it| NamedValue {
            name: it.name.value.clone(),
            value: it.value.value.clone(),
        })
        .collect();
    values.sort();
    values
}

/// What a document speaks of; `None` where that is not there.
pub(super) fn target(context: &Context<'_>, here: &Name, target: &ast::Target) -> Option<Target> {
    let program = context.program;
    let scope = match &target.scope {
        TargetScope::Service(reference) => {
            Scope::Service(program.service(&reference.value, here)?.0)
        }
        TargetScope::Gateway(reference) => {
            Scope::Gateway(program.gateway(&reference.value, here)?.0.clone())
        }
        TargetScope::External(reference) => {
            Scope::External(program.external(&reference.value, here)?.0.clone())
        }
        TargetScope::All(all) => match all.value {
            AllOf::Namespace => Scope::Namespace(here.clone()),
            AllOf::Mesh => Scope::Mesh,
        },
    };
    Some(Target {
        scope,
        ports: sorted(&target.ports),
        hosts: sorted(&target.hosts),
    })
}

#[cfg(test)]
mod tests {
    use mesh_ir::PathPattern;

    use crate::testing::mesh_of;

    #[test]
    fn what_a_capture_is_does_not_depend_on_the_order_of_paths() {
        let paths = |written: &str| -> Vec<PathPattern> {
            let mesh = mesh_of(&format!(
                "kind: Service
metadata: {{name: a, namespace: shop}}
spec: {{ports: {{http: 80}}}}
---
kind: Route
metadata: {{name: a, namespace: shop}}
spec: {{service: a, rules: [{{match: [{{paths: [{written}]}}], rewrite: {{path: /$1}}}}]}}
"
            ));
            let route = mesh.routes.into_values().next().expect("a route");
            route.rules[0].matches[0].paths.clone()
        };
        assert_eq!(paths("/*/b, /a/*"), paths("/a/*, /*/b"));
    }
}
