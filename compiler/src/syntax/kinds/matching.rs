use mesh_ir::{PathPattern, ValueMatch};

use crate::syntax::ast::{Named, RequestMatch, Spanned};
use crate::syntax::codes::empty;
use crate::syntax::decode::scalar::{boolean, parsed};
use crate::syntax::decode::{Fields, Shape, list_of, map_of};
use crate::syntax::node::{Node, NodeKind};
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{any_text, claim_name, cookie_name, header_name, method, text};

pub(in crate::syntax) const MATCH: Shape = Shape {
    what: "an entry of `match`",
    fields: &[
        "methods", "paths", "grpc", "headers", "query", "cookies", "not",
    ],
};

pub(in crate::syntax) const REGEX: Shape = Shape {
    what: "a pattern",
    fields: &["regex"],
};

pub(in crate::syntax) const VALUE: Shape = Shape {
    what: "a pattern of a value",
    fields: &["prefix", "suffix", "regex", "in", "present"],
};

/// One entry of `match`, or of a `not` below one.
pub(super) fn request_match(node: &Node<'_>, report: &mut Report) -> Read<RequestMatch> {
    let mut fields = Fields::open(node, &MATCH, report)?;
    fields.excludes("grpc", &["methods", "paths"]);
    let methods = fields.list("methods", method);
    let paths = fields.list("paths", path);
    let grpc = fields.list("grpc", grpc_method);
    let headers = fields.optional("headers", headers);
    let query = fields.optional("query", |node, report| values(node, report, any_name));
    let cookies = fields.optional("cookies", |node, report| values(node, report, cookie_name));
    let not = fields.list("not", request_match);
    fields.end()?;
    Ok(RequestMatch {
        methods: methods?,
        paths: paths?,
        grpc: grpc?,
        headers: headers?.unwrap_or_default(),
        query: query?.unwrap_or_default(),
        cookies: cookies?.unwrap_or_default(),
        not: not?,
        span: node.span,
    })
}

/// `/reviews/*` or `{regex: '…'}`.
fn path(node: &Node<'_>, report: &mut Report) -> Read<Spanned<PathPattern>> {
    if let NodeKind::Map(_) = node.kind {
        let mut fields = Fields::open(node, &REGEX, report)?;
        let regex = fields.required("regex", text);
        fields.end()?;
        return regex.map(|regex| Spanned::new(PathPattern::Regex(regex.value), regex.span));
    }
    parsed(node, report, "a path", PathPattern::parse)
}

/// `package.Service/Method` or `package.Service/*`, as the path that it is.
fn grpc_method(node: &Node<'_>, report: &mut Report) -> Read<Spanned<PathPattern>> {
    parsed(node, report, "a gRPC method", |text| {
        const SHAPE: &str = "write it as `shop.v1.Reviews/List` or `shop.v1.Reviews/*`";
        let (service, method) = text.split_once('/').ok_or(SHAPE)?;
        let is_word = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        if !service.split('.').all(is_word) || !(method == "*" || is_word(method)) {
            return Err(SHAPE);
        }
        PathPattern::parse(&format!("/{text}")).map_err(|_| SHAPE)
    })
}

/// Headers by name, and what each must be.
pub(super) fn headers(node: &Node<'_>, report: &mut Report) -> Read<Vec<Named<ValueMatch>>> {
    values(node, report, header_name)
}

/// Claims by name or JSON pointer, and what each must be.
pub(super) fn claims(node: &Node<'_>, report: &mut Report) -> Read<Vec<Named<ValueMatch>>> {
    values(node, report, claim_name)
}

fn values(
    node: &Node<'_>,
    report: &mut Report,
    name: fn(Spanned<&str>, &mut Report) -> Read<Spanned<String>>,
) -> Read<Vec<Named<ValueMatch>>> {
    let mut found = map_of(node, report, |key, value, report| {
        let name = name(key, report);
        let value = value_match(value, report);
        Ok(Named {
            name: name?,
            value: value?,
        })
    })?;
    refuse_repeated(&mut found, report)?;
    Ok(found)
}

/// Header names that differ in case only are one name.
pub(super) fn refuse_repeated<T>(named: &mut [Named<T>], report: &mut Report) -> Read<()> {
    let mut order: Vec<&Named<T>> = named.iter().collect();
    order.sort_by(|a, b| (&a.name.value, a.name.span).cmp(&(&b.name.value, b.name.span)));
    let mut sound = Ok(());
    for pair in order.windows(2) {
        if let [first, second] = pair
            && first.name.value == second.name.value
        {
            let (at, name) = (second.name.span, &second.name.value);
            let error = crate::syntax::codes::duplicate_key::error(at, name, first.name.span);
            sound = Err(report.push(error));
        }
    }
    sound
}

/// A text, or one of the patterns of a value.
fn value_match(node: &Node<'_>, report: &mut Report) -> Read<Spanned<ValueMatch>> {
    let NodeKind::Map(_) = node.kind else {
        let exact = any_text(node, report)?;
        return Ok(Spanned::new(ValueMatch::Exact(exact.value), exact.span));
    };
    let mut fields = Fields::open(node, &VALUE, report)?;
    let value = fields.one_of(VALUE.fields).and_then(|field| match field {
        "prefix" => Ok(ValueMatch::Prefix(fields.required(field, text)?.value)),
        "suffix" => Ok(ValueMatch::Suffix(fields.required(field, text)?.value)),
        "regex" => Ok(ValueMatch::Regex(fields.required(field, text)?.value)),
        "in" => {
            let texts = |node: &Node<'_>, report: &mut Report| list_of(node, report, any_text);
            let texts = fields.required(field, texts)?;
            Ok(ValueMatch::In(
                texts.into_iter().map(|text| text.value).collect(),
            ))
        }
        _ if fields.required(field, boolean)?.value => Ok(ValueMatch::Present),
        _ => Ok(ValueMatch::Absent),
    });
    fields.end()?;
    Ok(Spanned::new(value?, node.span))
}

/// The name of a query parameter: any text, decoded.
fn any_name(key: Spanned<&str>, report: &mut Report) -> Read<Spanned<String>> {
    if key.value.is_empty() {
        return Err(report.push(empty::text(key.span)));
    }
    Ok(Spanned::new(key.value.to_owned(), key.span))
}
