use mesh_ir::{MtlsMode, Port};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{Entry, Section};
use crate::syntax::ast::{TargetScope, Who};

/// An address says where a packet came from, not who sent it. On a strict port
/// everybody has an identity, and the entry must name one.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(605),
    title: "an address alone lets in",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0605.md"),
};

/// `anyone` narrowed by `cidr` and no token, in an `allow` entry.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let allow = subject
        .program
        .entries()
        .filter(|it| it.section == Section::Allow);
    for caller in allow
        .filter(|it| !may_be_nobody(subject, it))
        .flat_map(|it| it.from)
    {
        if let (Who::Anyone(_), Some(cidr), None) = (&caller.who, &caller.cidr, &caller.token) {
            out.push(
                Diagnostic::new(
                    &INFO,
                    cidr.span,
                    "an address is not enough to be let in here",
                )
                .label(caller.span, "everybody has an identity on this port")
                .help("name one, for example `{namespace: …, cidr: …}`"),
            );
        }
    }
}

/// Whether callers without an identity come to what an entry is about: at a gateway, and
/// to a permissive port.
fn may_be_nobody(subject: &Subject<'_>, entry: &Entry<'_>) -> bool {
    let permissive = |it: &Port| it.mtls == MtlsMode::Permissive;
    match &entry.target.scope {
        TargetScope::Gateway(_) => true,
        TargetScope::External(_) | TargetScope::All(_) => false,
        TargetScope::Service(reference) => {
            let id = reference.value.resolve(entry.namespace);
            let service = subject.lowered.services.get(&id);
            let named = |it: &&Port| {
                entry.ports.is_empty() || entry.ports.iter().any(|port| port.value == it.name)
            };
            service.is_some_and(|it| it.ports.iter().filter(named).all(permissive))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn an_address_narrows_an_identity() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - from:
        - {namespace: shop, cidr: 10.0.0.0/8}
        - {anyone: true, reason: office, cidr: 10.0.0.0/8} # expect: M0605
",
        );
    }

    #[test]
    fn an_address_beside_a_token_is_not_alone() {
        check(
            "
kind: ExternalService
metadata: {name: id, namespace: shop}
spec: {hosts: [id.example], ports: {https: {port: 443, protocol: tls}}}
---
kind: TokenIssuer
metadata: {name: corp, namespace: shop}
spec: {issuer: https://id.example, audiences: [shop], keys: {url: https://id.example/keys}}
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - from: [{anyone: true, cidr: 10.0.0.0/8, token: {issuer: corp, claims: {groups: staff}}}]
",
        );
    }
}
