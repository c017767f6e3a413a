use std::collections::BTreeMap;

use mesh_ir::{Inventory, LimitScope, Scope};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// A limit of the fleet is handed out in shares: where there are more instances than
/// requests allowed at once, some get none.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(703),
    title: "a fleet limit is smaller than the fleet",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0703.md"),
};

/// Limits with `scope: fleet` whose burst the instances of the inventory outnumber.
pub(super) fn check(subject: &Subject<'_>, inventory: &Inventory, out: &mut Vec<Diagnostic>) {
    let mut instances: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for workload in &inventory.workloads {
        let service = (workload.namespace.as_str(), workload.service.as_str());
        *instances.entry(service).or_default() += 1;
    }
    for object in subject.lowered.limits.values() {
        let Scope::Service(service) = &object.ir.target.scope else {
            continue;
        };
        // Who counts for the whole fleet hands out nothing.
        if object.ir.provider.is_some() {
            continue;
        }
        let key = (service.namespace.as_str(), service.name.as_str());
        let count = instances.get(&key).copied().unwrap_or(0);
        for (written, limit) in object.limits() {
            if limit.scope != LimitScope::Fleet || limit.burst >= count {
                continue;
            }
            let at = written.name.as_ref().map_or(written.span, |name| name.span);
            let message = format!("{count} instances share a burst of {}", limit.burst);
            out.push(Diagnostic::new(&INFO, at, message).help(format!(
                "raise `burst` to {count} at least, or use `scope: proxy`"
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_inventory;

    #[test]
    fn every_instance_gets_a_share() {
        check_inventory(
            "
workloads:
  - {namespace: shop, name: a-1, service: a}
  - {namespace: shop, name: a-2, service: a}
  - {namespace: shop, name: a-3, service: a}
",
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: RateLimit
metadata: {name: a, namespace: shop}
spec:
  service: a
  limits:
    - {name: few, rate: 2/s, burst: 2, scope: fleet} # expect: M0703 M1101
    - {name: enough, match: [{methods: [POST]}], rate: 1/s, burst: 3, scope: fleet} # expect: M1101
    - {name: each, match: [{methods: [PUT]}], rate: 1/s, burst: 1}
",
        );
    }
}
