use super::*;

#[test]
fn an_open_request_is_judged_again_without_charge() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.limits = vec![limit("one", 1, 1, &[Key::Caller])];
    let callee = Callee::new(&snapshot);
    for _ in 0..3 {
        assert!(callee.permits("cart", "GET", "/reviews/1", &[]));
    }
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
    callee.check(
        "cart",
        "GET",
        "/reviews/1",
        "429 rate-limit RateLimit shop/one one",
    );
    assert!(!callee.permits("cart", "POST", "/reviews/1", &[]));
    assert!(!callee.permits("labs", "GET", "/reviews/1", &[]));
}

#[test]
fn an_open_request_is_judged_in_every_method_that_it_names() {
    let callee = Callee::new(&with_access(vec![reads()], vec![]));
    let more = [("x-http-method-override", "DELETE")];
    assert!(!callee.permits("cart", "GET", "/reviews/1", &more));
}

#[test]
fn an_open_request_that_a_new_rule_cannot_read_is_not_permitted() {
    let twice = [("x-team", "a"), ("x-team", "b")];
    let callee = Callee::new(&with_access(vec![reads()], vec![]));
    assert!(callee.permits("cart", "GET", "/reviews/1", &twice));
    let deny = AccessRule {
        matches: vec![with_header(
            request(&[], &[]),
            "x-team",
            ValueMatch::Exact("c".into()),
        )],
        ..entry("c", Who::Anyone, vec![])
    };
    let callee = Callee::new(&with_access(vec![reads()], vec![deny]));
    assert!(!callee.permits("cart", "GET", "/reviews/1", &twice));
    assert!(callee.permits("cart", "GET", "/reviews/1", &twice[..1]));
}

#[test]
fn the_next_expiry_is_that_of_an_enforced_allow() {
    let mut snapshot = with_access(
        vec![until(300, reads()), until(200, reads())],
        vec![until(100, reads())],
    );
    let mut shadow = access("shadow", vec![until(150, reads())], vec![]);
    shadow.shadow = true;
    snapshot.access.push(shadow);
    let callee = Callee::new(&snapshot);
    let next = |after| callee.tables.next_expiry(Timestamp(after)).map(|it| it.0);
    assert_eq!(next(0), Some(200));
    assert_eq!(next(199), Some(200));
    assert_eq!(next(200), Some(300));
    assert_eq!(next(300), None);
    let mut callee = callee;
    callee.wall = 299;
    assert!(callee.permits("cart", "GET", "/reviews/1", &[]));
    callee.wall = 300;
    assert!(!callee.permits("cart", "GET", "/reviews/1", &[]));
}
