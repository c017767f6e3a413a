use clap::Parser as _;

use super::*;
use crate::terminal::recorded;

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

const SHOP: &str = "apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: shop}
spec: {trustDomain: shop.example}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: payments, namespace: pay}
spec: {ports: {http: 80}}
---
apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: payments, namespace: pay}
spec: {service: payments, allow: [{from: [{service: page.shop}], match: [{methods: [GET]}]}]}
";

fn proved(before: &str, after: &str, line: &[&str]) -> (Exit, String) {
    let (exit, out, _) = asked(before, after, line);
    (exit.unwrap(), out)
}

/// How it ends, the answer, and what is said beside it.
fn asked(before: &str, after: &str, line: &[&str]) -> (Result<Exit, Failure>, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let mut sides = vec![];
    for (name, text) in [("a", before), ("b", after)] {
        let side = directory.path().join(name);
        std::fs::create_dir(&side).unwrap();
        std::fs::write(side.join("shop.yaml"), text).unwrap();
        sides.push(side.to_str().unwrap().to_owned());
    }
    let (mut terminal, out, errors) = recorded::terminal();
    let line = ["prove"].iter().chain(line).map(|it| match *it {
        "BASE" => sides[0].as_str(),
        "HEAD" => sides[1].as_str(),
        word => word,
    });
    let args = Line::try_parse_from(line).unwrap().args;
    let exit = run(&args, &mut terminal);
    (exit, out.text(), errors.text())
}

#[test]
fn what_is_true_of_nothing_is_no_proof() {
    let ask = |from: &str, to: &str, method: &str| {
        let line = [
            "--never", "--from", from, "--to", to, "--method", method, "BASE",
        ];
        asked(SHOP, SHOP, &line)
    };
    assert!(matches!(
        ask("ns/shop", "payments.pay", "GET").0,
        Ok(Exit::Findings)
    ));
    for (to, method) in [
        ("payments.pay", "get"),
        ("payments.pay", ""),
        ("payments.pay", "GE T"),
        ("ns/pya", "GET"),
    ] {
        let (exit, _, _) = ask("ns/shop", to, method);
        assert!(matches!(exit, Err(Failure::Question(_))), "{to} {method}");
    }
    // Callers may be of accounts that no service has: it is proved, and said.
    let (exit, out, said) = ask("ns/dev", "payments.pay", "GET");
    assert!(matches!(exit, Ok(Exit::Success)));
    assert_eq!(out, "proved\n");
    assert_eq!(said, "note: no service is in the namespace `dev`\n");
}

#[test]
fn a_refactor_is_equal_and_an_opening_does_not_narrow() {
    let wide = SHOP.replace("[GET]", "[GET, POST]");
    let exit = |before: &str, after: &str, what| proved(before, after, &[what, "BASE", "HEAD"]).0;
    assert_eq!(
        exit(SHOP, &format!("# moved\n{SHOP}"), "--equal"),
        Exit::Success
    );
    assert_eq!(exit(SHOP, &wide, "--equal"), Exit::Findings);
    assert_eq!(exit(SHOP, &wide, "--only-narrows"), Exit::Findings);
    assert_eq!(exit(&wide, SHOP, "--only-narrows"), Exit::Success);
}

#[test]
fn a_claim_is_proved_or_refuted_with_a_request() {
    let claim = |line: &[&str]| proved(SHOP, SHOP, line);
    let never = [
        "--never",
        "--from",
        "ns/dev",
        "--to",
        "payments.pay",
        "BASE",
    ];
    assert_eq!(claim(&never), (Exit::Success, "proved\n".to_owned()));
    let never = [
        "--never",
        "--from",
        "ns/shop",
        "--to",
        "pay/payments",
        "BASE",
    ];
    let expected = "page.shop -> payments.pay
    GET http://payments.pay/
    allowed
    shop.yaml:19

refuted
";
    assert_eq!(claim(&never), (Exit::Findings, expected.to_owned()));
    let post = [&never[..], &["--method", "POST"]].concat();
    assert_eq!(claim(&post).0, Exit::Success);
    let always = [
        "--always",
        "--from",
        "page.shop",
        "--to",
        "payments.pay",
        "BASE",
    ];
    assert_eq!(claim(&always).0, Exit::Findings);
    let gets = [&always[..], &["--method", "GET", "-o", "json"]].concat();
    let (exit, out) = claim(&gets);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (exit, &report["proof"]),
        (Exit::Success, &serde_json::json!("proved"))
    );
}
