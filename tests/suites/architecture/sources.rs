//! The repository's own source files, read once and parsed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::{Attribute, Item};

/// The packages that are shipped, by directory; `tests/` and `xtask/` are free.
pub(crate) const PACKAGES: [&str; 9] = [
    "core/identity",
    "core/ir",
    "core/decide",
    "core/xds",
    "compiler",
    "source",
    "operator",
    "proxy",
    "cli",
];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the repository")
        .to_owned()
}

/// Every `.rs` file below a directory, sorted, generated ones left out.
pub(crate) fn rust_files(below: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut left = vec![below.to_owned()];
    while let Some(directory) = left.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else {
            continue;
        };
        for entry in entries.map(|e| e.expect("a readable directory").path()) {
            if entry.is_dir() && entry.file_name().is_some_and(|n| n != "generated") {
                left.push(entry);
            } else if entry.extension().is_some_and(|e| e == "rs") {
                found.push(entry);
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn parse(file: &Path) -> syn::File {
    let text = std::fs::read_to_string(file).expect("a readable source file");
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Whether an item is compiled for tests only.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|argument| argument == "test")
    })
}

/// A module reached from a crate's root: its path within the crate and its file.
pub(crate) struct Module {
    pub(crate) path: Vec<String>,
    pub(crate) file: PathBuf,
    pub(crate) items: Vec<Item>,
}

/// Follows `mod name;` from a root file; test-only modules are followed where asked.
pub(crate) fn modules(root: &Path, with_tests: bool) -> Vec<Module> {
    let mut reached = vec![];
    let directory = root
        .parent()
        .expect("a file lies in a directory")
        .to_owned();
    follow(
        root.to_owned(),
        vec![],
        &directory,
        with_tests,
        &mut reached,
    );
    reached
}

fn follow(
    file: PathBuf,
    path: Vec<String>,
    children: &Path,
    with_tests: bool,
    reached: &mut Vec<Module>,
) {
    let items = parse(&file).items;
    for item in &items {
        let Item::Mod(module) = item else { continue };
        if module.content.is_some() || (!with_tests && is_test_only(&module.attrs)) {
            continue;
        }
        let name = module.ident.to_string();
        let beside = children.join(format!("{name}.rs"));
        let inside = children.join(&name).join("mod.rs");
        let child = if beside.exists() { beside } else { inside };
        let mut child_path = path.clone();
        child_path.push(name.clone());
        if child.exists() {
            follow(
                child,
                child_path,
                &children.join(&name),
                with_tests,
                reached,
            );
        }
    }
    reached.push(Module { path, file, items });
}

/// The root files of a package: its library and its binaries.
pub(crate) fn crate_roots(package: &Path) -> Vec<PathBuf> {
    let source = package.join("src");
    let mut roots: Vec<_> = ["lib.rs", "main.rs"]
        .iter()
        .map(|name| source.join(name))
        .filter(|file| file.exists())
        .collect();
    roots.extend(rust_files(&source.join("bin")));
    roots.extend(
        rust_files(&package.join("tests"))
            .into_iter()
            .filter(|f| f.parent() == Some(&package.join("tests"))),
    );
    roots
}

/// Where each name that a crate's root re-exports comes from: name → top-level module.
pub(crate) fn re_exports(items: &[Item]) -> BTreeMap<String, String> {
    let mut map = BTreeMap::new();
    for item in items {
        let Item::Use(item) = item else { continue };
        let mut paths = vec![];
        flatten(&item.tree, &mut vec![], &mut paths);
        for path in paths {
            let start = usize::from(
                path.first()
                    .is_some_and(|first| first == "crate" || first == "self"),
            );
            if let (Some(module), Some(name)) = (path.get(start), path.last()) {
                map.insert(name.clone(), module.clone());
            }
        }
    }
    map
}

/// The full paths of a use tree; a renamed import ends in its new name.
pub(crate) fn flatten(tree: &syn::UseTree, prefix: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    match tree {
        syn::UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            flatten(&path.tree, prefix, paths);
            prefix.pop();
        }
        syn::UseTree::Name(name) => paths.push([&prefix[..], &[name.ident.to_string()]].concat()),
        syn::UseTree::Rename(rename) => {
            paths.push([&prefix[..], &[rename.ident.to_string()]].concat());
        }
        syn::UseTree::Glob(_) => paths.push(prefix.clone()),
        syn::UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| flatten(tree, prefix, paths)),
    }
}
