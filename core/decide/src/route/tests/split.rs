use super::*;

#[test]
fn a_version_is_drawn_by_weight_and_the_same_for_one_request_id() {
    let backends = vec![to_version("v1", 90), to_version("v2", 10)];
    let snapshot = routed(vec![rule(
        "all",
        0,
        vec![],
        Action::Forward(forward(backends)),
    )]);
    let tables = tables(&snapshot);
    let fields = fields("ratings", &[]);
    let draw = |id: u32| match route(
        &tables,
        &asks("GET", "/", &fields),
        &id.to_le_bytes(),
        &mut (),
    ) {
        Routing::Forward(plan) => plan.version.unwrap().position(),
        other => panic!("{other:?}"),
    };
    let second: usize = (0..10_000).map(draw).sum();
    assert!((850..1150).contains(&second), "{second}");
    assert!((0..100).all(|id| draw(id) == draw(id)));
    let rule = plan(&tables, "ratings", "/").rule().unwrap();
    let shares: Vec<_> = tables
        .distribution(rule)
        .into_iter()
        .map(|share| (share.version.unwrap().to_string(), share.weight))
        .collect();
    assert_eq!(shares, [("v1".to_owned(), 90), ("v2".to_owned(), 10)]);
}

#[test]
fn who_is_split_by_a_cookie_stays_where_it_was() {
    let mut split = forward(vec![to_version("v1", 1), to_version("v2", 1)]);
    split.split_by = vec![Key::Cookie("session".into())];
    let tables = tables(&routed(vec![rule(
        "all",
        0,
        vec![],
        Action::Forward(split),
    )]));
    let draw = |session: u32, id: u32| {
        let cookie = format!("session={session}");
        let fields = fields("ratings", &[("cookie", &cookie)]);
        match route(
            &tables,
            &asks("GET", "/", &fields),
            &id.to_le_bytes(),
            &mut (),
        ) {
            Routing::Forward(plan) => plan.version.unwrap().position(),
            other => panic!("{other:?}"),
        }
    };
    assert!((0..50).all(|session| (1..5).all(|id| draw(session, id) == draw(session, 0))));
    let second: usize = (0..1000).map(|session| draw(session, 0)).sum();
    assert!((400..600).contains(&second), "{second}");
}
