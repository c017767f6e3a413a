use mesh_ir::{Feature, Origin};

use super::written;
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
    let mut wanted = Wanted {
        subject,
        found: vec![],
    };
    wanted.look();
    let mut found = wanted.found;
    found.sort();
    found.dedup();
    let refused = found.into_iter().map(|(place, feature)| {
        let message = format!("the proxy cannot {} yet", feature.what());
        refused(place, &message)
    });
    out.extend(refused);
    unrepresented(subject, out);
}

/// What is asked for and not carried out, each where it is written.
struct Wanted<'s, 'c> {
    subject: &'s Subject<'c>,
    found: Vec<(Place, Feature)>,
}

impl Wanted<'_, '_> {
    fn look(&mut self) {
        let subject = self.subject;
        let (lowered, program) = (subject.lowered, subject.program);
        self.add(lowered.settings.features(), |_, _| None);
        for (id, service) in &lowered.services {
            let object = program.services.get(id);
            self.add(service.features(), |feature, origin| {
                let object = object.filter(|_| *origin == service.origin)?;
                Some(written::in_service(feature, object, subject))
            });
        }
        let routes = lowered.routes.values().flat_map(|it| &it.routes);
        routes.for_each(|it| self.add(it.ir.features(), |_, _| None));
        for it in lowered.access.values() {
            self.add(it.ir.features(), |_, _| None);
        }
        for it in lowered.limits.values() {
            self.add(it.ir.features(), |_, _| None);
        }
        // As a whole: at the kind.
        for (id, it) in &lowered.issuers {
            let kind = program.issuers.get(id).map(|it| it.kind_span);
            self.add(it.features(), |_, _| kind);
        }
        for (id, it) in &lowered.gateways {
            let kind = program.gateways.get(id).map(|it| it.kind_span);
            self.add(it.ir.features(), |_, _| kind);
        }
        for (id, it) in &lowered.externals {
            let kind = program.externals.get(id).map(|it| it.kind_span);
            self.add(it.ir.features(), |_, _| kind);
        }
        for (id, it) in &lowered.telemetry {
            let kind = program.telemetry.get(id).map(|it| it.kind_span);
            self.add(it.ir.features(), |_, _| kind);
        }
    }

    /// At the line that a feature comes with, where `place` knows no better one.
    fn add(
        &mut self,
        features: Vec<(Feature, Origin)>,
        place: impl Fn(Feature, &Origin) -> Option<Span>,
    ) {
        let refused = features.into_iter().filter(|(it, _)| !it.is_enforced());
        for (feature, origin) in refused {
            let known = place(feature, &origin);
            let span = known.or_else(|| self.subject.sources.span(&origin));
            let place = span.map_or(Place::Repository, Place::At);
            self.found.push((place, feature));
        }
    }
}

/// What is not even in the representation yet.
fn unrepresented(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let mut refuse = |at: Span, what: &str| out.push(refused(Place::At(at), what));
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

fn refused(place: Place, message: &str) -> Diagnostic {
    let found = Diagnostic::at(&INFO, place, message);
    found.help("leave it out until a version that can; `diff` and `simulate` know what it means")
}

#[cfg(test)]
mod tests {
    use crate::testing::{NOW, prepared_set};
    use crate::{Compiler, Options};

    #[test]
    fn what_a_document_asks_for_as_a_whole_is_refused_at_its_kind_or_field() {
        let text = "kind: Mesh
metadata: {name: test}
spec:
  trustDomain: test.example
  defaults:
    loadBalancing: {slowStart: 30s}
---
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  workloads: {selector: {app: a, tier: web}}   # two labels
  loadBalancing: {policy: ewma}
  probes: {http: [/healthz, /ready]}
---
kind: Service
metadata: {name: b, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  listeners: [{name: web, port: 80, hosts: [shop.example]}]
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - from: [{gateway: edge}]   # behind the door
";
        let set = prepared_set(&[("a.yaml", text)]);
        let compilation = Compiler::new(Options::at(NOW)).compile(&set);
        let refused = compilation
            .diagnostics
            .iter()
            .filter(|it| it.code.0 == 1101);
        let places: Vec<&str> = refused
            .map(|it| match &it.primary {
                crate::Place::At(span) => compilation.sources.excerpt(*span),
                _ => "nowhere",
            })
            .collect();
        let expected = [
            "30s",
            "{app: a, tier: web}",
            "ewma",
            "/healthz",
            "Gateway",
            "from: [{gateway: edge}]",
        ];
        assert_eq!(places, expected);
    }

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
