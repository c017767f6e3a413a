use super::every::{Of, every};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;

/// A name that no `ExternalService` has: whatever was meant, it is not what would happen.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(214),
    title: "no such external service",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0214.md"),
};

/// Places that name an external service that is not there.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for it in every(program).iter().filter(|it| it.of == Of::External) {
        let id = it.reference.value.resolve(it.here);
        let mut known = program.externals.keys();
        if known.any(|known| (&known.namespace, &known.name) == (&id.namespace, &id.name))
            || program.may_be_broken(&id)
        {
            continue;
        }
        let found = Diagnostic::new(
            &INFO,
            it.reference.span,
            format!("there is no external service `{id}`"),
        );
        let mut all = program.externals.keys();
        let elsewhere = all.find(|known| known.name == id.name);
        let names = program
            .externals
            .keys()
            .filter(|it| it.namespace == id.namespace);
        let near = crate::syntax::closest(id.name.as_str(), names.map(|it| it.name.as_str()));
        out.push(match (elsewhere, near) {
            (Some(other), _) => found.help(format!(
                "did you mean `{}.{}`?",
                other.name, other.namespace
            )),
            (None, Some(near)) => found.help(format!("did you mean `{near}`?")),
            (None, None) => found.help(
                "write a `ExternalService` for it, or `name.namespace` for another namespace",
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn unknown_external_service() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: {http: 80}
  calls:
    - {external: payments-api} # expect: M0214
",
        );
    }
}
