use std::path::Path;
use std::process::Command;

use clap::Parser as _;

use super::*;
use crate::terminal::recorded;

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

const MESH: &str = "apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: shop}
spec: {trustDomain: shop.example}
";

const SERVICES: &str = "apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}}}
---
apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow:
    - from: [{service: page}]
      match: [{methods: [GET]}]
";

fn written(directory: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = directory.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn run_line(line: &[&str]) -> (Result<Exit, Failure>, String) {
    let (mut terminal, out, _) = recorded::terminal();
    let line = ["diff"].iter().chain(line);
    let args = Line::try_parse_from(line).unwrap().args;
    let exit = run(&args, &mut terminal);
    (exit, out.text())
}

fn opened() -> String {
    SERVICES.replace("methods: [GET]", "methods: [GET, POST]")
}

fn compare(after: &str, more: &[&str]) -> (Exit, String) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    written(root, &[("a/mesh.yaml", MESH), ("a/shop.yaml", SERVICES)]);
    written(root, &[("b/mesh.yaml", MESH), ("b/shop.yaml", after)]);
    let (a, b) = (root.join("a"), root.join("b"));
    let line = [&[a.to_str().unwrap(), b.to_str().unwrap()], more].concat();
    let (exit, out) = run_line(&line);
    (exit.unwrap(), out)
}

#[test]
fn what_is_opened_is_said_with_a_request_and_the_lines() {
    let (exit, out) = compare(&opened(), &[]);
    let expected = "opened: page.shop -> reviews.shop
    POST http://reviews.shop/
    - refused: no allow entry
    + allowed
    base mesh.yaml:1
    head shop.yaml:17

1 opened
workloads: shop/reviews
";
    assert_eq!((exit, out.as_str()), (Exit::Findings, expected));
}

#[test]
fn the_exit_code_is_about_what_is_asked() {
    let kinds = |kinds| compare(&opened(), &["--fail-on", kinds]).0;
    assert_eq!(kinds("opened"), Exit::Findings);
    assert_eq!(kinds("closed,plaintext,undecided"), Exit::Success);
}

#[test]
fn a_refactor_is_no_change() {
    let moved = format!("# moved\n{SERVICES}");
    let (exit, out) = compare(&moved, &[]);
    assert_eq!(
        (exit, out.as_str()),
        (Exit::Success, "no behavioural change\n")
    );
    let (_, out) = compare(&moved, &["--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let nothing = serde_json::json!({"changes": [], "undecided": [], "workloads": []});
    assert_eq!(found, nothing);
}

#[test]
fn json_has_exactly_the_fields_of_the_contract() {
    let (_, out) = compare(&opened(), &["-o", "json"]);
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let expected = serde_json::json!({
        "changes": [{
            "kind": "opened",
            "from": "page.shop",
            "to": "reviews.shop",
            "witness": {
                "method": "POST", "url": "http://reviews.shop/", "headers": {}, "claims": {},
            },
            "before": "refused: no allow entry",
            "after": "allowed",
            "lines": {"base": ["mesh.yaml:1"], "head": ["shop.yaml:17"]},
        }],
        "undecided": [],
        "workloads": ["shop/reviews"],
    });
    assert_eq!(found, expected);
}

#[test]
fn a_comment_says_the_most_important_first() {
    let (_, out) = compare(&opened(), &["--format", "markdown"]);
    let expected = "**Behaviour:** 1 opened; 1 workload affected.

| | from | to | request | before | after |
|---|---|---|---|---|---|
| **opened** | page.shop | reviews.shop | `POST http://reviews.shop/` | refused: no allow entry | allowed |
";
    assert!(out.starts_with(expected), "{out}");
    let (_, out) = compare(&opened(), &["--format", "github"]);
    assert!(out.starts_with("::warning file=shop.yaml,line=17"), "{out}");
    let (_, out) = compare(&opened(), &["--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "opened");
}

#[test]
fn revisions_are_compared_with_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let git = |line: &[&str]| {
        let done = Command::new("git").args(line).current_dir(root).output();
        assert!(done.unwrap().status.success(), "{line:?}");
    };
    written(root, &[("in/mesh.yaml", MESH), ("in/shop.yaml", SERVICES)]);
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    let who = ["-c", "user.name=a", "-c", "user.email=a@b.example"];
    git(&[&who[..], &["commit", "-q", "-m", "first"]].concat());
    let intents = root.join("in");
    let intents = intents.to_str().unwrap();
    let (exit, out) = run_line(&["-C", intents]);
    assert_eq!(
        (exit.unwrap(), out.as_str()),
        (Exit::Success, "no behavioural change\n")
    );
    written(root, &[("in/shop.yaml", &opened())]);
    let (exit, out) = run_line(&["main", "-C", intents]);
    assert_eq!(exit.unwrap(), Exit::Findings, "{out}");
    git(&["add", "."]);
    git(&[&who[..], &["commit", "-q", "-m", "second"]].concat());
    let (exit, _) = run_line(&["HEAD~1", "HEAD", "-C", intents]);
    assert_eq!(exit.unwrap(), Exit::Findings);
    let (exit, _) = run_line(&["nobody", "-C", intents]);
    assert!(exit.is_err());
}

#[test]
fn with_the_merge_base_the_other_branch_takes_no_part() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let git = |line: &[&str]| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@b.example"];
        let mut command = Command::new("git");
        let done = command.current_dir(root).args(who).args(line).output();
        assert!(done.unwrap().status.success(), "{line:?}");
    };
    let commit = |files: &[(&str, &str)]| {
        written(root, files);
        git(&["add", "."]);
        git(&["commit", "-q", "--allow-empty", "-m", "one"]);
    };
    git(&["init", "-q", "-b", "main"]);
    commit(&[("mesh.yaml", MESH), ("shop.yaml", SERVICES)]);
    git(&["checkout", "-q", "-b", "change"]);
    commit(&[("note.txt", "nothing of ours")]);
    git(&["checkout", "-q", "main"]);
    commit(&[("shop.yaml", &opened())]);
    git(&["checkout", "-q", "change"]);
    let root = root.to_str().unwrap();
    for head in [&["main", "change"][..], &["main"]] {
        let (exit, _) = run_line(&[head, &["-C", root]].concat());
        assert_eq!(exit.unwrap(), Exit::Findings);
        let (exit, out) = run_line(&[head, &["-C", root, "--merge-base"]].concat());
        assert_eq!(exit.unwrap(), Exit::Success, "{out}");
    }
}

#[test]
fn an_environment_of_one_side_alone_is_undecided() {
    let environments = |names: &[&str]| -> String {
        let environment = |name: &&str| {
            format!(
                "---\napiVersion: meshwright.dev/v1\nkind: Environment\nmetadata: {{name: {name}}}\nspec: {{}}\n"
            )
        };
        names.iter().map(environment).collect()
    };
    let compared = |base: &[&str], head: &[&str]| {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for (side, names) in [("a", base), ("b", head)] {
            let mesh = format!("{MESH}{}", environments(names));
            written(
                &root.join(side),
                &[("mesh.yaml", &mesh), ("s.yaml", SERVICES)],
            );
        }
        let (a, b) = (root.join("a"), root.join("b"));
        let (exit, out) = run_line(&[a.to_str().unwrap(), b.to_str().unwrap()]);
        (exit.unwrap(), out)
    };
    let none = "no behavioural change";
    for (base, head, said) in [
        (&["prod"][..], &["prod", "test"][..], "`test` is new"),
        (&["prod", "test"], &["prod"], "`test` is gone"),
        (&["prod"], &["test"], "`prod` is gone"),
        (&[], &["prod", "test"], none),
        (&["prod", "test"], &[], none),
        (&["prod"], &["prod"], none),
    ] {
        let (exit, out) = compared(base, head);
        assert!(out.contains(said), "{base:?} {head:?}: {out}");
        let expected = if said == none {
            Exit::Success
        } else {
            Exit::Findings
        };
        assert_eq!(exit, expected, "{out}");
    }
}

#[test]
fn a_side_that_does_not_compile_cannot_be_compared() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    written(root, &[("a/mesh.yaml", MESH), ("b/mesh.yaml", "kind: [")]);
    let (a, b) = (root.join("a"), root.join("b"));
    let (exit, _) = run_line(&[a.to_str().unwrap(), b.to_str().unwrap()]);
    assert!(matches!(exit, Err(Failure::Question(_))));
}
