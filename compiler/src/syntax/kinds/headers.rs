use super::matching::refuse_repeated;
use crate::syntax::ast::{HeaderEdits, Headers, Named};
use crate::syntax::decode::{Fields, Shape, map_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{edited_header, header_value, named_header};

pub(in crate::syntax) const HEADERS: Shape = Shape {
    what: "`headers`",
    fields: &["request", "response"],
};

pub(in crate::syntax) const EDITS: Shape = Shape {
    what: "edits of headers",
    fields: &["set", "add", "remove"],
};

/// `headers` of a rule or a backend.
pub(super) fn headers(node: &Node<'_>, report: &mut Report) -> Read<Headers> {
    let mut fields = Fields::open(node, &HEADERS, report)?;
    let request = fields.optional("request", edits);
    let response = fields.optional("response", edits);
    fields.end()?;
    Ok(Headers {
        request: request?.unwrap_or_default(),
        response: response?.unwrap_or_default(),
    })
}

fn edits(node: &Node<'_>, report: &mut Report) -> Read<HeaderEdits> {
    let mut fields = Fields::open(node, &EDITS, report)?;
    let set = fields.optional("set", edited_headers);
    let add = fields.optional("add", edited_headers);
    let remove = fields.list("remove", |node, report| {
        named_header(node, report, edited_header)
    });
    fields.end()?;
    Ok(HeaderEdits {
        set: set?.unwrap_or_default(),
        add: add?.unwrap_or_default(),
        remove: remove?,
    })
}

/// Names that may be edited, and values.
pub(super) fn edited_headers(node: &Node<'_>, report: &mut Report) -> Read<Vec<Named<String>>> {
    let mut found = map_of(node, report, |key, value, report| {
        let name = edited_header(key, report);
        let value = header_value(value, report);
        Ok(Named {
            name: name?,
            value: value?,
        })
    })?;
    refuse_repeated(&mut found, report)?;
    Ok(found)
}
