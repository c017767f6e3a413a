//! The value that holds at the end, and where it comes from: the document, the defaults of
//! its namespace or of the mesh, or what is built in; and what environments make of it.

use super::cursor::{Step, follow};
use super::index::{Declared, Index, field, text};
use super::text_of;
use crate::diagnostic::{FileId, Span};
use crate::source_set::SourceFile;
use crate::syntax::{Node, NodeKind, trees};

/// What `Mesh.defaults` sets, and what holds where it is silent.
const BUILT_IN: [(&str, &str); 6] = [
    ("connectTimeout", "1s"),
    ("timeout", "15s"),
    ("streamIdleTimeout", "5m"),
    ("idleTimeout", "1h"),
    (
        "retries",
        "{attempts: 2, retryOn: [connect-failure, refused-stream], budget: 20%}",
    ),
    ("loadBalancing", "{policy: least-request}"),
];

/// A value as it is written somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) value: String,
    /// `file:line`, or what is built in.
    pub(super) origin: String,
}

/// What the defaults that apply to an object say, field by field; those that its own
/// `spec` states are taken from there.
pub(super) fn defaults(
    index: &Index,
    file: &SourceFile,
    spec: Option<&Node<'_>>,
    namespace: &str,
) -> Vec<(&'static str, Written)> {
    let each = BUILT_IN.into_iter().map(|(name, built_in)| {
        let own = spec.and_then(|it| written(file, field(it, name)?));
        let inherited = || of_mesh(index, namespace, name);
        let value = own.or_else(inherited).unwrap_or_else(|| Written {
            value: built_in.to_owned(),
            origin: "built in".to_owned(),
        });
        (name, value)
    });
    each.collect()
}

/// What `Mesh` says of a default, for one namespace.
fn of_mesh(index: &Index, namespace: &str, name: &str) -> Option<Written> {
    let (file, _) = index.of_kind("Mesh").next()?;
    let trees = trees(FileId(0), file);
    let mesh = trees.iter().find(|it| is_kind(it, "Mesh"))?;
    let spec = field(mesh, "spec")?;
    let of_namespace = || {
        let block = field(field(spec, "namespaces")?, namespace)?;
        field(field(block, "defaults")?, name)
    };
    let of_all = || field(field(spec, "defaults")?, name);
    written(file, of_namespace().or_else(of_all)?)
}

/// What each environment writes over a value, with its name.
pub(super) fn patched(
    index: &Index,
    object: &Declared,
    document: &Node<'_>,
    steps: &[Step],
) -> Vec<(String, Written)> {
    let Some(steps) = steps.strip_prefix(&[Step::Key("spec".to_owned())]) else {
        return vec![];
    };
    let mut found = Vec::new();
    for (file, environment) in index.of_kind("Environment") {
        let trees = trees(FileId(0), file);
        let named = |tree: &&Node<'_>| {
            let name = field(tree, "metadata").and_then(|it| text(field(it, "name")?));
            is_kind(tree, "Environment") && name.is_some_and(|it| it.0 == environment.name)
        };
        let patches = trees.iter().find(named);
        let patches = patches.and_then(|it| field(field(it, "spec")?, "patches"));
        let Some(NodeKind::List(patches)) = patches.map(|it| &it.kind) else {
            continue;
        };
        for patch in patches.iter().filter(|it| targets(it, object)) {
            let merged = field(patch, "merge");
            let value = merged.and_then(|it| merged_at(it, document, steps));
            if let Some(value) = value.and_then(|it| written(file, it)) {
                found.push((environment.name.clone(), value));
            }
        }
    }
    found
}

fn targets(patch: &Node<'_>, object: &Declared) -> bool {
    let target = field(patch, "target");
    let is = |name: &str, wanted: Option<&str>| {
        let written = target.and_then(|it| text(field(it, name)?));
        written.as_ref().map(|it| it.0.as_str()) == wanted
    };
    is("kind", Some(&object.kind))
        && is("name", Some(&object.name))
        && is("namespace", object.namespace.as_deref())
}

/// The value of a patch that is merged where steps lead in a document: mappings by key,
/// entries of lists by `name`.
fn merged_at<'n, 'a>(
    merge: &'n Node<'a>,
    document: &Node<'_>,
    steps: &[Step],
) -> Option<&'n Node<'a>> {
    let mut original = field(document, "spec")?;
    let mut merge = merge;
    for step in steps {
        let next = follow(original, step)?;
        merge = match step {
            Step::Key(_) => follow(merge, step)?,
            Step::Item(_) => {
                let (name, _) = text(field(next, "name")?)?;
                let NodeKind::List(items) = &merge.kind else {
                    return None;
                };
                let is_it = |it: &&Node<'_>| {
                    let of = field(it, "name").and_then(text);
                    of.is_some_and(|of| of.0 == name)
                };
                items.iter().find(is_it)?
            }
        };
        original = next;
    }
    Some(merge)
}

fn is_kind(tree: &Node<'_>, kind: &str) -> bool {
    field(tree, "kind")
        .and_then(text)
        .is_some_and(|it| it.0 == kind)
}

/// A node as text on one line, and its place.
pub(super) fn written(file: &SourceFile, node: &Node<'_>) -> Option<Written> {
    let source = text_of(file)?;
    let Span { start, end, .. } = node.span;
    let value = source.get(start as usize..end as usize)?;
    let line = source[..start as usize].matches('\n').count() + 1;
    Some(Written {
        value: value.split_whitespace().collect::<Vec<_>>().join(" "),
        origin: format!("{}:{line}", file.path),
    })
}
