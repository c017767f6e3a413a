use super::*;

#[test]
fn documents_about_one_target_add_up_and_any_deny_wins() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    let mut everywhere = access(
        "everywhere",
        vec![entry("ops", account("ops"), vec![])],
        vec![entry(
            "no-trace",
            Who::Anyone,
            vec![request(&["TRACE"], &[])],
        )],
    );
    everywhere.target.scope = Scope::Namespace(name("shop"));
    snapshot.access.push(everywhere);
    let callee = Callee::new(&snapshot);
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
    callee.check("ops", "GET", "/", "Access shop/everywhere ops");
    callee.check(
        "ops",
        "TRACE",
        "/",
        "403 access Access shop/everywhere no-trace",
    );
}

#[test]
fn a_refusal_by_default_lists_the_documents_that_were_tried() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    let mut shadow = access("shadow", vec![], vec![entry("x", Who::Anyone, vec![])]);
    shadow.shadow = true;
    snapshot.access.push(shadow);
    let callee = Callee::new(&snapshot);
    let Admission::Refuse(refusal) = callee.ask("labs", "GET", "/") else {
        panic!("must be refused");
    };
    let tried: Vec<_> = refusal
        .tried
        .iter()
        .map(|rule| callee.name_of(*rule))
        .collect();
    assert_eq!(tried, ["Access shop/reviews"]);
    assert_eq!(callee.tables.rule(refusal.rule.unwrap()).origin.line, 7);
}

#[test]
fn a_default_that_allows_speaks_only_where_no_enforced_document_allows() {
    let mut snapshot = snapshot();
    snapshot.settings.access.mode = DefaultAccess::Allow;
    Callee::new(&snapshot).check("labs", "GET", "/", "Mesh access.default");

    let deny = entry("no-7", Who::Anyone, vec![request(&[], &["/7"])]);
    snapshot.access = vec![access("deny-only", vec![], vec![deny])];
    let callee = Callee::new(&snapshot);
    callee.check("labs", "GET", "/", "Mesh access.default");
    callee.check("labs", "GET", "/7", "403 access Access shop/deny-only no-7");

    snapshot
        .access
        .push(access("open", vec![until(0, reads())], vec![]));
    Callee::new(&snapshot).check("labs", "GET", "/", DEFAULT);
    snapshot.access[1].shadow = true;
    Callee::new(&snapshot).check("labs", "GET", "/", "Mesh access.default");
}

#[test]
fn a_shadow_document_decides_and_counts_but_does_not_enforce() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    let mut shadow = access("next", vec![], vec![entry("no", Who::Anyone, vec![])]);
    shadow.shadow = true;
    snapshot.access.push(shadow);
    let callee = Callee::new(&snapshot);
    let Admission::Admit(admitted) = callee.ask("cart", "GET", "/reviews/1") else {
        panic!("must be admitted");
    };
    let shadow = admitted.noted.shadow.unwrap();
    assert_eq!(shadow.outcome, ShadowOutcome::Deny);
    assert_eq!(callee.name_of(shadow.rule), "Access shop/next no");
}

#[test]
fn an_audit_entry_is_counted_and_changes_nothing() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.access[0].audit = vec![entry("look", Who::Anyone, vec![request(&["GET"], &[])])];
    let callee = Callee::new(&snapshot);
    let audited = |admission: &Admission| match admission {
        Admission::Admit(admitted) => admitted.noted.audited.len(),
        Admission::Refuse(refusal) => refusal.noted.audited.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(audited(&callee.ask("cart", "GET", "/reviews/1")), 1);
    assert_eq!(audited(&callee.ask("labs", "GET", "/reviews/1")), 1);
    assert_eq!(audited(&callee.ask("labs", "PUT", "/reviews/1")), 0);
}

#[test]
fn a_document_for_some_hosts_says_nothing_about_others() {
    let mut snapshot = with_access(vec![entry("all", Who::Anyone, vec![])], vec![]);
    snapshot.access[0].target.hosts = vec![HostPattern::parse("*.example").unwrap()];
    let callee = Callee::new(&snapshot);
    callee.check("cart", "GET", "/", DEFAULT);
    let Admission::Refuse(refusal) = callee.ask("cart", "GET", "/") else {
        panic!("must be refused");
    };
    assert!(refusal.tried.is_empty());
    let identity = id("cart");
    let caller = Caller::new(Some(&identity), None);
    let fields = fields("a.example", &[]);
    let request = asks("GET", "/", &fields);
    let (tables, state) = (&callee.tables, &callee.state);
    let admission = admit(
        tables,
        state,
        callee.at(),
        &caller,
        &request,
        callee.moment(),
        &mut (),
    );
    assert_eq!(callee.outcome(&admission), "Access shop/reviews all");
}
