use crate::syntax::ast::{Algorithm, Keys, Named, Spanned, TokenIssuer, TokenLocation};
use crate::syntax::codes::listed_twice;
use crate::syntax::decode::scalar::{boolean, word};
use crate::syntax::decode::{Fields, Shape, list_of, map_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{
    any_text, claim_name, cookie_value, duration, edited_header, file_below, header_name,
    https_url, named_header, text,
};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a TokenIssuer",
    fields: &[
        "issuer",
        "audiences",
        "keys",
        "locations",
        "algorithms",
        "forward",
        "claimsToHeaders",
        "leeway",
    ],
};

pub(in crate::syntax) const KEYS: Shape = Shape {
    what: "`keys`",
    fields: &["url", "refresh", "inline", "file"],
};

pub(in crate::syntax) const LOCATION: Shape = Shape {
    what: "an entry of `locations`",
    fields: &["header", "prefix", "cookie", "query"],
};

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<TokenIssuer> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let issuer = fields.required("issuer", text);
    let audiences = fields.required("audiences", |node, report| list_of(node, report, text));
    let keys = fields.required("keys", keys);
    let locations = fields.list("locations", location);
    let algorithms = fields.list("algorithms", |node, report| word(node, report, &ALGORITHMS));
    let forward = fields.optional("forward", boolean);
    let claims_to_headers = fields.optional("claimsToHeaders", claims_to_headers);
    let leeway = fields.optional("leeway", duration);
    fields.end()?;
    Ok(TokenIssuer {
        issuer: issuer?,
        audiences: audiences?,
        keys: keys?,
        locations: locations?,
        algorithms: algorithms?,
        forward: forward?,
        claims_to_headers: claims_to_headers?.unwrap_or_default(),
        leeway: leeway?,
    })
}

fn keys(node: &Node<'_>, report: &mut Report) -> Read<Keys> {
    let mut fields = Fields::open(node, &KEYS, report)?;
    fields.excludes("refresh", &["inline", "file"]);
    let keys = fields
        .one_of(&["url", "inline", "file"])
        .and_then(|field| match field {
            "url" => {
                let url = fields.required(field, https_url);
                let refresh = fields.optional("refresh", duration);
                let Spanned {
                    value: (url, host),
                    span,
                } = url?;
                Ok(Keys::Url {
                    url: Spanned::new(url, span),
                    host,
                    refresh: refresh?,
                })
            }
            "inline" => fields.required(field, text).map(Keys::Inline),
            _ => fields.required(field, file_below).map(Keys::File),
        });
    fields.end()?;
    keys
}

fn location(node: &Node<'_>, report: &mut Report) -> Read<TokenLocation> {
    let mut fields = Fields::open(node, &LOCATION, report)?;
    fields.excludes("prefix", &["cookie", "query"]);
    let location = fields
        .one_of(&["header", "cookie", "query"])
        .and_then(|field| match field {
            "header" => {
                let name = fields.required(field, |node, report| {
                    named_header(node, report, header_name)
                });
                let prefix = fields.optional("prefix", any_text);
                Ok(TokenLocation::Header {
                    name: name?,
                    prefix: prefix?,
                })
            }
            "cookie" => fields
                .required(field, cookie_value)
                .map(TokenLocation::Cookie),
            _ => fields.required(field, text).map(TokenLocation::Query),
        });
    fields.end()?;
    location
}

/// Two claims in one header would leave open which of them it holds.
fn claims_to_headers(node: &Node<'_>, report: &mut Report) -> Read<Vec<Named<String>>> {
    let found = map_of(node, report, |key, value, report| {
        let name = claim_name(key, report);
        let value = named_header(value, report, edited_header);
        Ok(Named {
            name: name?,
            value: value?,
        })
    })?;
    for (at, later) in found.iter().enumerate() {
        let header = &later.value;
        let same = |it: &&Named<String>| it.value.value == header.value;
        if let Some(first) = found[..at].iter().find(same) {
            let first = first.value.span;
            let error = listed_twice::error(header.span, &header.value, first);
            return Err(report.push(error));
        }
    }
    Ok(found)
}

pub(in crate::syntax) const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::Rs256),
    ("RS384", Algorithm::Rs384),
    ("RS512", Algorithm::Rs512),
    ("PS256", Algorithm::Ps256),
    ("PS384", Algorithm::Ps384),
    ("PS512", Algorithm::Ps512),
    ("ES256", Algorithm::Es256),
    ("ES384", Algorithm::Es384),
    ("EdDSA", Algorithm::EdDsa),
];
