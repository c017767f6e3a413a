//! No import cycle among the top-level modules of a crate.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::Visit;

use crate::sources::{Module, PACKAGES, flatten, is_test_only, modules, re_exports, root};

/// The paths that start with `crate` or `super`, outside test-only items.
#[derive(Default)]
struct Paths(Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test_only(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test_only(&item.attrs) {
            flatten(&item.tree, &mut vec![], &mut self.0);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.push(
            path.segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect(),
        );
        syn::visit::visit_path(self, path);
    }
}

/// The top-level module that a path leads to, seen from `from`.
fn top_level(
    path: &[String],
    from: &[String],
    re_exports: &BTreeMap<String, String>,
) -> Option<String> {
    let first = path.first()?;
    let name = match first.as_str() {
        "crate" => path.get(1)?,
        "super" => {
            let up = path
                .iter()
                .take_while(|segment| *segment == "super")
                .count();
            match from.len().checked_sub(up)? {
                0 => path.get(up)?,
                _ => from.first()?,
            }
        }
        _ => return None,
    };
    Some(re_exports.get(name).unwrap_or(name).clone())
}

fn edges(modules: &[Module]) -> BTreeMap<String, BTreeSet<String>> {
    let crate_root = modules
        .iter()
        .find(|module| module.path.is_empty())
        .expect("a crate has a root");
    let re_exports = re_exports(&crate_root.items);
    let names: BTreeSet<_> = modules
        .iter()
        .filter_map(|module| module.path.first().cloned())
        .collect();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for module in modules.iter().filter(|module| !module.path.is_empty()) {
        let mut paths = Paths::default();
        module.items.iter().for_each(|item| paths.visit_item(item));
        let targets = paths
            .0
            .iter()
            .filter_map(|path| top_level(path, &module.path, &re_exports));
        let own = &module.path[0];
        edges
            .entry(own.clone())
            .or_default()
            .extend(targets.filter(|to| to != own && names.contains(to)));
    }
    edges
}

/// One cycle, if there is any.
fn cycle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        at: &str,
        edges: &BTreeMap<String, BTreeSet<String>>,
        trail: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = trail.iter().position(|name| name == at) {
            return Some(trail[start..].to_vec());
        }
        if !done.insert(at.to_owned()) {
            return None;
        }
        trail.push(at.to_owned());
        let found = edges
            .get(at)
            .into_iter()
            .flatten()
            .find_map(|next| walk(next, edges, trail, done));
        trail.pop();
        found
    }
    let mut done = BTreeSet::new();
    edges
        .keys()
        .find_map(|start| walk(start, edges, &mut vec![], &mut done))
}

#[test]
fn the_top_level_modules_of_a_crate_have_no_import_cycle() {
    for package in PACKAGES {
        let modules = modules(&root().join(package).join("src/lib.rs"), false);
        if let Some(cycle) = cycle(&edges(&modules)) {
            panic!("{package}: {} → {}", cycle.join(" → "), cycle[0]);
        }
    }
}

#[test]
fn a_cycle_is_found_and_a_line_is_not() {
    let graph = |pairs: &[(&str, &str)]| {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in pairs {
            edges
                .entry((*from).to_owned())
                .or_default()
                .insert((*to).to_owned());
        }
        edges
    };
    assert_eq!(cycle(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    assert!(cycle(&graph(&[("a", "b"), ("b", "c"), ("c", "b")])).is_some());
}
