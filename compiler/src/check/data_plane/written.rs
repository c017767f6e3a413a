use mesh_ir::{Feature, Name};

use crate::check::Subject;
use crate::diagnostic::Span;
use crate::syntax::ast::{self, Object};

/// The field by which a service asks for something that its lowered form no longer has a
/// line for: its own, else the default of its namespace or of the mesh, else the document.
pub(super) fn in_service(
    feature: Feature,
    object: &Object<ast::Service>,
    subject: &Subject<'_>,
) -> Span {
    let spec = &object.spec;
    let field = match feature {
        Feature::WorkloadSelector | Feature::WorkloadDns => match &spec.workloads {
            Some(ast::Workloads::Selector { span, .. }) => Some(*span),
            Some(ast::Workloads::Dns(host)) => Some(host.span),
            _ => None,
        },
        Feature::Probes => spec.probes.first().map(|it| it.span),
        Feature::HealthCheck => spec.health.as_ref().map(|it| it.span),
        _ => spec
            .load_balancing
            .as_ref()
            .and_then(|it| in_balancing(feature, it))
            .or_else(|| in_defaults(feature, &object.namespace.value, subject)),
    };
    field.unwrap_or(object.kind_span)
}

/// The nearest block of defaults that asks for it.
fn in_defaults(feature: Feature, namespace: &Name, subject: &Subject<'_>) -> Option<Span> {
    let mesh = &subject.program.mesh.as_ref()?.spec;
    let block = mesh
        .namespaces
        .iter()
        .find(|it| it.name.value == *namespace);
    let blocks = block.map(|it| &it.defaults).into_iter();
    let mut blocks = blocks.chain([&mesh.defaults]);
    blocks.find_map(|it| in_balancing(feature, it.load_balancing.as_ref()?))
}

fn in_balancing(feature: Feature, written: &ast::LoadBalancing) -> Option<Span> {
    match feature {
        Feature::Ewma | Feature::HashBalancing | Feature::OriginalDestination => {
            written.policy.map(|it| it.span)
        }
        Feature::Token => written.by.first().map(|it| it.span),
        Feature::SlowStart => written.slow_start.map(|it| it.span),
        Feature::Locality => written.locality.as_ref().map(|it| match it {
            ast::Locality::Failover(order) => order.first().map_or(written.span, |it| it.span),
            ast::Locality::Weights { span, .. } => *span,
        }),
        Feature::Panic => written.panic.map(|it| it.span),
        _ => None,
    }
}
