use mesh_ir::{CallerMatch, MtlsMode};

use super::*;

fn unproven(snapshot: &Snapshot, address: &str) -> String {
    let callee = Callee::new(snapshot);
    let caller = Caller::new(None, Some(address.parse().unwrap()));
    let fields = fields("reviews.shop", &[]);
    let request = asks("GET", "/reviews/1", &fields);
    let (tables, state, at) = (&callee.tables, &callee.state, callee.at());
    let admission = admit(
        tables,
        state,
        at,
        &caller,
        &request,
        callee.moment(),
        &mut (),
    );
    let permitted = permits_request(tables, at, &caller, &request, callee.moment());
    assert_eq!(permitted, matches!(admission, Admission::Admit(_)));
    callee.outcome(&admission)
}

/// Open to `cart` and to the addresses of 10.8.0.0/16.
fn ports(mtls: MtlsMode) -> Snapshot {
    let mut vms = entry("vms", Who::Anyone, vec![]);
    vms.from = vec![CallerMatch {
        cidr: vec!["10.8.0.0/16".parse().unwrap()],
        ..Who::Anyone.into()
    }];
    let mut snapshot = with_access(vec![reads(), vms], vec![]);
    snapshot.services[0].ports[0].mtls = mtls;
    snapshot
}

#[test]
fn a_strict_port_takes_nobody_without_an_identity() {
    let want = "403 mtls Service shop/reviews";
    assert_eq!(unproven(&ports(MtlsMode::Strict), "10.8.0.1"), want);
}

#[test]
fn a_permissive_port_takes_an_address_that_is_named_and_never_an_identity() {
    let permissive = ports(MtlsMode::Permissive);
    assert_eq!(unproven(&permissive, "10.8.0.1"), "Access shop/reviews vms");
    assert_eq!(unproven(&permissive, "10.9.0.1"), DEFAULT);
    Callee::new(&permissive).check("cart", "GET", "/reviews/1", "Access shop/reviews read");
}
