use clap::Parser;
use serde_json::Value;

use super::*;
use crate::terminal::recorded;

const INTENTS: &str = "\
apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: shop}
spec:
  trustDomain: shop.example
  access: {default: deny}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: batch, namespace: dev}
spec: {}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: {http: 9080}
  versions: {v1: {}, v3: {}}
---
apiVersion: meshwright.dev/v1
kind: Route
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  rules:
    - name: everyone
      match: [{paths: [/reviews/**]}]
      to: [{version: v1, weight: 90}, {version: v3, weight: 10}]
      timeout: 3s
    - name: health
      match: [{paths: [/health]}]
---
apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow:
    - name: page-reads
      from: [{service: page}]
      match: [{methods: [GET], paths: [/reviews/*]}]
";

const TESTS: &str = "\
apiVersion: meshwright.dev/v1
kind: PolicyTest
metadata: {name: reviews, namespace: shop}
spec:
  cases:
    - name: the page reads
      from: {service: page}
      request: {url: http://reviews.shop/reviews/7}
      expect:
        forward: {rule: everyone, versions: {v1: 9, v3: 1}, timeout: 3s, service: reviews}
    - name: a stranger does not
      from: {namespace: dev}
      request: {url: http://reviews.shop/reviews/7}
      expect: {refuse: {status: 403, reason: not-visible}}
    - name: the page writes nothing
      from: {service: page}
      request: {method: POST, url: http://reviews.shop/reviews/7}
      expect: {refuse: {status: 403, reason: access}}
";

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

fn test(tests: &str, more: &[&str]) -> (Result<Exit, Failure>, String, String) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("mesh.yaml"), INTENTS).unwrap();
    std::fs::write(directory.path().join("tests.yaml"), tests).unwrap();
    let path = directory.path().to_str().unwrap();
    let line = ["test", path].into_iter().chain(more.iter().copied());
    let (mut terminal, out, errors) = recorded::terminal();
    let exit = run(&Line::parse_from(line).args, &mut terminal);
    (exit, out.text(), errors.text())
}

#[test]
fn cases_that_hold_are_a_yes_and_what_they_miss_is_named() {
    let (exit, out, _) = test(TESTS, &[]);
    assert_eq!(exit.unwrap(), Exit::Success, "{out}");
    let expected = "\
rules that no case reaches:
  mesh.yaml:35  Route shop/reviews health

3 cases hold; 2 of 3 rules reached
";
    assert_eq!(out, expected);
    let (exit, ..) = test(TESTS, &["--deny", "uncovered"]);
    assert_eq!(exit.unwrap(), Exit::Findings);
}

#[test]
fn a_case_that_fails_says_what_came_out_and_who_decided() {
    let tests = TESTS
        .replace("timeout: 3s", "timeout: 2s")
        .replace("v1: 9,", "v1: 8,");
    let (exit, out, _) = test(&tests, &[]);
    assert_eq!(exit.unwrap(), Exit::Findings);
    let expected = "\
failed shop/reviews: the page reads  (tests.yaml:6)
  caller     spiffe://shop.example/ns/shop/sa/page
  versions
    expected v1 8, v3 1
    got      v1 90, v3 10
  timeout
    expected 2s
    got      3s
  decided by Route shop/reviews everyone (mesh.yaml:31)
    caller  normal form: fine
";
    assert!(out.starts_with(expected), "{out}");
    assert!(out.contains("1 of 3 cases failed"), "{out}");
}

#[test]
fn an_outcome_that_differs_is_all_that_is_said() {
    let tests = TESTS.replace("from: {namespace: dev}", "from: {service: page}");
    let (_, out, _) = test(&tests, &[]);
    assert!(
        out.contains("  outcome\n    expected refuse\n    got      forward\n"),
        "{out}"
    );
    assert!(!out.contains("status"), "{out}");
}

#[test]
fn json_and_junit_tell_the_same() {
    let tests = TESTS.replace("timeout: 3s", "timeout: 2s");
    let (exit, out, errors) = test(&tests, &["--format", "json"]);
    assert_eq!(exit.unwrap(), Exit::Findings);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["cases"][0]["result"], "failed");
    assert_eq!(report["cases"][1]["result"], "passed");
    let mismatch = serde_json::json!({"what": "timeout", "expected": "2s", "got": "3s"});
    assert_eq!(report["cases"][0]["failure"]["mismatches"][0], mismatch);
    assert_eq!(report["cases"][0]["failure"]["rule"]["line"], 31);
    assert_eq!(report["coverage"]["reached"], 2);
    assert_eq!(report["mutants"], Value::Null);
    assert!(errors.contains("1 of 3 cases failed"), "{errors}");
    let (_, out, _) = test(&tests, &["--format", "junit"]);
    assert!(
        out.contains(r#"<testsuite name="shop/reviews" tests="3" failures="1""#),
        "{out}"
    );
    assert!(
        out.contains(r#"message="timeout: expected 2s, got 3s""#),
        "{out}"
    );
    let (_, out, _) = test(&tests, &["--format", "github"]);
    assert!(out.starts_with("::error file=tests.yaml,line=6,"), "{out}");
}

#[test]
fn a_word_that_no_case_has_is_no_yes() {
    let (exit, _, _) = test(TESTS, &["--only", "strangre"]);
    assert!(matches!(exit, Err(Failure::Question(_))));
}

#[test]
fn only_some_cases_are_asked_where_words_are_said() {
    let (_, out, _) = test(TESTS, &["--only", "stranger", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["cases"].as_array().unwrap().len(), 1);
    assert_eq!(report["cases"][0]["name"], "a stranger does not");
}

#[test]
fn faults_that_no_case_notices_are_listed() {
    let (exit, out, _) = test(TESTS, &["--mutate", "--format", "json"]);
    assert_eq!(exit.unwrap(), Exit::Success);
    let report: Value = serde_json::from_str(&out).unwrap();
    let missed = report["mutants"]["missed"].as_array().unwrap();
    let missed: Vec<&str> = missed
        .iter()
        .map(|it| it["what"].as_str().unwrap())
        .collect();
    let has = |what: &str| missed.contains(&what);
    assert!(
        has("rule health of Route shop/reviews: dropped"),
        "{missed:#?}"
    );
    assert!(
        has("allow entry page-reads of Access shop/reviews: paths widened"),
        "{missed:#?}"
    );
    // What the cases look at is noticed.
    for noticed in [
        "rule everyone of Route shop/reviews: dropped",
        "rule everyone of Route shop/reviews: weights swapped",
        "rule everyone of Route shop/reviews: timeout forgotten",
        "allow entry page-reads of Access shop/reviews: dropped",
        "allow entry page-reads of Access shop/reviews: anyone may call",
        "allow entry page-reads of Access shop/reviews: any method",
    ] {
        assert!(!has(noticed), "{noticed}");
    }
    let (exit, ..) = test(TESTS, &["--mutate", "--deny", "mutants"]);
    assert_eq!(exit.unwrap(), Exit::Findings);
}

#[test]
fn a_case_that_can_never_be_asked_ends_the_run() {
    let tests = TESTS.replace("{service: page}", "{service: nobody}");
    let (exit, _, errors) = test(&tests, &[]);
    assert!(matches!(exit, Err(Failure::Question(_))));
    assert!(errors.contains("M1301"), "{errors}");
}
