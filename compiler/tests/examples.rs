//! Every broken example fails exactly as annotated, and every code has one.
#![expect(clippy::disallowed_methods, reason = "tests read the examples")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use mesh_compiler::policy_test::{CaseResult, Filter, run};
use mesh_compiler::{
    Compilation, Compiler, Options, ProblemKind, SourceFile, SourceProblem, SourceSet, codes,
    render,
};
use mesh_ir::Timestamp;

/// 2026-11-01.
const NOW: Timestamp = Timestamp(1_793_491_200);

type Finding = (String, u32, String);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file below a directory, sorted, by its path relative to it.
fn files_below(directory: &Path) -> Vec<(String, PathBuf)> {
    fn walk(directory: &Path, prefix: &str, out: &mut Vec<(String, PathBuf)>) {
        for entry in fs::read_dir(directory).expect("a directory") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("UTF-8");
            let path = format!("{prefix}{name}");
            if entry.file_type().expect("a type").is_dir() {
                walk(&entry.path(), &format!("{path}/"), out);
            } else {
                out.push((path, entry.path()));
            }
        }
    }
    let mut out = Vec::new();
    walk(directory, "", &mut out);
    out.sort();
    out
}

fn is_intents(path: &str) -> bool {
    let extension = Path::new(path).extension();
    extension.is_some_and(|it| it == "yaml" || it == "yml")
}

fn compile(directory: &Path) -> Compilation {
    compile_in_order(directory, |_| {})
}

/// Compiles a directory whose files come in another order.
fn compile_in_order(directory: &Path, reorder: impl Fn(&mut Vec<SourceFile>)) -> Compilation {
    let mut set = SourceSet::default();
    let mut inventory = None;
    for (path, full) in files_below(directory) {
        let is_link = full.symlink_metadata().expect("a file").is_symlink();
        if is_intents(&path) && is_link {
            set.problems.push(SourceProblem {
                path,
                kind: ProblemKind::Symlink,
            });
        } else if is_intents(&path) {
            let content = fs::read(full).expect("a file");
            set.files.push(SourceFile::new(path, content));
        } else if path == "inventory" {
            let text = fs::read_to_string(full).expect("a file");
            inventory = Some(mesh_compiler::inventory::parse(&text).expect("an inventory"));
        } else {
            set.ignored.push(path);
        }
    }
    let options = Options {
        inventory,
        ..Options::at(NOW)
    };
    reorder(&mut set.files);
    Compiler::new(options).compile(&set)
}

fn found(compilation: &Compilation) -> Vec<Finding> {
    let records = render::records(&compilation.diagnostics, &compilation.sources);
    let mut found: Vec<Finding> = records
        .into_iter()
        .map(|it| (it.file, it.line, it.code))
        .collect();
    found.sort();
    found.dedup();
    found
}

fn annotated(directory: &Path) -> Vec<Finding> {
    let mut expected = Vec::new();
    for (path, full) in files_below(directory) {
        let is_link = full.symlink_metadata().expect("a file").is_symlink();
        if is_link || !(is_intents(&path) || path == "inventory") {
            continue;
        }
        let text = fs::read(full).expect("a file");
        let text = String::from_utf8_lossy(&text);
        for (number, line) in (1..).zip(text.lines()) {
            // For a path that cannot be annotated itself.
            if let Some((_, elsewhere)) = line.split_once("# expect-path: ") {
                let (path, code) = elsewhere.split_once(": ").expect("a path and a code");
                expected.push((path.to_owned(), 1, code.to_owned()));
            }
            for (marker, offset) in [("# expect: ", 0), ("# expect-next: ", 1)] {
                let codes = line.split_once(marker).map_or("", |(_, codes)| codes);
                let codes = codes.split_whitespace();
                expected.extend(codes.map(|it| (path.clone(), number + offset, it.to_owned())));
            }
        }
    }
    expected.sort();
    expected.dedup();
    expected
}

fn broken() -> Vec<(String, PathBuf)> {
    repositories("policies-example/broken")
}

/// What tasks of Istio's documentation show.
fn istio() -> Vec<(String, PathBuf)> {
    repositories("policies-example/istio")
}

/// The directories in a directory, sorted, each with its name.
fn repositories(directory: &str) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(root().join(directory)).expect("the examples");
    let mut all: Vec<(String, PathBuf)> = entries
        .map(|it| it.expect("an entry"))
        .filter(|it| it.path().is_dir())
        .map(|it| (it.file_name().into_string().expect("UTF-8"), it.path()))
        .collect();
    all.sort();
    all
}

#[test]
fn every_broken_example_fails_exactly_as_annotated() {
    let mut wrong = String::new();
    for (name, directory) in broken() {
        let compilation = compile(&directory);
        let (mut found, expected) = (found(&compilation), annotated(&directory));
        // What the data plane can do concerns those who say so.
        let concerns = expected.iter().any(|it| it.2 == "M1101");
        found.retain(|it| it.2 != "M1101" || concerns);
        if found != expected {
            let report = render::concise(&compilation.diagnostics, &compilation.sources);
            writeln!(wrong, "{name}: expected {expected:?}, found\n{report}").expect("a string");
        }
        let code = name.split('-').next().expect("a first part");
        if !found.iter().any(|it| it.2 == code) {
            writeln!(wrong, "{name}: does not show {code}").expect("a string");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_working_examples_have_no_finding() {
    for name in ["minimal", "shop"] {
        let compilation = compile(&root().join("policies-example").join(name));
        let report = render::concise(&compilation.diagnostics, &compilation.sources);
        assert!(
            compilation.mesh.is_some() && report.is_empty(),
            "{name}:\n{report}"
        );
    }
}

#[test]
fn the_tasks_of_istio_ask_for_nothing_wrong() {
    for (name, directory) in istio() {
        let compilation = compile(&directory);
        let (found, expected) = (found(&compilation), annotated(&directory));
        let report = render::concise(&compilation.diagnostics, &compilation.sources);
        assert_eq!(found, expected, "{name}:\n{report}");
        // What the data plane cannot do yet has a meaning all the same.
        assert!(found.iter().all(|it| it.2 == "M1101"), "{name}:\n{report}");
        assert!(compilation.mesh.is_some(), "{name}");
    }
}

#[test]
fn the_tests_of_policy_in_the_examples_hold() {
    let mut all = istio();
    all.push(("shop".to_owned(), root().join("policies-example/shop")));
    for (name, directory) in all {
        let compilation = compile(&directory);
        let mesh = compilation.mesh.as_ref().expect("a mesh");
        let tests = &compilation.tests;
        let report = run(mesh, tests, &compilation.sources, NOW, &Filter::default());
        for case in report.cases {
            let holds = matches!(case.result, CaseResult::Passed { .. });
            assert!(holds, "{name}: {}: {:#?}", case.name, case.result);
        }
    }
}

#[test]
fn the_order_of_files_carries_no_meaning() {
    let mut directories: Vec<PathBuf> = broken().into_iter().map(|it| it.1).collect();
    directories.push(root().join("policies-example/shop"));
    for directory in directories {
        let sorted = compile(&directory);
        for turn in 1..4 {
            let shuffled = compile_in_order(&directory, |files| {
                files.reverse();
                let middle = turn % files.len().max(1);
                files.rotate_left(middle);
            });
            assert_eq!(shuffled.mesh, sorted.mesh, "{}", directory.display());
            assert_eq!(shuffled.diagnostics, sorted.diagnostics);
        }
    }
}

#[test]
fn every_code_has_a_page_and_a_broken_example() {
    let broken = broken();
    for info in codes() {
        let code = info.code.to_string();
        let heading = format!("# {code}: {}\n", info.title);
        assert!(info.page.starts_with(&heading), "{code}: {heading}");
        let example = format!("{code}-");
        assert!(broken.iter().any(|it| it.0.starts_with(&example)), "{code}");
    }
    assert!(codes().is_sorted_by(|a, b| a.code < b.code));
}

#[test]
fn messages_fit_eighty_columns_and_end_without_a_full_stop() {
    for (name, directory) in broken() {
        for diagnostic in compile(&directory).diagnostics {
            let message = diagnostic.message;
            assert!(message.chars().count() <= 80, "{name}: {message}");
            assert!(!message.ends_with('.'), "{name}: {message}");
        }
    }
}
