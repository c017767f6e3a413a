use mesh_ir::Key;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::LoadBalancing;

/// The proxy beside a caller, or a gateway, chooses the endpoint: it sees one caller,
/// itself, and neither the address of a client, nor a path that a rule took apart, nor
/// the claims of a token.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(410),
    title: "a balancing key that is the same for every request",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0410.md"),
};

/// Keys of `loadBalancing.by` that tell no two requests of a proxy apart.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let services = subject.program.services.values();
    for balancing in services.filter_map(|it| it.spec.load_balancing.as_ref()) {
        keys(balancing, out);
    }
}

fn keys(balancing: &LoadBalancing, out: &mut Vec<Diagnostic>) {
    let varies = balancing.by.iter().any(|key| whose(&key.value).is_none());
    for key in &balancing.by {
        let Some(whose) = whose(&key.value) else {
            continue;
        };
        let message = if varies {
            format!("this key is {whose}: it tells no requests apart")
        } else {
            format!("this key is {whose}: one endpoint gets them")
        };
        let help = "hash something that a request carries: `header:`, `cookie:` or `query:`";
        out.push(Diagnostic::new(&INFO, key.span, message).help(help));
    }
}

/// Of which requests all have the same value.
fn whose(key: &Key) -> Option<&'static str> {
    match key {
        Key::Caller => Some("one for all requests of a proxy"),
        Key::Address | Key::Claim(_) | Key::Capture(_) => Some("empty for all requests"),
        Key::Header(_) | Key::Query(_) | Key::Cookie(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn what_the_callers_proxy_does_not_see_is_no_key() {
        check(
            r#"
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  loadBalancing:
    policy: ring-hash
    by:
      - "cookie:session"
      - address # expect: M0410
---
kind: Service
metadata: {name: b, namespace: shop}
spec:
  ports: {http: 80}
  loadBalancing: {policy: ring-hash, by: ["header:x-user", "query:id"]}
---
kind: Service
metadata: {name: c, namespace: shop}
spec:
  ports: {http: 80}
  loadBalancing:
    policy: maglev
    by:
      - caller # expect: M0410
      - "claim:sub" # expect: M0410
"#,
        );
    }
}
