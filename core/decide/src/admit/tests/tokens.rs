use mesh_ir::{CallerMatch, TokenIssuer, TokenLocation};

use super::*;
use crate::answers::{Answers, TokenOutcome};
use crate::fixture::{claims, exactly, issuer, with_token};

const SRE: &str = r#"{"sub": "ann", "groups": ["dev", "sre"], "scope": "read write",
    "realm_access": {"roles": ["admin"]}}"#;

fn open(rule: &str, from: CallerMatch) -> AccessRule {
    AccessRule {
        from: vec![from],
        ..entry(rule, Who::Anyone, vec![])
    }
}

fn shut(rule: &str, from: CallerMatch) -> AccessRule {
    open(rule, from)
}

/// `reviews`, open to `cart` with a token of `corp` and this claim.
fn with_claim(name: &str, value: ValueMatch) -> Snapshot {
    let entry = open("sre", with_token(account("cart"), "corp", &[(name, value)]));
    tokens(vec![entry], vec![])
}

fn tokens(allow: Vec<AccessRule>, deny: Vec<AccessRule>) -> Snapshot {
    let mut snapshot = with_access(allow, deny);
    snapshot.issuers = vec![issuer("corp"), issuer("other")];
    snapshot
}

/// What becomes of a request of `from` with an `authorization` of `Bearer JSON`: valid
/// where the JSON is one, with these claims, for the issuers named.
fn with(callee: &Callee, from: &str, token: Option<&str>, valid_for: &[&str]) -> Admission {
    let value = token.map(|token| format!("bearer {}", token.replace('\n', " ")));
    let more: Vec<_> = value
        .iter()
        .map(|it| ("authorization", it.as_str()))
        .collect();
    ask(callee, from, "/", &more, valid_for)
}

fn ask(
    callee: &Callee,
    from: &str,
    target: &str,
    more: &[(&str, &str)],
    valid_for: &[&str],
) -> Admission {
    let (identity, fields) = (id(from), fields("reviews.shop", more));
    let request = asks("GET", target, &fields);
    let decide = |answers: &Answers| {
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
    let Admission::Ask(Question::Tokens(all)) = decide(Answers::none()) else {
        return decide(Answers::none());
    };
    let mut answers = Answers::default();
    for question in all {
        let of = callee.tables.issuer(question.issuer).id.name.as_str();
        let payload = serde_json::from_slice(&question.token).ok();
        let outcome = match payload.filter(|_| valid_for.contains(&of)) {
            Some(payload) => TokenOutcome::Valid(crate::Claims::new(payload)),
            None => TokenOutcome::Invalid,
        };
        answers.tokens.push((question.issuer, outcome));
    }
    decide(&answers)
}

fn check(snapshot: &Snapshot, token: Option<&str>, want: &str) {
    let callee = Callee::new(snapshot);
    let got = callee.outcome(&with(&callee, "cart", token, &["corp"]));
    assert_eq!(got.trim_end(), want, "{token:?}");
}

#[test]
fn a_claim_matches_by_name_by_pointer_by_item_and_by_word() {
    let lets_in = "Access shop/reviews sre";
    let sre = ValueMatch::In(vec!["ops".into(), "sre".into()]);
    for (name, value) in [
        ("groups", sre),
        ("sub", exactly("ann")),
        ("scope", exactly("write")),
        ("/realm_access/roles", exactly("admin")),
        ("none", ValueMatch::Absent),
        ("sub", ValueMatch::Regex("a.*".into())),
    ] {
        check(&with_claim(name, value), Some(SRE), lets_in);
    }
    let refused = "403 access Mesh access.default";
    for (name, value) in [
        ("groups", exactly("ops")),
        ("scope", exactly("read write")),
        ("sub", ValueMatch::Absent),
        ("sub", exactly("ANN")),
    ] {
        check(&with_claim(name, value), Some(SRE), refused);
    }
}

#[test]
fn only_for_want_of_a_token_it_is_401() {
    let snapshot = with_claim("groups", exactly("sre"));
    check(&snapshot, None, "401 token Mesh access.default");
    check(
        &snapshot,
        Some(r#"{"groups": []}"#),
        "403 access Mesh access.default",
    );
    check(
        &snapshot,
        Some("rubbish"),
        "401 token TokenIssuer shop/corp",
    );
    let callee = Callee::new(&snapshot);
    // No token would help who is not meant at all.
    let labs = with(&callee, "labs", None, &[]);
    assert_eq!(callee.outcome(&labs), DEFAULT);
}

#[test]
fn a_deny_that_a_token_would_lift_is_401_and_another_403() {
    let everybody = entry("all", Who::Authenticated, vec![]);
    let without = CallerMatch {
        not: vec![with_token(Who::Anyone, "corp", &[])],
        ..Who::Anyone.into()
    };
    let snapshot = tokens(vec![everybody.clone()], vec![shut("bare", without)]);
    check(&snapshot, None, "401 token Access shop/reviews bare");
    check(&snapshot, Some("{}"), "Access shop/reviews all");
    let interns = with_token(Who::Anyone, "corp", &[("sub", exactly("bob"))]);
    let snapshot = tokens(vec![everybody], vec![shut("bob", interns)]);
    check(&snapshot, None, "Access shop/reviews all");
    check(
        &snapshot,
        Some(r#"{"sub": "bob"}"#),
        "403 access Access shop/reviews bob",
    );
}

#[test]
fn a_claim_in_a_deny_is_compared_without_case_by_regex_only() {
    let everybody = entry("all", Who::Authenticated, vec![]);
    let bob = ValueMatch::Regex("bob".into());
    let deny = shut("bob", with_token(Who::Anyone, "corp", &[("sub", bob)]));
    let snapshot = tokens(vec![everybody], vec![deny]);
    check(
        &snapshot,
        Some(r#"{"sub": "BOB"}"#),
        "403 access Access shop/reviews bob",
    );
}

#[test]
fn a_token_of_one_of_several_issuers_is_enough() {
    let either = vec![
        open("corp", with_token(account("cart"), "corp", &[])),
        open("other", with_token(account("cart"), "other", &[])),
    ];
    let callee = Callee::new(&tokens(either, vec![]));
    let of_other = with(&callee, "cart", Some("{}"), &["other"]);
    assert_eq!(callee.outcome(&of_other), "Access shop/reviews other");
    let of_nobody = with(&callee, "cart", Some("{}"), &[]);
    assert_eq!(
        callee.outcome(&of_nobody),
        "401 token TokenIssuer shop/corp"
    );
}

#[test]
fn a_token_that_only_a_shadow_reads_changes_no_outcome() {
    let mut snapshot = tokens(vec![entry("all", Who::Authenticated, vec![])], vec![]);
    let next = vec![open("next", with_token(account("cart"), "corp", &[]))];
    let mut shadow = access("next", next, vec![]);
    shadow.shadow = true;
    snapshot.access.push(shadow);
    check(&snapshot, Some("rubbish"), "Access shop/reviews all");
    let twice = [
        ("authorization", "Bearer {}"),
        ("authorization", "Bearer []"),
    ];
    let callee = Callee::new(&snapshot);
    let two = ask(&callee, "cart", "/", &twice, &["corp"]);
    assert_eq!(callee.outcome(&two), "Access shop/reviews all");
}

#[test]
fn nobody_is_asked_about_tokens_that_nothing_reads() {
    let snapshot = tokens(vec![entry("all", Who::Authenticated, vec![])], vec![]);
    let callee = Callee::new(&snapshot);
    let more = [("authorization", "Bearer rubbish")];
    let admission = callee.ask_with("cart", "GET", "/", &more);
    assert_eq!(callee.outcome(&admission), "Access shop/reviews all");
    let Admission::Admit(admitted) = admission else {
        panic!("must be admitted");
    };
    assert_eq!(admitted.tokens, None);
}

#[test]
fn two_tokens_are_ambiguous_and_another_scheme_is_none() {
    let callee = Callee::new(&with_claim("sub", exactly("ann")));
    let twice = [
        ("authorization", "Bearer {}"),
        ("authorization", "Bearer []"),
    ];
    let got = ask(&callee, "cart", "/", &twice, &["corp"]);
    assert_eq!(callee.outcome(&got).trim_end(), "400 bad-request");
    let basic = [("authorization", "Basic e30=")];
    let got = ask(&callee, "cart", "/", &basic, &["corp"]);
    assert_eq!(callee.outcome(&got), "401 token Mesh access.default");
}

#[test]
fn the_first_place_with_a_token_counts() {
    let mut snapshot = with_claim("sub", exactly("ann"));
    let TokenIssuer { locations, .. } = &mut snapshot.issuers[0];
    locations.push(TokenLocation::Cookie("session".into()));
    locations.push(TokenLocation::Query("t".into()));
    let callee = Callee::new(&snapshot);
    let ann = r#"{"sub": "ann"}"#;
    let cookie = format!("a=b; session={ann}");
    let got = ask(&callee, "cart", "/?t=x", &[("cookie", &cookie)], &["corp"]);
    assert_eq!(callee.outcome(&got), "Access shop/reviews sre");
    let query = "/?t=%7B%22sub%22:%22ann%22%7D";
    let got = ask(&callee, "cart", query, &[], &["corp"]);
    assert_eq!(callee.outcome(&got), "Access shop/reviews sre");
}

#[test]
fn claims_become_headers_and_the_token_stays_behind() {
    let mut snapshot = with_claim("sub", exactly("ann"));
    let claims = &mut snapshot.issuers[0].claims_to_headers;
    claims.push(("groups".into(), "x-groups".into()));
    claims.push(("missing".into(), "x-missing".into()));
    let callee = Callee::new(&snapshot);
    let Admission::Admit(admitted) = with(&callee, "cart", Some(SRE), &["corp"]) else {
        panic!("must be admitted");
    };
    let edits = admitted.tokens.unwrap();
    assert_eq!(edits.remove, ["x-groups", "x-missing", "authorization"]);
    assert_eq!(edits.set.len(), 1);
    assert_eq!(edits.set[0].value, "dev,sre");
    snapshot.issuers[0].forward = true;
    let callee = Callee::new(&snapshot);
    let Admission::Admit(admitted) = with(&callee, "cart", Some(SRE), &["corp"]) else {
        panic!("must be admitted");
    };
    assert_eq!(admitted.tokens.unwrap().remove, ["x-groups", "x-missing"]);
}

#[test]
fn a_limit_is_kept_for_each_value_of_a_claim() {
    let mut snapshot = with_claim("sub", ValueMatch::Present);
    let mut per_user = limit("one", 1, 1, &[Key::Claim("sub".into())]);
    per_user.limits[0].from = vec![with_token(Who::Anyone, "corp", &[])];
    snapshot.limits = vec![per_user];
    let callee = Callee::new(&snapshot);
    let got = |sub: &str| {
        let token = format!(r#"{{"sub": "{sub}"}}"#);
        callee.outcome(&with(&callee, "cart", Some(&token), &["corp"]))
    };
    assert_eq!(got("ann"), "Access shop/reviews sre");
    assert_eq!(got("bob"), "Access shop/reviews sre");
    assert_eq!(got("ann"), "429 rate-limit RateLimit shop/one one");
    snapshot.limits[0].limits[0].from = vec![];
    assert!(Tables::build(&snapshot).is_err());
}

#[test]
fn an_issuer_that_is_not_there_cannot_be_honoured() {
    let mut snapshot = with_claim("sub", exactly("ann"));
    snapshot.issuers.clear();
    let problems = Tables::build(&snapshot).unwrap_err();
    assert_eq!(problems[0].reason, "the issuer shop/corp is not there");
    assert_eq!(claims(SRE).get("sub").unwrap(), "ann");
}
