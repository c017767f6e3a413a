//! Which package may reach which, on the resolved graph of normal and build dependencies.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

use crate::sources::root;

/// The arrows of the design, package → what it depends on directly.
const ARROWS: [(&str, &[&str]); 9] = [
    ("mesh-identity", &[]),
    ("mesh-ir", &["mesh-identity"]),
    ("mesh-decide", &["mesh-ir"]),
    ("mesh-xds", &["mesh-ir"]),
    ("mesh-compiler", &["mesh-decide"]),
    ("mesh-source", &["mesh-compiler"]),
    ("mesh-operator", &["mesh-source", "mesh-xds"]),
    ("mesh-proxy", &["mesh-decide", "mesh-xds"]),
    ("mesh", &["mesh-source", "mesh-xds", "mesh-operator", "mesh-proxy"]),
];

/// What must not be reached, however far away.
const WALLS: [(&[&str], &[&str]); 2] = [
    (
        &["mesh-identity", "mesh-ir", "mesh-decide", "mesh-xds", "mesh-compiler"],
        &["tokio", "tonic", "git2", "hyper", "reqwest"],
    ),
    (&["mesh-proxy"], &["mesh-compiler", "mesh-source", "mesh-operator", "git2", "envoy-types"]),
];

/// One cryptography provider, one clock library.
const NOWHERE: [&str; 3] = ["ring", "native-tls", "chrono"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--locked".to_owned(), "--offline".to_owned()])
        .exec()
        .expect("`cargo metadata` answers")
}

/// Everything that a package reaches, itself left out.
fn reach(metadata: &Metadata, name: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let edges: BTreeMap<&PackageId, Vec<&PackageId>> = resolve
        .nodes
        .iter()
        .map(|node| {
            let shipped = node.deps.iter().filter(|dep| {
                dep.dep_kinds
                    .iter()
                    .any(|kind| matches!(kind.kind, DependencyKind::Normal | DependencyKind::Build))
            });
            (&node.id, shipped.map(|dep| &dep.pkg).collect())
        })
        .collect();
    let start = &metadata.packages.iter().find(|p| p.name.as_str() == name).expect("a package of the workspace").id;
    let (mut seen, mut left) = (BTreeSet::new(), vec![start]);
    while let Some(id) = left.pop() {
        for next in &edges[id] {
            if seen.insert(*next) {
                left.push(next);
            }
        }
    }
    seen.into_iter().map(|id| metadata[id].name.to_string()).collect()
}

fn allowed(name: &str) -> BTreeSet<String> {
    let direct = ARROWS.iter().find(|(package, _)| *package == name).map_or(&[][..], |(_, to)| to);
    direct.iter().flat_map(|to| allowed(to).into_iter().chain([(*to).to_owned()])).collect()
}

#[test]
fn packages_reach_only_what_the_arrows_allow() {
    let metadata = metadata();
    let ours: BTreeSet<_> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (name, _) in ARROWS {
        let reached: BTreeSet<_> = reach(&metadata, name).intersection(&ours).cloned().collect();
        let extra: Vec<_> = reached.difference(&allowed(name)).cloned().collect();
        assert!(extra.is_empty(), "{name} reaches {extra:?}, which no arrow allows");
    }
}

#[test]
fn nothing_pure_reaches_a_runtime_and_no_proxy_reaches_the_compiler() {
    let metadata = metadata();
    for (packages, forbidden) in WALLS {
        for package in packages {
            let reached = reach(&metadata, package);
            let through: Vec<_> = forbidden.iter().filter(|name| reached.contains(**name)).collect();
            assert!(through.is_empty(), "{package} reaches {through:?}");
        }
    }
}

#[test]
fn there_is_one_cryptography_provider() {
    let metadata = metadata();
    let reached = reach(&metadata, "mesh");
    let found: Vec<_> = NOWHERE.iter().filter(|name| reached.contains(**name)).collect();
    assert!(found.is_empty(), "the tree holds {found:?}");
}
