use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::resolve::ports_in_force;
use crate::syntax::ast::{Action, Forward, HeaderEdits, Headers, Rule};

/// On a port of bytes a rule chooses where a connection goes, and nothing more.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(513),
    title: "a rule about connections does something to requests",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0513.md"),
};

/// Fields other than `from` and `to` in rules about `tcp` and `tls` ports.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    for (id, route) in &program.routes {
        let Some((_, service)) = route
            .spec
            .target
            .service()
            .and_then(|it| program.service(&it.value, &id.namespace))
        else {
            continue;
        };
        let mut ports = ports_in_force(&service.spec, &route.spec.target.ports);
        let Some(port) = ports.find(|port| !port.protocol.value.is_http()) else {
            continue;
        };
        for rule in &route.spec.rules {
            let Some((what, at)) = of_requests(rule) else {
                continue;
            };
            let (name, protocol) = (&port.name.value, port.protocol.value);
            let message =
                format!("`{what}` is about requests, and port `{name}` speaks {protocol}");
            out.push(
                Diagnostic::new(&INFO, at, message)
                    .label(port.name.span, format!("declared as {protocol} here"))
                    .help("rules about connections take `from`, `to` and `fallback` only"),
            );
        }
    }
}

/// The first field that only requests have.
fn of_requests(rule: &Rule) -> Option<(&'static str, Span)> {
    let action = match &rule.action {
        Action::Redirect(redirect) => Some(("redirect", redirect.span)),
        Action::Respond(respond) => Some(("respond", respond.span)),
        Action::Forward(forward) => of_forward(forward),
    };
    action.or_else(|| rule.cors.as_ref().map(|it| ("cors", it.span)))
}

fn of_forward(forward: &Forward) -> Option<(&'static str, Span)> {
    let headers = std::iter::once(&forward.headers)
        .chain(forward.to.iter().map(|backend| &backend.headers))
        .find_map(of_headers);
    let split = forward.split_by.first().map(|it| ("splitBy", it.span));
    let rewrite = forward.rewrite.as_ref().map(|it| ("rewrite", it.span));
    let timeout = forward.timeout.map(|it| ("timeout", it.span));
    let per_try = forward.per_try_timeout.map(|it| ("perTryTimeout", it.span));
    let retries = forward.retries.as_ref().map(|it| ("retries", it.span));
    let mirror = forward.mirror.first().map(|it| ("mirror", it.span));
    let fault = forward.fault.as_ref().map(|it| ("fault", it.span));
    let longest = forward.max_duration.map(|it| ("maxDuration", it.span));
    rewrite
        .or(headers)
        .or(timeout)
        .or(per_try)
        .or(retries)
        .or(split)
        .or(mirror)
        .or(fault)
        .or(longest)
}

fn of_headers(headers: &Headers) -> Option<(&'static str, Span)> {
    [&headers.request, &headers.response]
        .into_iter()
        .find_map(|HeaderEdits { set, add, remove }| {
            let named = set.iter().chain(add).map(|it| it.name.span).next();
            named.or_else(|| remove.first().map(|it| it.span))
        })
        .map(|span| ("headers", span))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn nothing_is_copied_delayed_or_shared_with_origins() {
        for field in [
            "mirror: [{version: v2}]",
            "fault: {abort: {status: 503, percent: 1%}}",
            "cors: {origins: ['https://shop.example']}",
        ] {
            check(&format!(
                "
kind: Service
metadata: {{name: db, namespace: shop}}
spec: {{ports: {{tcp: 5432}}, versions: {{v1: {{}}, v2: {{}}}}}}
---
kind: Route
metadata: {{name: db, namespace: shop}}
spec:
  service: db
  rules:
    - name: all
      to: [{{version: v1, weight: 1}}, {{version: v2, weight: 1}}]
      {field} # expect: M0513
"
            ));
        }
    }

    #[test]
    fn connections_are_sent_somewhere_and_that_is_all() {
        check(
            "
kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: {tcp: 5432}, versions: {v1: {}, v2: {}}}
---
kind: Route
metadata: {name: db, namespace: shop}
spec:
  service: db
  rules:
    - {name: page, from: [{namespace: shop}], to: [{version: v1}]}
    - name: rest
      to: [{version: v2}]
      timeout: 1s # expect: M0513
",
        );
    }
}
