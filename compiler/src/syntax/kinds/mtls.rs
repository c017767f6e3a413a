use super::common::exception;
use crate::syntax::ast::{Mtls, MtlsMode};
use crate::syntax::codes::without_effect;
use crate::syntax::decode::scalar::word;
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};

pub(in crate::syntax) const MTLS: Shape = Shape {
    what: "`mtls`",
    fields: &["mode", "exception"],
};

/// `mtls` of the mesh, of a namespace or of a port.
pub(super) fn mtls(node: &Node<'_>, report: &mut Report) -> Read<Mtls> {
    let mut fields = Fields::open(node, &MTLS, report)?;
    let mode = fields.required("mode", |node, report| word(node, report, &MODES));
    let exception = fields.optional("exception", exception);
    let report = fields.end_with()?;
    let (mode, exception) = (mode?, exception?);
    if let (MtlsMode::Strict, Some(exception)) = (mode.value, &exception) {
        let why = "`strict` opens nothing";
        return Err(report.push(without_effect::error(exception.span, "exception", why)));
    }
    Ok(Mtls {
        mode,
        exception,
        span: node.span,
    })
}

pub(in crate::syntax) const MODES: [(&str, MtlsMode); 2] = [
    ("strict", MtlsMode::Strict),
    ("permissive", MtlsMode::Permissive),
];
