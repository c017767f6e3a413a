use crate::syntax::ast::{AllOf, Target, TargetScope};
use crate::syntax::decode::Fields;
use crate::syntax::decode::scalar::word;
use crate::syntax::report::Read;
use crate::syntax::values::{host_pattern, name, reference};

pub(in crate::syntax) const ALL: [(&str, AllOf); 2] =
    [("namespace", AllOf::Namespace), ("mesh", AllOf::Mesh)];

/// What most kinds may be about.
pub(super) const ANY: &[&str] = &["service", "gateway", "external", "all"];

/// What a `Route` may be about.
pub(super) const ONE: &[&str] = &["service", "gateway", "external"];

/// The one of `scopes`, with `ports` and `hosts`, among the fields of a `spec`.
pub(super) fn target(
    fields: &mut Fields<'_, '_, '_>,
    scopes: &'static [&'static str],
) -> Read<Target> {
    let scope = fields.one_of(scopes).and_then(|field| match field {
        "service" => fields.required(field, reference).map(TargetScope::Service),
        "gateway" => fields.required(field, reference).map(TargetScope::Gateway),
        "external" => fields.required(field, reference).map(TargetScope::External),
        _ => fields
            .required(field, |node, report| word(node, report, &ALL))
            .map(TargetScope::All),
    });
    let ports = fields.list("ports", name);
    let hosts = fields.list("hosts", host_pattern);
    Ok(Target {
        scope: scope?,
        ports: ports?,
        hosts: hosts?,
    })
}
