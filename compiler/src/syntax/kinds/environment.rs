use mesh_ir::Kind;

use crate::syntax::ast::{Environment, FileGlob, Named, Patch, Spanned};
use crate::syntax::codes::{empty, needless_namespace};
use crate::syntax::decode::scalar::{parsed, word};
use crate::syntax::decode::{Fields, Shape, entries, map_of};
use crate::syntax::node::{Node, NodeKind};
use crate::syntax::overlay::owned;
use crate::syntax::report::{Read, Report, Reported};
use crate::syntax::values::{any_text, name, name_key};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of an Environment",
    fields: &["variables", "exclude", "patches"],
};

pub(in crate::syntax) const PATCH: Shape = Shape {
    what: "an entry of `patches`",
    fields: &["target", "merge"],
};

pub(in crate::syntax) const PATCH_TARGET: Shape = Shape {
    what: "`target` of a patch",
    fields: &["kind", "name", "namespace"],
};

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Environment> {
    let mut fields = Fields::open_empty(node, &SPEC, report)?;
    let variables = fields.optional("variables", variables);
    let exclude = fields.list("exclude", file_glob);
    let patches = fields.list("patches", patch);
    fields.end()?;
    Ok(Environment {
        variables: variables?.unwrap_or_default(),
        exclude: exclude?,
        patches: patches?,
    })
}

fn variables(node: &Node<'_>, report: &mut Report) -> Read<Vec<Named<String>>> {
    map_of(node, report, |key, value, report| {
        let name = name_key(key, report);
        let value = any_text(value, report);
        let name = name?;
        Ok(Named {
            name: Spanned::new(name.value.as_str().to_owned(), name.span),
            value: value?,
        })
    })
}

fn file_glob(node: &Node<'_>, report: &mut Report) -> Read<Spanned<FileGlob>> {
    parsed(node, report, "a pattern of files", |text| {
        FileGlob::parse(text).ok_or(
            "write it as `teams/labs/**` or `teams/*/draft.yaml`, from the directory of intents",
        )
    })
}

fn patch(node: &Node<'_>, report: &mut Report) -> Read<Patch> {
    let mut fields = Fields::open(node, &PATCH, report)?;
    let target = fields.required("target", target);
    let merge = fields.required("merge", merge);
    fields.end()?;
    let Target {
        kind,
        name,
        namespace,
    } = target?;
    Ok(Patch {
        kind,
        name,
        namespace,
        merge: merge?,
        span: node.span,
    })
}

struct Target {
    kind: Spanned<Kind>,
    name: Spanned<mesh_ir::Name>,
    namespace: Option<Spanned<mesh_ir::Name>>,
}

fn target(node: &Node<'_>, report: &mut Report) -> Read<Target> {
    let mut fields = Fields::open(node, &PATCH_TARGET, report)?;
    let kind = fields.required("kind", |node, report| word(node, report, &patched_kinds()));
    let found = fields.required("name", name);
    let namespace = match &kind {
        Ok(kind) if kind.value.has_namespace() => fields.required("namespace", name).map(Some),
        Ok(kind) => fields.optional("namespace", |node, report| {
            Err(report.push(needless_namespace::error(node, kind.value, true)))
        }),
        Err(Reported) => fields.optional("namespace", name),
    };
    fields.end()?;
    Ok(Target {
        kind: kind?,
        name: found?,
        namespace: namespace?,
    })
}

/// An environment changes every kind but its own.
pub(in crate::syntax) fn patched_kinds() -> Vec<(&'static str, Kind)> {
    let kinds = Kind::ALL.into_iter();
    let others = kinds.filter(|kind| *kind != Kind::Environment);
    others.map(|kind| (kind.as_str(), kind)).collect()
}

/// Kept as written: what it says is judged where it is merged.
fn merge(node: &Node<'_>, report: &mut Report) -> Read<Node<'static>> {
    if entries(node, report)?.is_empty() {
        return Err(report.push(empty::mapping(node.span)));
    }
    if holds_reported(node) {
        return Err(Reported);
    }
    Ok(owned(node))
}

fn holds_reported(node: &Node<'_>) -> bool {
    match &node.kind {
        NodeKind::Scalar(_) => false,
        NodeKind::List(items) => items.iter().any(holds_reported),
        NodeKind::Map(entries) => entries.iter().any(|entry| holds_reported(&entry.value)),
        NodeKind::Reported => true,
    }
}
