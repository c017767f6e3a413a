use super::*;

#[test]
fn a_failed_attempt_is_repeated_only_where_it_is_safe_and_the_budget_has_room() {
    let mut retried = forward(vec![to_version("v1", 1)]);
    let all = [
        mesh_ir::RetryOn::ConnectFailure,
        mesh_ir::RetryOn::Reset,
        mesh_ir::RetryOn::ServerError,
    ];
    retried.retries = retries(2, &all);
    let tables = tables(&routed(vec![rule(
        "all",
        0,
        vec![],
        Action::Forward(retried),
    )]));
    let plan = plan(&tables, "ratings", "/");
    let after = |state: &State, method: &str, failure, retried| {
        let attempt = Attempt {
            method: method.as_bytes(),
            failure,
            retried,
            draw: Draw(0),
            now: Tick(0),
        };
        again(&tables, state, &plan, &attempt) != Again::GiveUp
    };
    let fresh = || State::new(&tables, 1);
    assert!(after(&fresh(), "POST", Failure::Connect, 0));
    assert!(!after(&fresh(), "POST", Failure::Reset, 0));
    assert!(!after(&fresh(), "PATCH", Failure::Status(503), 0));
    assert!(after(&fresh(), "PUT", Failure::Reset, 1));
    assert!(!after(&fresh(), "PUT", Failure::Reset, 2));
    assert!(!after(&fresh(), "GET", Failure::Status(404), 0));
    let state = fresh();
    let granted = (0..50)
        .filter(|_| after(&state, "GET", Failure::Reset, 0))
        .count();
    assert_eq!(granted, 3);
    let state = fresh();
    (0..100).for_each(|_| state.began(&plan, Tick(0)));
    let carried = state.carry(&tables);
    let granted = (0..50)
        .filter(|_| after(&carried, "GET", Failure::Reset, 0))
        .count();
    assert_eq!(granted, 20);
}
