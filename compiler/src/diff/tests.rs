mod generated;
mod hidden;
mod kinds;
mod places;

use mesh_ir::Mesh;

use super::{ChangeKind, Diff, diff};
use crate::testing::{NOW, prepared_set};
use crate::{Compiler, Options};

pub(super) const SHOP: &str = "kind: Mesh
metadata: {name: test}
spec: {trustDomain: test.example}
---
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
kind: Service
metadata: {name: other, namespace: shop}
spec: {}
---
kind: Service
metadata: {name: ratings, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}}}
---
";

/// The mesh of a text, whatever no proxy can carry out yet.
pub(super) fn mesh(text: &str) -> Result<Mesh, String> {
    let set = prepared_set(&[("a.yaml", text)]);
    let compilation = Compiler::new(Options::at(NOW)).compile(&set);
    let report = || crate::render::concise(&compilation.diagnostics, &compilation.sources);
    compilation.mesh.clone().ok_or_else(report)
}

/// What changes from one text to another, both beside the shop.
pub(super) fn between(before: &str, after: &str) -> Diff {
    let meshes = [before, after].map(|text| mesh(&format!("{SHOP}{text}")).unwrap());
    diff(&meshes[0], &meshes[1], NOW)
}

pub(super) fn said(found: &Diff) -> Vec<(ChangeKind, String)> {
    let changes = found.changes.iter();
    changes
        .map(|it| {
            let line = format!(
                "{} -> {} {}: {} | {}",
                it.from, it.to, it.witness, it.before, it.after
            );
            (it.kind, line)
        })
        .collect()
}

/// Everything is open to `page`.
const OPEN: &str = "kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{service: page}]}]}
---
";

/// The one change between two texts.
#[track_caller]
fn one(before: &str, after: &str) -> (ChangeKind, String) {
    let found = between(before, after);
    assert_eq!(found.undecided, [], "{:?}", said(&found));
    let mut said = said(&found);
    assert_eq!(said.len(), 1, "{said:#?}");
    said.remove(0)
}

#[track_caller]
fn is(before: &str, after: &str, kind: ChangeKind, line: &str) {
    assert_eq!(one(before, after), (kind, line.to_owned()));
}
