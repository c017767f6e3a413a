//! Every diagnostic code has a page and an example that fails with it.

use std::collections::BTreeSet;

use crate::sources::root;

fn names_below(directory: &str) -> BTreeSet<String> {
    std::fs::read_dir(root().join(directory))
        .expect("the directory exists")
        .map(|entry| {
            entry
                .expect("a readable entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

#[test]
fn every_code_has_a_page_and_a_failing_example() {
    let (pages, examples) = (
        names_below("docs/diagnostics"),
        names_below("policies-example/broken"),
    );
    for info in mesh_compiler::codes() {
        let code = info.code.to_string();
        assert!(
            pages.contains(&format!("{code}.md")),
            "docs/diagnostics/{code}.md is missing"
        );
        assert!(
            !info.page.trim().is_empty(),
            "docs/diagnostics/{code}.md is empty"
        );
        let example = examples
            .iter()
            .any(|name| name.starts_with(&format!("{code}-")));
        assert!(example, "policies-example/broken/{code}-… is missing");
    }
}

#[test]
fn no_page_and_no_example_is_about_a_code_that_does_not_exist() {
    let known: BTreeSet<_> = mesh_compiler::codes()
        .iter()
        .map(|info| info.code.to_string())
        .collect();
    let stray =
        |name: &String| name.starts_with('M') && !known.contains(name.get(..5).unwrap_or_default());
    let all = names_below("docs/diagnostics")
        .into_iter()
        .chain(names_below("policies-example/broken"));
    let strays: Vec<_> = all.filter(stray).collect();
    assert!(strays.is_empty(), "{strays:?}");
}
