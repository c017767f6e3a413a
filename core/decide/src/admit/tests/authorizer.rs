use mesh_ir::{Authorizer, AuthorizerProtocol, OnFailure, RuleId};

use super::*;
use crate::answers::{Answers, AuthorizerOutcome};
use crate::fixture::http;

/// `reviews`, open to `cart`, with an authorizer for what these paths cover.
fn asking(paths: &[&str], on_failure: OnFailure) -> Snapshot {
    let mut snapshot = with_access(vec![entry("cart", account("cart"), vec![])], vec![]);
    snapshot.services.push(http("authz"));
    snapshot.role.calls = [service_ref("authz")].into();
    snapshot.access[0].authorizer = Some(Authorizer {
        id: RuleId("authorizer".into()),
        origin: snapshot.access[0].origin.clone(),
        service: service_ref("authz"),
        port: name("http"),
        protocol: AuthorizerProtocol::Grpc,
        timeout: Duration::from_millis(200),
        on_failure,
        matches: vec![request(&[], paths)],
    });
    snapshot
}

/// What becomes of a request when everybody who is asked says the same.
fn answered(callee: &Callee, from: &str, target: &str, outcome: AuthorizerOutcome) -> Admission {
    let (identity, fields) = (id(from), fields("reviews.shop", &[]));
    let request = asks("GET", target, &fields);
    let ask = |answers: &Answers| {
        let caller = Caller {
            answers,
            ..Caller::new(Some(&identity), None)
        };
        let (tables, state, at) = (&callee.tables, &callee.state, callee.at());
        admit(
            tables,
            state,
            at,
            &caller,
            &request,
            callee.moment(),
            &mut (),
        )
    };
    match ask(Answers::none()) {
        Admission::Ask(Question::Authorize(all)) => ask(&Answers {
            tokens: vec![],
            authorizers: all.into_iter().map(|it| (it, outcome)).collect(),
        }),
        settled => settled,
    }
}

#[test]
fn an_authorizer_is_asked_after_the_rules_allowed_and_about_what_it_covers() {
    let callee = Callee::new(&asking(&["/admin/**"], OnFailure::Deny));
    callee.check("labs", "GET", "/admin/x", DEFAULT);
    callee.check("cart", "GET", "/reviews", "Access shop/reviews cart");
    callee.check("cart", "GET", "/admin/x", "asks 1 authorizers");
    callee.check("cart", "GET", "/ADMIN//x", "asks 1 authorizers");
    let agrees = answered(&callee, "cart", "/admin/x", AuthorizerOutcome::Agrees);
    assert_eq!(callee.outcome(&agrees), "Access shop/reviews cart");
    let refuses = answered(&callee, "cart", "/admin/x", AuthorizerOutcome::Refuses(418));
    let want = "418 authorizer Access shop/reviews authorizer";
    assert_eq!(callee.outcome(&refuses), want);
}

#[test]
fn without_an_answer_the_failure_mode_holds_and_an_open_one_is_noted() {
    let closed = Callee::new(&asking(&["/**"], OnFailure::Deny));
    let refused = answered(&closed, "cart", "/", AuthorizerOutcome::Fails);
    let want = "403 authorizer Access shop/reviews authorizer";
    assert_eq!(closed.outcome(&refused), want);
    let open = Callee::new(&asking(&["/**"], OnFailure::Allow));
    let Admission::Admit(admitted) = answered(&open, "cart", "/", AuthorizerOutcome::Fails) else {
        panic!("must be let in");
    };
    assert_eq!(admitted.noted.failed_open.len(), 1);
}

#[test]
fn the_authorizer_of_a_shadow_document_is_not_asked() {
    let mut snapshot = asking(&["/**"], OnFailure::Deny);
    snapshot.access[0].shadow = true;
    let open = access("open", vec![entry("cart", account("cart"), vec![])], vec![]);
    snapshot.access.push(open);
    Callee::new(&snapshot).check("cart", "GET", "/", "Access shop/open cart");
}

#[test]
fn nothing_is_charged_before_the_authorizer_agreed() {
    let mut snapshot = asking(&["/**"], OnFailure::Deny);
    snapshot.limits = vec![limit("one", 1, 1, &[])];
    let callee = Callee::new(&snapshot);
    for _ in 0..3 {
        answered(&callee, "cart", "/", AuthorizerOutcome::Refuses(403));
    }
    let first = answered(&callee, "cart", "/", AuthorizerOutcome::Agrees);
    assert_eq!(callee.outcome(&first), "Access shop/reviews cart");
    let second = answered(&callee, "cart", "/", AuthorizerOutcome::Agrees);
    assert_eq!(
        callee.outcome(&second),
        "429 rate-limit RateLimit shop/one one"
    );
}

#[test]
fn an_authorizer_out_of_view_cannot_be_honoured() {
    let mut snapshot = asking(&["/**"], OnFailure::Deny);
    snapshot.role.calls = [].into();
    let problems = Tables::build(&snapshot).unwrap_err();
    assert!(problems[0].reason.contains("authz.shop"), "{}", problems[0]);
}

#[test]
fn a_status_that_ends_no_exchange_is_a_plain_refusal() {
    let callee = Callee::new(&asking(&["/**"], OnFailure::Deny));
    for status in [0, 101, 600] {
        let refused = answered(&callee, "cart", "/", AuthorizerOutcome::Refuses(status));
        let want = "403 authorizer Access shop/reviews authorizer";
        assert_eq!(callee.outcome(&refused), want, "{status}");
    }
}
