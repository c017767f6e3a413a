use super::*;

#[test]
fn a_request_over_the_limit_is_refused_with_the_time_to_wait() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.limits = vec![
        limit("two", 1, 2, &[Key::Caller]),
        limit("many", 100, 100, &[]),
    ];
    let mut callee = Callee::new(&snapshot);
    let Admission::Admit(admitted) = callee.ask("cart", "GET", "/reviews/1") else {
        panic!("must be admitted");
    };
    let status = admitted.limit.unwrap();
    assert_eq!((status.remaining, status.quota, status.burst), (1, 1, 2));
    callee.ask("cart", "GET", "/reviews/1");
    let Admission::Refuse(refusal) = callee.ask("cart", "GET", "/reviews/1") else {
        panic!("must be refused");
    };
    assert_eq!((refusal.status, refusal.reason), (429, Reason::RateLimit));
    assert_eq!(
        callee.name_of(refusal.rule.unwrap()),
        "RateLimit shop/two two"
    );
    assert_eq!(refusal.retry_after, Some(Duration::from_secs(1)));
    callee.now = Tick(1_000_000_000);
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
}

#[test]
fn a_request_that_access_refuses_costs_no_limit() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.limits = vec![limit("one", 1, 1, &[])];
    let callee = Callee::new(&snapshot);
    for _ in 0..5 {
        callee.check("labs", "GET", "/reviews/1", DEFAULT);
    }
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
    callee.check(
        "cart",
        "GET",
        "/reviews/1",
        "429 rate-limit RateLimit shop/one one",
    );
}

#[test]
fn spellings_of_one_path_share_a_bucket() {
    let mut snapshot = with_access(vec![entry("all", Who::Anyone, vec![])], vec![]);
    let mut per_item = limit("item", 1, 1, &[Key::Capture(1)]);
    per_item.limits[0].matches = vec![request(&[], &["/item/*"])];
    snapshot.limits = vec![per_item];
    let callee = Callee::new(&snapshot);
    callee.check("cart", "GET", "/item/a", "Access shop/reviews all");
    for path in ["/item/a", "/item/%61", "/item//a;x=1"] {
        callee.check(
            "cart",
            "GET",
            path,
            "429 rate-limit RateLimit shop/item item",
        );
    }
    callee.check("cart", "GET", "/item/b", "Access shop/reviews all");
}

#[test]
fn unchanged_limits_keep_their_buckets_and_changed_ones_start_anew() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.limits = vec![limit("one", 1, 1, &[])];
    let mut callee = Callee::new(&snapshot);
    callee.ask("cart", "GET", "/reviews/1");
    snapshot.limits[0].limits[0].origin.line = 99;
    snapshot.limits.insert(0, limit("another", 9, 9, &[]));
    let carry = |callee: &mut Callee, snapshot: &Snapshot| {
        callee.tables = tables(snapshot);
        callee.state = callee.state.carry(&callee.tables);
    };
    carry(&mut callee, &snapshot);
    callee.check(
        "cart",
        "GET",
        "/reviews/1",
        "429 rate-limit RateLimit shop/one one",
    );
    snapshot.limits[1].limits[0].burst = 2;
    carry(&mut callee, &snapshot);
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
}

#[test]
fn limits_that_say_the_same_keep_buckets_of_their_own() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    let twice = limit("one", 1, 1, &[]);
    snapshot.limits = vec![twice.clone(), twice];
    let mut callee = Callee::new(&snapshot);
    for _ in 0..2 {
        callee.state = callee.state.carry(&callee.tables);
    }
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
    callee.check(
        "cart",
        "GET",
        "/reviews/1",
        "429 rate-limit RateLimit shop/one one",
    );
}

#[test]
fn several_windows_are_several_limits_and_all_must_have_room() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    let mut both = limit("second", 2, 2, &[Key::Caller]);
    let mut hour = limit("hour", 3, 3, &[Key::Caller]).limits.remove(0);
    hour.rate.per = Duration::from_hours(1);
    both.limits.push(hour);
    snapshot.limits = vec![both];
    let mut callee = Callee::new(&snapshot);
    let lets_in = "Access shop/reviews read";
    let by = |rule: &str| format!("429 rate-limit RateLimit shop/second {rule}");
    let ask = |callee: &Callee, want: &str| callee.check("cart", "GET", "/reviews/1", want);
    ask(&callee, lets_in);
    ask(&callee, lets_in);
    ask(&callee, &by("second"));
    callee.now = callee.now.plus(Duration::from_secs(1));
    ask(&callee, lets_in);
    ask(&callee, &by("hour"));
}

#[test]
fn a_limit_of_the_fleet_is_decided_by_a_share() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.limits = vec![limit("all", 6, 6, &[])];
    snapshot.limits[0].limits[0].scope = mesh_ir::LimitScope::Fleet;
    let passed = |shares: &crate::FleetShares| {
        let tables = Tables::build_shared(&snapshot, shares).unwrap();
        let callee = Callee {
            state: State::new(&tables, 7),
            ..Callee::new(&snapshot)
        };
        let callee = Callee { tables, ..callee };
        let asks = (0..10).map(|_| callee.ask("cart", "GET", "/reviews/1"));
        asks.filter(|it| matches!(it, Admission::Admit(_))).count()
    };
    let share = |part, of| crate::LimitShare {
        part,
        of: std::num::NonZeroU32::new(of).unwrap(),
    };
    assert_eq!(passed(&crate::FleetShares::default()), 6);
    let mut shares = crate::FleetShares {
        default: share(1, 3),
        ..crate::FleetShares::default()
    };
    assert_eq!(passed(&shares), 2);
    let id = (
        snapshot.limits[0].id.clone(),
        snapshot.limits[0].limits[0].id.clone(),
    );
    shares.limits.insert(id, share(1, 2));
    assert_eq!(passed(&shares), 3);
}
