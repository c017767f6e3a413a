use super::*;

#[test]
fn a_connection_is_admitted_by_caller_and_judged_again_without_charge() {
    let mut snapshot = snapshot();
    snapshot.services = vec![service("reviews", &[("http", 5432, Protocol::Tcp)])];
    snapshot.access = vec![access(
        "db",
        vec![entry("cart", account("cart"), vec![])],
        vec![],
    )];
    snapshot.limits = vec![limit("one", 1, 1, &[Key::Caller])];
    let callee = Callee::new(&snapshot);
    let admitted = |from: &str| {
        let id = id(from);
        let caller = (&Caller::new(Some(&id), None), None);
        let (tables, state, at) = (&callee.tables, &callee.state, callee.at());
        let permitted = permits_connection(tables, at, caller, callee.moment());
        let admission = admit_connection(tables, state, at, caller, callee.moment(), &mut ());
        (permitted, callee.outcome(&admission))
    };
    assert_eq!(admitted("cart"), (true, "Access shop/db cart".into()));
    assert_eq!(
        admitted("cart"),
        (true, "429 rate-limit RateLimit shop/one one".into())
    );
    assert_eq!(admitted("labs"), (false, DEFAULT.into()));
    callee.check("cart", "GET", "/", "400 bad-request");
}

#[test]
fn what_reads_requests_is_never_dropped_in_silence_on_a_port_of_bytes() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.services = vec![service("reviews", &[("db", 5432, Protocol::Tcp)])];
    let problems = Tables::build(&snapshot).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems[0].to_string(),
        "Access shop/reviews read (shop.yaml:11): it reads requests, but port `db` of reviews.shop speaks tcp"
    );
    // With `all` such an entry is about HTTP ports only.
    snapshot.access[0].target = Target {
        scope: Scope::Mesh,
        ports: vec![],
        hosts: vec![],
    };
    assert!(Tables::build(&snapshot).is_ok());
}
