//! Which package may reach which, on the resolved graph of normal and build dependencies.

use std::collections::BTreeSet;
use std::process::Command;

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
    (
        "mesh",
        &["mesh-source", "mesh-xds", "mesh-operator", "mesh-proxy"],
    ),
];

/// What must not be reached, however far away.
const WALLS: [(&[&str], &[&str]); 2] = [
    (
        &[
            "mesh-identity",
            "mesh-ir",
            "mesh-decide",
            "mesh-xds",
            "mesh-compiler",
        ],
        &["tokio", "tonic", "git2", "hyper", "reqwest"],
    ),
    (
        &["mesh-proxy"],
        &[
            "mesh-compiler",
            "mesh-source",
            "mesh-operator",
            "git2",
            "envoy-types",
        ],
    ),
];

/// One cryptography provider, one clock library.
const NOWHERE: [&str; 3] = ["ring", "native-tls", "chrono"];

/// Everything that a package reaches by normal and build dependencies, with the
/// features that a build of it turns on.
fn reach(name: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--offline",
            "--package",
            name,
            "--edges",
            "normal,build",
        ])
        .args(["--target", "all", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tree = String::from_utf8(output.stdout).expect("UTF-8");
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names
        .filter(|reached| *reached != name)
        .map(str::to_owned)
        .collect()
}

fn allowed(name: &str) -> BTreeSet<String> {
    let direct = ARROWS
        .iter()
        .find(|(package, _)| *package == name)
        .map_or(&[][..], |(_, to)| to);
    direct
        .iter()
        .flat_map(|to| allowed(to).into_iter().chain([(*to).to_owned()]))
        .collect()
}

#[test]
fn packages_reach_only_what_the_arrows_allow() {
    let ours: BTreeSet<_> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (name, _) in ARROWS {
        let reached: BTreeSet<_> = reach(name).intersection(&ours).cloned().collect();
        let extra: Vec<_> = reached.difference(&allowed(name)).cloned().collect();
        assert!(
            extra.is_empty(),
            "{name} reaches {extra:?}, which no arrow allows"
        );
    }
}

#[test]
fn nothing_pure_reaches_a_runtime_and_no_proxy_reaches_the_compiler() {
    for (packages, forbidden) in WALLS {
        for package in packages {
            let reached = reach(package);
            let through: Vec<_> = forbidden
                .iter()
                .filter(|name| reached.contains(**name))
                .collect();
            assert!(through.is_empty(), "{package} reaches {through:?}");
        }
    }
}

#[test]
fn there_is_one_cryptography_provider() {
    let reached = reach("mesh");
    let found: Vec<_> = NOWHERE
        .iter()
        .filter(|name| reached.contains(**name))
        .collect();
    assert!(found.is_empty(), "the tree holds {found:?}");
}
