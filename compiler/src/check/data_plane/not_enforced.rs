use mesh_ir::{Feature, Origin};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Place, Severity, Span};
use crate::syntax::ast::{Action, Keys};

/// The language says more than the proxy of this version does. What it cannot do is refused
/// by name; it does not take away what an intent means, so tools still judge that.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1101),
    title: "the data plane cannot do this yet",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M1101.md"),
};

/// Every feature that this version's proxy and operator do not carry out, at its line.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let lowered = subject.lowered;
    let mut wanted: Vec<(Origin, Feature)> = Vec::new();
    let mut look = |found: Vec<(Feature, Origin)>| {
        let missing = found.into_iter().filter(|(it, _)| !it.is_enforced());
        wanted.extend(missing.map(|(feature, origin)| (origin, feature)));
    };
    look(lowered.settings.features());
    lowered.services.values().for_each(|it| look(it.features()));
    let routes = lowered.routes.values().flat_map(|it| &it.routes);
    routes.for_each(|it| look(it.ir.features()));
    lowered
        .access
        .values()
        .for_each(|it| look(it.ir.features()));
    lowered
        .limits
        .values()
        .for_each(|it| look(it.ir.features()));
    lowered.issuers.values().for_each(|it| look(it.features()));
    lowered
        .gateways
        .values()
        .for_each(|it| look(it.ir.features()));
    lowered
        .externals
        .values()
        .for_each(|it| look(it.ir.features()));
    lowered
        .telemetry
        .values()
        .for_each(|it| look(it.ir.features()));
    wanted.sort();
    wanted.dedup();
    for (origin, feature) in wanted {
        let place = subject
            .sources
            .span(&origin)
            .map_or(Place::Repository, Place::At);
        out.push(found(
            place,
            &format!("the proxy cannot {} yet", feature.what()),
        ));
    }
    unrepresented(subject, out);
}

/// What is not even in the representation yet.
fn unrepresented(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let mut refuse = |at: Span, what: &str| out.push(found(Place::At(at), what));
    for issuer in subject.program.issuers.values() {
        if let Keys::File(path) = &issuer.spec.keys {
            refuse(
                path.span,
                "keys are not read from files yet: write them `inline`",
            );
        }
    }
    for rule in subject
        .program
        .routes
        .values()
        .flat_map(|it| &it.spec.rules)
    {
        if let Action::Forward(forward) = &rule.action
            && let Some(most) = &forward.max_duration
        {
            refuse(
                most.span,
                "the proxy cannot bound the length of an answer yet",
            );
        }
    }
    let rollout = subject.program.rollouts.first();
    if let Some(rollout) = rollout.filter(|it| it.spec.waves.len() > 1) {
        refuse(
            rollout.kind_span,
            "the operator cannot roll out in waves yet",
        );
    }
}

fn found(place: Place, message: &str) -> Diagnostic {
    let found = Diagnostic::at(&INFO, place, message);
    found.help("leave it out until a version that can; `diff` and `simulate` know what it means")
}

#[cfg(test)]
mod tests {
    use crate::testing::{NOW, prepared_set};
    use crate::{Compiler, Options};

    #[test]
    fn what_is_not_enforced_is_refused_and_still_judged() {
        let text = "kind: Mesh
metadata: {name: test}
spec: {trustDomain: test.example}
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - match: [{paths: [/x]}]
      maxDuration: 5m
";
        let set = prepared_set(&[("a.yaml", text)]);
        let compilation = Compiler::new(Options::at(NOW)).compile(&set);
        let codes: Vec<u16> = compilation.diagnostics.iter().map(|it| it.code.0).collect();
        assert_eq!(codes, [1101], "{:#?}", compilation.diagnostics);
        assert!(compilation.has_errors());
        assert!(
            compilation.mesh.is_some(),
            "what it means can still be asked"
        );
    }
}
