//! The ready pipelines of `policies-example/ci`, run as they stand there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use mesh_tests::{Repository, mesh_binary};
use serde_json::Value;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../policies-example/ci")
        .join(name)
}

fn yaml(name: &str) -> Value {
    let text = std::fs::read_to_string(file(name)).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// A repository with the shop below `intents/`, and a directory that has `mesh` in it.
struct Scratch {
    repository: Repository,
    tools: tempfile::TempDir,
    base: String,
}

/// How a step went: its exit code and what it printed.
type Went = (i32, String);

impl Scratch {
    fn new() -> Self {
        let repository = Repository::empty();
        let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies-example/shop");
        copy(&shop, &repository.path().join("intents"));
        let base = repository.commit("as it is");
        let tools = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(mesh_binary(), tools.path().join("mesh")).unwrap();
        Self {
            repository,
            tools,
            base,
        }
    }

    /// Runs a script in the work tree with a shell, as the system of a pipeline does.
    fn sh(&self, shell: &[&str], script: &str, env: &BTreeMap<String, String>) -> Went {
        let path = format!(
            "{}:/usr/local/bin:/usr/bin:/bin",
            self.tools.path().display()
        );
        let output = Command::new(shell[0])
            .args(&shell[1..])
            .arg(script)
            .current_dir(self.repository.path())
            .env_clear()
            .env("PATH", path)
            .env("NO_COLOR", "1")
            .envs(env)
            .output()
            .unwrap();
        let mut text = String::from_utf8(output.stdout).unwrap();
        text.push_str(&String::from_utf8(output.stderr).unwrap());
        (output.status.code().unwrap(), text)
    }

    /// Every step of the workflow that calls `mesh`, by its name.
    fn github(&self) -> BTreeMap<String, Went> {
        let workflow = yaml(".github/workflows/mesh.yml");
        let summary = self.tools.path().join("summary.md");
        let mut env = variables(&workflow["env"]);
        env.insert("BASE".to_owned(), self.base.clone());
        env.insert(
            "GITHUB_STEP_SUMMARY".to_owned(),
            summary.display().to_string(),
        );
        let steps = workflow["jobs"]["intents"]["steps"].as_array().unwrap();
        let mut went = BTreeMap::new();
        for step in steps {
            let name = step["name"].as_str().unwrap_or_default();
            if let Some(script) = step["run"].as_str().filter(|_| name != "Install") {
                let bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"];
                went.insert(name.to_owned(), self.sh(&bash, script, &env));
            }
        }
        went
    }

    /// Every job of the pipeline, by its name.
    fn gitlab(&self) -> BTreeMap<String, Went> {
        let pipeline = yaml(".gitlab-ci.yml");
        let mut env = variables(&pipeline["variables"]);
        let base = self.base.clone();
        env.insert("CI_MERGE_REQUEST_DIFF_BASE_SHA".to_owned(), base);
        let jobs = pipeline.as_object().unwrap();
        let jobs = jobs
            .iter()
            .filter_map(|(name, job)| Some((name, job["script"].as_array()?)));
        jobs.map(|(name, script)| {
            let lines: Vec<&str> = script.iter().map(|it| it.as_str().unwrap()).collect();
            // The shell of the image may be the plainest: nothing may need `pipefail`.
            let script = format!("set -e\n{}", lines.join("\n"));
            (name.clone(), self.sh(&["sh", "-c"], &script, &env))
        })
        .collect()
    }

    /// The hook, on everything that is not yet committed.
    fn hook(&self) -> Went {
        let none = BTreeMap::new();
        let (code, text) = self.sh(&["sh", "-c"], "git add -A", &none);
        assert_eq!(code, 0, "{text}");
        let hook = file("pre-commit").display().to_string();
        self.sh(&["sh"], &hook, &none)
    }
}

fn variables(env: &Value) -> BTreeMap<String, String> {
    let env = env.as_object().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    env.map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

const REVIEWS: &str = "intents/teams/web/reviews.yaml";
const READS: &str = "      match: [{methods: [GET], paths: [/reviews/*]}]";

fn codes(went: &BTreeMap<String, Went>) -> Vec<(&str, i32)> {
    let steps = went.iter();
    steps
        .map(|(name, (code, _))| (name.as_str(), *code))
        .collect()
}

const GITHUB: [&str; 4] = ["Check", "Check, for code scanning", "Diff", "Test"];
const GITLAB: [&str; 3] = ["check", "diff", "test"];

#[track_caller]
fn all<const N: usize>(names: [&'static str; N], fails: &[&str], went: &BTreeMap<String, Went>) {
    let expected: Vec<_> = names
        .map(|name| (name, i32::from(fails.contains(&name))))
        .into();
    assert_eq!(codes(went), expected, "{went:#?}");
}

#[test]
fn a_change_that_changes_nothing_passes_everywhere() {
    let scratch = Scratch::new();
    let text = std::fs::read_to_string(scratch.repository.path().join(REVIEWS)).unwrap();
    scratch
        .repository
        .write(REVIEWS, &format!("# moved\n\n{text}"));
    all(GITHUB, &[], &scratch.github());
    all(GITLAB, &[], &scratch.gitlab());
    let (code, said) = scratch.hook();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("no behavioural change"), "{said}");
    let quality = std::fs::read(scratch.repository.path().join("gl-code-quality.json")).unwrap();
    let quality: Value = serde_json::from_slice(&quality).unwrap();
    assert!(quality.is_array());
}

#[test]
fn what_opens_something_waits_for_somebody() {
    let scratch = Scratch::new();
    let opened = READS.replace("[GET]", "[GET, PATCH]");
    scratch.repository.replace(REVIEWS, READS, &opened);
    let went = scratch.github();
    all(GITHUB, &["Diff"], &went);
    assert!(went["Diff"].1.contains("PATCH"), "{}", went["Diff"].1);
    all(GITLAB, &["diff"], &scratch.gitlab());
    let (code, said) = scratch.hook();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("PATCH"), "{said}");
}

#[test]
fn a_test_that_fails_is_shown_at_its_case() {
    let scratch = Scratch::new();
    scratch
        .repository
        .replace(REVIEWS, "timeout: 3s", "timeout: 2s");
    let went = scratch.github();
    all(GITHUB, &["Test"], &went);
    let said = &went["Test"].1;
    assert!(
        said.starts_with("::error file=intents/teams/web/tests.yaml,line="),
        "{said}"
    );
    assert!(said.contains("expected 3s, got 2s"), "{said}");
    let went = scratch.gitlab();
    all(GITLAB, &["test"], &went);
    let report = std::fs::read_to_string(scratch.repository.path().join("mesh-test.xml")).unwrap();
    assert!(
        report.contains("<failure message=\"timeout: expected 3s, got 2s\""),
        "{report}"
    );
    assert_eq!(scratch.hook().0, 1);
}

#[test]
fn what_does_not_compile_is_shown_at_its_line() {
    let scratch = Scratch::new();
    scratch
        .repository
        .replace(REVIEWS, "{version: v2}", "{version: v9}");
    let line = scratch.repository.line_of(REVIEWS, "version: v9");
    let went = scratch.github();
    assert_eq!(went["Check"].0, 1, "{went:#?}");
    let at = format!("file={REVIEWS},line={line},");
    assert!(went["Check"].1.contains(&at), "{}", went["Check"].1);
    assert_eq!(went["Check, for code scanning"].0, 0);
    let log = std::fs::read(scratch.repository.path().join("mesh.sarif")).unwrap();
    let log: Value = serde_json::from_slice(&log).unwrap();
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], REVIEWS);
    assert_eq!((went["Test"].0, went["Diff"].0), (2, 2), "{went:#?}");
    assert_eq!(scratch.gitlab()["check"].0, 1);
    assert_eq!(scratch.hook().0, 1);
}

#[test]
fn a_commit_that_mends_a_broken_one_is_not_held_up() {
    let scratch = Scratch::new();
    let repository = &scratch.repository;
    repository.replace(REVIEWS, "{version: v2}", "{version: v9}");
    repository.commit("a slip");
    repository.replace(REVIEWS, "{version: v9}", "{version: v2}");
    let (code, said) = scratch.hook();
    assert_eq!(code, 0, "{said}");
}

#[test]
fn nothing_that_a_stranger_writes_is_run_by_the_workflow() {
    let workflow = yaml(".github/workflows/mesh.yml");
    assert!(workflow["on"].get("pull_request_target").is_none());
    assert_eq!(
        workflow["permissions"],
        serde_json::json!({"contents": "read"})
    );
    let steps = workflow["jobs"]["intents"]["steps"].as_array().unwrap();
    for step in steps {
        let script = step["run"].as_str().unwrap_or_default();
        assert!(!script.contains("${{"), "{script}");
        if let Some(action) = step["uses"].as_str() {
            let (_, version) = action.split_once('@').unwrap();
            let is_commit = version.len() == 40 && version.bytes().all(|it| it.is_ascii_hexdigit());
            assert!(is_commit, "{action}");
        }
    }
}
