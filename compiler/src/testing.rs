//! One way to test a diagnostic: intents with the expected code at the end of the
//! line that should carry it.

use mesh_ir::{Inventory, Timestamp};

use crate::{Compilation, Compiler, Options, SourceFile, SourceSet, render};

/// The day of every test: 2026-11-01.
pub(crate) const NOW: Timestamp = Timestamp(1_793_491_200);

const MESH: &str = "kind: Mesh\nmetadata: {name: test}\nspec: {trustDomain: test.example}\n";

/// Compiles one file and compares code and line of every finding with its
/// annotations, `# expect: M0123` at the end of a line (several with spaces
/// between) or `# expect-next: M0123` on the line before.
///
/// `apiVersion` is added to each document, and a `Mesh` where there is none.
pub(crate) fn check(text: &str) {
    check_files(&[("a.yaml", text)]);
}

/// The same with several files.
pub(crate) fn check_files(files: &[(&str, &str)]) {
    check_with(None, files);
}

/// The same with an inventory in YAML; its findings are at the path `inventory`,
/// line 1.
pub(crate) fn check_inventory(inventory: &str, text: &str) {
    check_with(Some(inventory), &[("a.yaml", text)]);
}

/// The codes that an exact set of files gives, in order.
pub(crate) fn codes_of(files: &[(&str, &str)]) -> Vec<String> {
    let compilation = compile(None, prepared(files));
    let codes = compilation.diagnostics.iter().map(|it| it.code.to_string());
    codes.collect()
}

/// The mesh of one file that has no error.
pub(crate) fn mesh_of(text: &str) -> mesh_ir::Mesh {
    let compilation = compile(None, with_mesh(prepared(&[("a.yaml", text)])));
    let report = render::concise(&compilation.diagnostics, &compilation.sources);
    compilation.mesh.unwrap_or_else(|| panic!("{report}"))
}

fn check_with(inventory: Option<&str>, files: &[(&str, &str)]) {
    let files = prepared(files);
    let mut expected: Vec<(String, u32, String)> = files
        .iter()
        .flat_map(|(path, text)| annotations(path, text))
        .chain(
            inventory
                .into_iter()
                .flat_map(|it| annotations("inventory", it)),
        )
        .collect();
    let inventory = inventory.map(|text| crate::inventory::parse(text).expect("an inventory"));
    let compilation = compile(inventory, with_mesh(files));
    let mut found: Vec<(String, u32, String)> =
        render::records(&compilation.diagnostics, &compilation.sources)
            .into_iter()
            // What the data plane can do concerns those who say so.
            .filter(|it| it.code != "M1101" || expected.iter().any(|(.., code)| code == "M1101"))
            .map(|it| (it.file, it.line, it.code))
            .collect();
    expected.sort();
    found.sort();
    let report = render::concise(&compilation.diagnostics, &compilation.sources);
    assert_eq!(found, expected, "\n{report}");
    for diagnostic in &compilation.diagnostics {
        let width = diagnostic.message.chars().count();
        assert!(width <= 80, "{width} columns: {}", diagnostic.message);
    }
}

/// Exactly these files.
pub(crate) fn prepared_set(files: &[(&str, &str)]) -> SourceSet {
    let files = prepared(files)
        .into_iter()
        .map(|(path, text)| SourceFile::new(path, text.into_bytes()));
    SourceSet {
        files: files.collect(),
        ..SourceSet::default()
    }
}

fn compile(inventory: Option<Inventory>, files: Vec<(String, String)>) -> Compilation {
    let files = files
        .into_iter()
        .map(|(path, text)| SourceFile::new(path, text.into_bytes()))
        .collect();
    let set = SourceSet {
        files,
        ignored: vec![],
        problems: vec![],
    };
    let options = Options {
        inventory,
        ..Options::at(NOW)
    };
    Compiler::new(options).compile(&set)
}

/// Adds `apiVersion` to every document.
fn prepared(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let complete = |text: &str| {
        let lines = text.lines().map(|line| {
            if line.starts_with("kind:") {
                format!("apiVersion: meshwright.dev/v1\n{line}\n")
            } else {
                format!("{line}\n")
            }
        });
        lines.collect()
    };
    files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), complete(text)))
        .collect()
}

fn with_mesh(mut files: Vec<(String, String)>) -> Vec<(String, String)> {
    if !files.iter().any(|(_, text)| text.contains("kind: Mesh")) {
        files.extend(prepared(&[("mesh.yaml", MESH)]));
    }
    files
}

/// File, line and code of each annotation.
pub(crate) fn annotations(path: &str, text: &str) -> Vec<(String, u32, String)> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for (marker, offset) in [("# expect: ", 0), ("# expect-next: ", 1)] {
            if let Some((_, codes)) = line.split_once(marker) {
                let codes = codes.split_whitespace();
                found.extend(codes.map(|code| (path.to_owned(), number + offset, code.to_owned())));
            }
        }
    }
    found
}
