use super::*;

#[test]
fn what_readers_disagree_about_is_400_before_any_rule() {
    let callee = Callee::new(&with_access(
        vec![entry("all", Who::Anyone, vec![])],
        vec![],
    ));
    for target in [
        "/a/../b",
        "/a/%2e%2e/b",
        "/a%2fb",
        "/a%00",
        "/a%",
        "/a\\b",
        "/a%5Cb",
        "/a#b",
        "/a\u{1}",
        "*",
        "http://other/",
    ] {
        callee.check("cart", "GET", target, "400 bad-request");
    }
    callee.check(
        "cart",
        "GET",
        "http://Reviews.Shop/a",
        "Access shop/reviews all",
    );
    callee.check("cart", "OPTIONS", "*", "Access shop/reviews all");
    callee.check("cart", "CONNECT", "reviews.shop:80", "400 bad-request");
    callee.check("cart", "GE T", "/", "400 bad-request");
}

#[test]
fn a_port_of_grpc_takes_no_method_beside_which_a_deny_would_not_cover() {
    let deny = entry(
        "pay",
        Who::Anyone,
        vec![request(&["POST"], &["/shop.Pay/*"])],
    );
    let allow = vec![entry("all", Who::Anyone, vec![])];
    let mut snapshot = with_access(allow, vec![deny]);
    snapshot.services[0].ports[0].protocol = Protocol::Grpc;
    let callee = Callee::new(&snapshot);
    let denied = "403 access Access shop/reviews pay";
    callee.check("cart", "POST", "/shop.Pay/Refund", denied);
    callee.check("cart", "PUT", "/shop.Pay/Refund", "400 bad-request");
    callee.check("cart", "POST", "/shop.Find/All", "Access shop/reviews all");
}

#[test]
fn an_allow_holds_only_in_every_reading_and_a_deny_in_any() {
    let deny = entry("admin", Who::Anyone, vec![request(&[], &["/admin/**"])]);
    let allow = [
        entry("read", account("cart"), vec![request(&[], &["/reviews/*"])]),
        entry("all", account("ops"), vec![]),
    ];
    let callee = Callee::new(&with_access(allow.into(), vec![deny]));
    callee.check("cart", "GET", "/reviews/1;x", "Access shop/reviews read");
    callee.check("cart", "GET", "/reviews;x/1", DEFAULT);
    callee.check("cart", "GET", "/reviews//1", DEFAULT);
    for path in ["/ADMIN", "/admin/", "//admin/x", "/admin;x/y", "/%61dmin/x"] {
        callee.check("ops", "GET", path, "403 access Access shop/reviews admin");
    }
    callee.check("ops", "GET", "/admins", "Access shop/reviews all");
}

#[test]
fn an_encoded_slash_is_judged_where_the_service_says_so() {
    let deny = entry("admin", Who::Anyone, vec![request(&[], &["/admin/**"])]);
    let allow = [
        entry("files", account("cart"), vec![request(&[], &["/files/*"])]),
        entry("all", account("ops"), vec![]),
    ];
    let mut snapshot = with_access(allow.into(), vec![deny]);
    snapshot.services[0].encoded_slash = EncodedSlash::Judge;
    let callee = Callee::new(&snapshot);
    callee.check("ops", "GET", "/x%2fy", "Access shop/reviews all");
    callee.check(
        "ops",
        "GET",
        "/admin%2Fy",
        "403 access Access shop/reviews admin",
    );
    callee.check("cart", "GET", "/files/x%2Fy", DEFAULT);
    callee.check("ops", "GET", "/x%2F..%2Fadmin", "400 bad-request");
}

#[test]
fn an_overriding_method_is_judged_beside_the_written_one() {
    let deny = entry("no-delete", account("ops"), vec![request(&["DELETE"], &[])]);
    let allow = vec![reads(), entry("ops", account("ops"), vec![])];
    let callee = Callee::new(&with_access(allow, vec![deny]));
    let ask = |from, method, value| {
        let admission = callee.ask_with(
            from,
            method,
            "/reviews/1",
            &[("x-http-method-override", value)],
        );
        callee.outcome(&admission)
    };
    assert_eq!(ask("cart", "GET", "HEAD"), "Access shop/reviews read");
    assert_eq!(ask("cart", "GET", "PUT"), DEFAULT);
    assert_eq!(ask("cart", "PUT", "GET"), DEFAULT);
    assert_eq!(
        ask("ops", "POST", "delete"),
        "403 access Access shop/reviews no-delete"
    );
    assert_eq!(ask("ops", "POST", "a b").trim_end(), "400 bad-request");
}

#[test]
fn a_header_that_a_rule_reads_may_come_once_only() {
    let matches = with_header(request(&[], &[]), "x-team", ValueMatch::Exact("a".into()));
    let callee = Callee::new(&with_access(
        vec![entry("team", Who::Anyone, vec![matches])],
        vec![],
    ));
    let ask = |more: &[(&str, &str)]| {
        let admission = callee.ask_with("cart", "GET", "/", more);
        callee.outcome(&admission).trim_end().to_owned()
    };
    assert_eq!(ask(&[("x-team", "a")]), "Access shop/reviews team");
    assert_eq!(
        ask(&[("x-team", "a"), ("x-other", "b"), ("x-other", "c")]),
        "Access shop/reviews team"
    );
    assert_eq!(ask(&[("x-team", "a"), ("x-team", "a")]), "400 bad-request");
}

proptest! {
    #[test]
    fn no_bytes_panic(
        method in proptest::collection::vec(any::<u8>(), 0..8),
        target in proptest::collection::vec(any::<u8>(), 0..40),
        host in proptest::collection::vec(any::<u8>(), 0..20),
        cookie in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let matches = with_header(request(&[], &["/a/**"]), "cookie", ValueMatch::Regex("a.*".into()));
        let mut snapshot = with_access(vec![entry("x", Who::Anyone, vec![matches])], vec![reads()]);
        snapshot.limits = vec![limit("one", 1, 1, &[Key::Cookie("a".into()), Key::Query("a".into())])];
        let callee = Callee::new(&snapshot);
        let fields = vec![("host".to_owned(), host), ("cookie".to_owned(), cookie)];
        let request = Request { method: &method, target: &target, authority: None, headers: &fields };
        let caller = Caller::new(None, None);
        admit(&callee.tables, &callee.state, callee.at(), &caller, &request, callee.moment(), &mut ());
    }
}

#[test]
fn a_header_that_only_audit_or_a_shadow_reads_may_come_often() {
    let reads_team = || with_header(request(&[], &[]), "x-team", ValueMatch::Present);
    let mut snapshot = with_access(vec![entry("cart", account("cart"), vec![])], vec![]);
    snapshot.access[0].audit = vec![entry("team", Who::Anyone, vec![reads_team()])];
    let no = vec![entry("no", Who::Anyone, vec![reads_team()])];
    let mut next = access("next", vec![], no);
    next.shadow = true;
    snapshot.access.push(next);
    let mut soon = limit("soon", 1, 1, &[Key::Header("x-team".into())]);
    soon.limits[0].shadow = true;
    snapshot.limits = vec![soon];
    let callee = Callee::new(&snapshot);
    let twice = [("x-team", "a"), ("x-team", "b")];
    let admission = callee.ask_with("cart", "GET", "/", &twice);
    assert_eq!(callee.outcome(&admission), "Access shop/reviews cart");
}
