use mesh_ir::Name;

use super::cases;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::resolve::Program;
use crate::syntax::ast::{Case, Expectation, Reference, Spanned, Who};

/// Nobody asks, or nobody answers.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1301),
    title: "a case names something that is not there",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M1301.md"),
};

pub(super) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for (test, case) in cases(program) {
        let here = &test.namespace.value;
        out.extend(asks(program, here, case));
        let Expectation::Forward(forward) = &case.expect else {
            continue;
        };
        let services = forward.services.iter().map(|(service, _)| service);
        for service in forward.service.iter().chain(services) {
            let id = service.value.resolve(here);
            if !program.services.contains_key(&id) && !program.externals.contains_key(&id) {
                out.push(missing(service.span, "service", &service.value.to_string()));
            }
        }
    }
}

fn asks(program: &Program, here: &Name, case: &Case) -> Option<Diagnostic> {
    let named = |it: &Spanned<Reference>, what: &str, is_there: bool| {
        (!is_there).then(|| missing(it.span, what, &it.value.to_string()))
    };
    match &case.from {
        Who::Service(service) => {
            let id = service.value.resolve(here);
            named(service, "service", program.services.contains_key(&id))
        }
        Who::Gateway(gateway) => {
            let id = gateway.value.object(here);
            named(gateway, "gateway", program.gateways.contains_key(&id))
        }
        Who::Namespace(namespace) => {
            let runs = program.namespaces.contains(&namespace.value);
            (!runs).then(|| {
                let message = format!("no service runs in the namespace `{}`", namespace.value);
                let found = Diagnostic::new(&INFO, namespace.span, message);
                found.help("name a namespace with a service, or `identity: spiffe://…`")
            })
        }
        Who::Identity(_) | Who::Authenticated(_) | Who::Anyone(_) => None,
    }
}

fn missing(at: Span, what: &str, name: &str) -> Diagnostic {
    let found = Diagnostic::new(&INFO, at, format!("there is no {what} `{name}`"));
    found.help("correct the name, or remove the case")
}

#[cfg(test)]
mod tests {
    use super::super::check_cases;

    #[test]
    fn unknown_name() {
        check_cases(
            "
    - name: a stranger
      from: {service: pagee} # expect: M1301
      request: {url: http://reviews.shop/}
      expect: {forward: {}}
    - name: from nowhere
      from: {namespace: nowhere} # expect: M1301
      request: {url: http://reviews.shop/}
      expect: {refuse: {}}
    - name: through no door
      from: {gateway: edge} # expect: M1301
      request: {url: http://reviews.shop/}
      expect: {refuse: {}}
    - name: to nobody
      from: {service: page}
      request: {url: http://reviews.shop/}
      expect: {forward: {service: review}} # expect: M1301
",
        );
    }
}
