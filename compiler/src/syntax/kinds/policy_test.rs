use serde_json::{Map, Value};

use super::caller::who;
use super::expectation::expectation;
use super::matching::refuse_repeated;
use crate::syntax::ast::{Case, Named, PolicyTest, Spanned, TestRequest, Who};
use crate::syntax::codes::{ambiguous_scalar, invalid_value};
use crate::syntax::decode::{Fields, Shape, entries, list_of, map_of};
use crate::syntax::node::{Node, NodeKind, Scalar};
use crate::syntax::read::{Meaning, meaning, quoted};
use crate::syntax::report::{Read, Report, Reported};
use crate::syntax::values::{
    address, any_text, header_name, instant, method, reference, test_url, text,
};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a PolicyTest",
    fields: &["cases"],
};

pub(in crate::syntax) const CASE: Shape = Shape {
    what: "a case",
    fields: &["name", "from", "request", "expect"],
};

pub(in crate::syntax) const FROM: Shape = Shape {
    what: "`from` of a case",
    fields: &["service", "gateway", "namespace", "identity", "anyone"],
};

pub(in crate::syntax) const REQUEST: Shape = Shape {
    what: "`request`",
    fields: &[
        "method", "url", "headers", "issuer", "claims", "address", "time",
    ],
};

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<PolicyTest> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let cases = fields.required("cases", |node, report| list_of(node, report, case));
    fields.end()?;
    Ok(PolicyTest { cases: cases? })
}

fn case(node: &Node<'_>, report: &mut Report) -> Read<Case> {
    let mut fields = Fields::open(node, &CASE, report)?;
    let name = fields.required("name", text);
    let from = fields.required("from", from);
    let request = fields.required("request", request);
    let expect = fields.required("expect", expectation);
    fields.end()?;
    Ok(Case {
        name: name?,
        from: from?,
        request: request?,
        expect: expect?,
        span: node.span,
    })
}

/// One caller, or every account of a namespace.
fn from(node: &Node<'_>, report: &mut Report) -> Read<Who> {
    let mut fields = Fields::open(node, &FROM, report)?;
    let who = who(&mut fields, FROM.fields);
    let report = fields.end_with()?;
    let who = who?;
    if let Who::Identity(pattern) = &who
        && pattern.value.to_string().contains('*')
    {
        let (at, what) = (pattern.span, "one identity");
        let reason = "a test asks as somebody: write it without `*`";
        let text = pattern.value.to_string();
        return Err(report.push(invalid_value::error(at, &text, what, reason)));
    }
    Ok(who)
}

fn request(node: &Node<'_>, report: &mut Report) -> Read<TestRequest> {
    let mut fields = Fields::open(node, &REQUEST, report)?;
    let method = fields.optional("method", method);
    let url = fields.required("url", test_url);
    let headers = fields.optional("headers", headers);
    let issuer = fields.optional("issuer", reference);
    let claims = fields.optional("claims", claims);
    let address = fields.optional("address", address);
    let time = fields.optional("time", instant);
    if fields.has("issuer") && !fields.has("claims") {
        return Err(fields.missing("claims"));
    }
    fields.end()?;
    Ok(TestRequest {
        method: method?,
        url: url?,
        headers: headers?.unwrap_or_default(),
        issuer: issuer?,
        claims: claims?,
        address: address?,
        time: time?,
    })
}

fn headers(node: &Node<'_>, report: &mut Report) -> Read<Vec<Named<String>>> {
    let mut found = map_of(node, report, |key, value, report| {
        let name = header_name(key, report);
        let value = any_text(value, report);
        Ok(Named {
            name: name?,
            value: value?,
        })
    })?;
    refuse_repeated(&mut found, report)?;
    Ok(found)
}

/// The claims of a token as JSON; `{}` is a token that claims nothing.
fn claims(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Map<String, Value>>> {
    entries(node, report)?;
    match json(node, report)? {
        Value::Object(claims) => Ok(Spanned::new(claims, node.span)),
        _ => Err(Reported),
    }
}

/// Plain numbers and booleans are such, everything else is text.
fn json(node: &Node<'_>, report: &mut Report) -> Read<Value> {
    match &node.kind {
        NodeKind::Scalar(scalar) => json_scalar(node, scalar, report),
        NodeKind::List(items) => {
            let items: Vec<Read<Value>> = items.iter().map(|it| json(it, report)).collect();
            Ok(Value::Array(items.into_iter().collect::<Read<_>>()?))
        }
        NodeKind::Map(entries) => {
            let members: Vec<Read<(String, Value)>> = entries
                .iter()
                .map(|entry| Ok((entry.key.clone().into_owned(), json(&entry.value, report)?)))
                .collect();
            Ok(Value::Object(members.into_iter().collect::<Read<_>>()?))
        }
        NodeKind::Reported => Err(Reported),
    }
}

fn json_scalar(node: &Node<'_>, scalar: &Scalar<'_>, report: &mut Report) -> Read<Value> {
    let text = scalar.text.as_ref();
    let read = if scalar.plain {
        meaning(text)
    } else {
        Meaning::Text
    };
    match read {
        Meaning::Text => Ok(Value::String(text.to_owned())),
        Meaning::Boolean => Ok(Value::Bool(text == "true")),
        Meaning::Integer => text.parse::<i64>().map(Value::from).map_err(|_| {
            let reason = "at most 64 bits";
            report.push(invalid_value::error(node.span, text, "a number", reason))
        }),
        other => {
            let error = ambiguous_scalar::error(node.span, text, other, &quoted(text));
            Err(report.push(error))
        }
    }
}
