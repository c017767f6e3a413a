use mesh_ir::Name;

use crate::diagnostic::Span;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;
use crate::resolve::{authorizer_port, collector, grpc_port, health_port};
use crate::syntax::ast::{AuthorizerProtocol, Object, Port, Service, Spanned};

/// Whom the proxy asks about a request must understand the question.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(218),
    title: "no port of the service speaks what is asked",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0218.md"),
};

/// Authorizers, counters of limits, the collector and health checks on ports that do not
/// speak their protocol, or of which several do.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for (id, access) in &program.access {
        if let Some(written) = &access.spec.authorizer
            && let Some((_, object)) = program.service(&written.service.value, &id.namespace)
        {
            let protocol = written.protocol.map(|it| it.value);
            let words = match protocol {
                None | Some(AuthorizerProtocol::Grpc) => "grpc",
                Some(AuthorizerProtocol::Http) => "http",
            };
            let port = authorizer_port(&object.spec, written.port.as_ref(), protocol);
            let fits = |port: &Port| match words {
                "grpc" => port.protocol.value == mesh_ir::Protocol::Grpc,
                _ => port.protocol.value.is_http(),
            };
            let at = place(written.port.as_ref(), written.service.span);
            judge(object, port.filter(|it| fits(it)), words, at, out);
        }
    }
    for (id, limit) in &program.limits {
        if let Some(written) = &limit.spec.provider
            && let Some((_, object)) = program.service(&written.service.value, &id.namespace)
        {
            let at = place(written.port.as_ref(), written.service.span);
            grpc(object, written.port.as_ref(), at, out);
        }
    }
    let otlp = program.mesh.as_ref().and_then(|it| it.spec.otlp.as_ref());
    if let Some(written) = otlp
        && let Some((_, object)) = collector(program, &written.service.value)
    {
        let at = place(written.port.as_ref(), written.service.span);
        grpc(object, written.port.as_ref(), at, out);
    }
    for service in program.services.values() {
        if let Some(health) = &service.spec.health {
            let at = place(health.port.as_ref(), health.span);
            judge(
                service,
                health_port(&service.spec, health),
                "fitting",
                at,
                out,
            );
        }
    }
}

fn grpc(
    object: &Object<Service>,
    named: Option<&Spanned<Name>>,
    at: Span,
    out: &mut Vec<Diagnostic>,
) {
    let port = grpc_port(&object.spec, named);
    let port = port.filter(|it| it.protocol.value == mesh_ir::Protocol::Grpc);
    judge(object, port, "grpc", at, out);
}

fn place(named: Option<&Spanned<Name>>, otherwise: Span) -> Span {
    named.map_or(otherwise, |it| it.span)
}

fn judge(
    object: &Object<Service>,
    port: Option<&Port>,
    words: &str,
    at: Span,
    out: &mut Vec<Diagnostic>,
) {
    if port.is_some() {
        return;
    }
    let message = format!("`{}` has not one {words} port to ask", object.name.value);
    let ports = object.spec.ports.iter().map(|it| it.name.value.as_str());
    let ports: Vec<&str> = ports.collect();
    out.push(Diagnostic::new(&INFO, at, message).help(match ports[..] {
        [] => "declare one in its `ports`".to_owned(),
        _ => format!("say `port:`; it has {}", ports.join(", ")),
    }));
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn no_fitting_port() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: authz, namespace: shop}
spec: {ports: {tcp: 9000}}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow: [{from: [{authenticated: true}]}]
  authorizer:
    service: authz # expect: M0218
",
        );
    }
}
