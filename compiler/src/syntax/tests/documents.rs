//! What the language promises of documents as a whole.

use mesh_ir::{Key, PathPattern, Timestamp};

use crate::syntax::ast::{Action, Document, Who};
use crate::syntax::testing::parsed;

fn good(text: &str) -> Vec<Document> {
    let (parsed, _) = parsed(text.as_bytes());
    assert_eq!(parsed.diagnostics, []);
    parsed.documents
}

#[test]
fn a_document_without_content_says_nothing() {
    for text in [
        "",
        "# only a comment\n",
        "---\n---\n...\n",
        "\n\n---\n# x\n",
    ] {
        let (parsed, _) = parsed(text.as_bytes());
        assert!(parsed.documents.is_empty() && parsed.broken.is_empty());
        assert_eq!(parsed.diagnostics, [], "{text}");
    }
}

#[test]
fn an_error_in_one_document_does_not_hide_those_of_the_next() {
    let (parsed, sources) = parsed(
        b"apiVersion: meshwright.dev/v1\nkind: Team\nmetadata: {name: a}\nspec: {owns: [}\n\
          ---\napiVersion: meshwright.dev/v1\nkind: Team\nmetadata: {name: b}\nspec: {owns: {mesh: yes}}\n\
          ---\napiVersion: meshwright.dev/v1\nkind: Team\nmetadata: {name: c}\nspec: {owns: {mesh: true}}\n",
    );
    let codes: Vec<_> = parsed
        .diagnostics
        .iter()
        .map(|finding| finding.code.to_string())
        .collect();
    assert_eq!(codes, ["M0004", "M0009"]);
    assert_eq!(parsed.documents.len(), 1);
    assert_eq!(parsed.documents[0].name().value.as_str(), "c");
    assert_eq!(sources.excerpt(parsed.documents[0].name().span), "c");
    let broken: Vec<_> = parsed
        .broken
        .iter()
        .map(|broken| broken.name.as_ref().map(|name| name.as_str().to_owned()))
        .collect();
    assert_eq!(broken, [None, Some("b".to_owned())]);
}

#[test]
fn every_value_keeps_its_place() {
    let text = "# é\napiVersion: meshwright.dev/v1\nkind: Access\nmetadata: {name: reviews, namespace: shop}\n\
        spec:\n  service: reviews.shop\n  allow:\n    - from: [{namespace: ops, cidr: 10.8.0.0/16}]\n\
        \x20     match: [{paths: ['/a b', /a/*]}]\n";
    let text = text.replace("'/a b', ", "");
    let (parsed, sources) = parsed(text.as_bytes());
    let [Document::Access(access)] = parsed.documents.as_slice() else {
        panic!("{:?}", parsed.diagnostics)
    };
    let rule = &access.spec.allow[0];
    assert_eq!(sources.excerpt(access.kind_span), "Access");
    assert_eq!(
        sources.excerpt(access.spec.target.scope.span()),
        "reviews.shop"
    );
    assert_eq!(
        sources.excerpt(rule.from[0].span),
        "{namespace: ops, cidr: 10.8.0.0/16}"
    );
    assert_eq!(sources.excerpt(rule.matches[0].paths[0].span), "/a/*");
    assert!(sources.excerpt(rule.span).starts_with("from: ["));
    assert!(sources.excerpt(rule.span).ends_with("/a/*]}]"));
    assert!(sources.excerpt(access.span).starts_with("apiVersion"));
    assert!(
        matches!(&rule.from[0].who, Who::Namespace(name) if sources.excerpt(name.span) == "ops")
    );
}

#[test]
fn a_grpc_match_is_the_path_that_it_stands_for() {
    let documents = good(
        "apiVersion: meshwright.dev/v1\nkind: RateLimit\nmetadata: {name: a, namespace: b}\nspec:\n  all: namespace\n\
         \x20 limits: [{match: [{grpc: [shop.v1.Reviews/*]}], per: [header:X-User, $1], rate: 10/h, scope: proxy}]\n",
    );
    let [Document::RateLimit(limits)] = documents.as_slice() else {
        panic!("{documents:?}")
    };
    let limit = &limits.spec.limits[0];
    let expected = PathPattern::parse("/shop.v1.Reviews/*").unwrap();
    assert_eq!(limit.matches[0].grpc[0].value, expected);
    assert_eq!(limit.per[0].value, Key::Header("x-user".into()));
}

#[test]
fn an_exception_on_a_day_holds_through_that_day() {
    let documents = good(
        "apiVersion: meshwright.dev/v1\nkind: Mesh\nmetadata: {name: a}\nspec:\n  trustDomain: a.example\n\
         \x20 access: {default: allow, exception: {owner: a, reason: b, expires: 1970-01-01}}\n",
    );
    let [Document::Mesh(mesh)] = documents.as_slice() else {
        panic!("{documents:?}")
    };
    let exception = mesh
        .spec
        .access
        .as_ref()
        .unwrap()
        .exception
        .as_ref()
        .unwrap();
    assert_eq!(exception.expires.value, Timestamp(86_400));
}

#[test]
fn a_rule_without_outcome_forwards() {
    let documents = good(
        "apiVersion: meshwright.dev/v1\nkind: Route\nmetadata: {name: a, namespace: b}\nspec:\n  service: a\n  rules: [{timeout: none}]\n",
    );
    let [Document::Route(route)] = documents.as_slice() else {
        panic!("{documents:?}")
    };
    let Action::Forward(forward) = &route.spec.rules[0].action else {
        panic!("{route:?}")
    };
    assert_eq!(forward.timeout.as_ref().unwrap().value, None);
}
