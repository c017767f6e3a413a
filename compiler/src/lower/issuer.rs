use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mesh_ir::{ObjectRef, TokenAlgorithm, TokenIssuer, TokenKeys, TokenLocation};

use super::context::Context;
use super::lists::sorted;
use crate::syntax::ast::{self, Object};

/// How often keys are fetched, where nothing is written.
const REFRESH: Duration = Duration::from_mins(10);

/// How far the clocks may differ, where nothing is written.
const LEEWAY: Duration = Duration::from_mins(1);

pub(super) fn lower(context: &Context<'_>) -> BTreeMap<ObjectRef, Arc<TokenIssuer>> {
    let objects = context.part.issuers.iter();
    objects
        .map(|(id, object)| (id.clone(), Arc::new(issuer(context, id, object))))
        .collect()
}

fn issuer(context: &Context<'_>, id: &ObjectRef, object: &Object<ast::TokenIssuer>) -> TokenIssuer {
    let ast::TokenIssuer {
        issuer,
        audiences,
        keys: written,
        locations,
        algorithms,
        forward,
        claims_to_headers,
        leeway,
    } = &object.spec;
    let mut claims: Vec<(String, String)> = claims_to_headers
        .iter()
        .map(|it| (it.name.value.clone(), it.value.value.clone()))
        .collect();
    claims.sort();
    TokenIssuer {
        id: id.clone(),
        origin: context.sources.origin(object.span),
        issuer: issuer.value.clone(),
        audiences: audiences.iter().map(|it| it.value.clone()).collect(),
        keys: keys(written),
        locations: if locations.is_empty() {
            vec![TokenLocation::Header {
                name: "authorization".to_owned(),
                prefix: "Bearer ".to_owned(),
            }]
        } else {
            locations.iter().map(location).collect()
        },
        algorithms: self::algorithms(algorithms),
        forward: forward.is_some_and(|it| it.value),
        claims_to_headers: claims,
        leeway: leeway.map_or(LEEWAY, |it| it.value),
    }
}

fn keys(written: &ast::Keys) -> TokenKeys {
    match written {
        ast::Keys::Url { url, refresh, .. } => TokenKeys::Url {
            url: url.value.clone(),
            refresh: refresh.map_or(REFRESH, |it| it.value),
        },
        ast::Keys::Inline(set) => TokenKeys::Set(set.value.clone()),
        // It has its finding, and a set without keys trusts nobody.
        ast::Keys::File(_) => TokenKeys::Set(String::new()),
    }
}

fn location(written: &ast::TokenLocation) -> TokenLocation {
    match written {
        ast::TokenLocation::Header { name, prefix } => TokenLocation::Header {
            name: name.value.clone(),
            prefix: prefix
                .as_ref()
                .map_or_else(String::new, |it| it.value.clone()),
        },
        ast::TokenLocation::Cookie(name) => TokenLocation::Cookie(name.value.clone()),
        ast::TokenLocation::Query(name) => TokenLocation::Query(name.value.clone()),
    }
}

fn algorithms(written: &[ast::Spanned<ast::Algorithm>]) -> Vec<TokenAlgorithm> {
    if written.is_empty() {
        return vec![TokenAlgorithm::Rs256, TokenAlgorithm::Es256];
    }
    let mut all = sorted(written);
    all.dedup();
    all.into_iter().map(algorithm).collect()
}

fn algorithm(written: ast::Algorithm) -> TokenAlgorithm {
    match written {
        ast::Algorithm::Rs256 => TokenAlgorithm::Rs256,
        ast::Algorithm::Rs384 => TokenAlgorithm::Rs384,
        ast::Algorithm::Rs512 => TokenAlgorithm::Rs512,
        ast::Algorithm::Ps256 => TokenAlgorithm::Ps256,
        ast::Algorithm::Ps384 => TokenAlgorithm::Ps384,
        ast::Algorithm::Ps512 => TokenAlgorithm::Ps512,
        ast::Algorithm::Es256 => TokenAlgorithm::Es256,
        ast::Algorithm::Es384 => TokenAlgorithm::Es384,
        ast::Algorithm::EdDsa => TokenAlgorithm::EdDsa,
    }
}
