//! No source file that no `mod` reaches.

use std::collections::BTreeSet;

use crate::sources::{PACKAGES, crate_roots, modules, root, rust_files};

#[test]
fn every_source_file_is_reached_by_a_mod() {
    for package in PACKAGES.iter().chain(&["tests", "xtask"]) {
        let package = root().join(package);
        let reached: BTreeSet<_> = crate_roots(&package)
            .iter()
            .flat_map(|root| modules(root, true))
            .map(|module| module.file)
            .collect();
        let orphans: Vec<_> = rust_files(&package.join("src"))
            .into_iter()
            .filter(|file| !reached.contains(file))
            .collect();
        assert!(orphans.is_empty(), "no `mod` reaches {orphans:?}");
    }
}

#[test]
fn modules_are_named_by_their_own_file() {
    for package in PACKAGES {
        let old_style: Vec<_> = rust_files(&root().join(package))
            .into_iter()
            .filter(|file| file.file_name().is_some_and(|name| name == "mod.rs"))
            .collect();
        assert!(
            old_style.is_empty(),
            "{old_style:?}: write `name.rs` beside `name/`"
        );
    }
}
