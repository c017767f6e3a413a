use super::teams::Teams;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;

/// A host that a team owns leads to that team's services.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(305),
    title: "the host belongs to another team",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0305.md"),
};

/// Hosts of services that another team has claimed.
pub(super) fn check(program: &Program, teams: &Teams<'_>, out: &mut Vec<Diagnostic>) {
    for (id, service) in &program.services {
        let own = teams.of_namespace(&id.namespace);
        for host in &service.spec.hosts {
            let Some(claim) = teams.of_host(&host.value) else {
                continue;
            };
            if own != Some(claim.team) {
                let owner = claim.team;
                let message = format!("the host `{}` belongs to the team `{owner}`", host.value);
                out.push(
                    Diagnostic::new(&INFO, host.span, message)
                        .label(claim.at, format!("owned by `{owner}`"))
                        .help("remove it, or have that team give it away in its Team"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn the_narrowest_claim_to_a_host_decides() {
        check(
            "
kind: Team
metadata: {name: a}
spec:
  owns:
    mesh: true
    directories: [.]
    namespaces: [shop]
    hosts: ['*.shop.internal']
---
kind: Team
metadata: {name: b}
spec: {owns: {directories: [b], hosts: [pay.shop.internal]}}
---
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  hosts:
    - cart.shop.internal
    - pay.shop.internal # expect: M0305
",
        );
    }
}
