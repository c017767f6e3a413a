#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use mesh_ir::Kind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::scalar::{GlobalMetadata, NAME, Name, document};

document!(
    /// What differs in one cluster or stage.
    EnvironmentDocument,
    "Environment",
    GlobalMetadata,
    Environment
);

/// Variables, files that are left out, and patches.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Environment {
    /// What `$(name)` stands for, in values that are text.
    #[schemars(extend(
        "minProperties" = 1,
        "propertyNames" = {"pattern": NAME, "maxLength": 63},
    ))]
    variables: Option<BTreeMap<String, String>>,
    /// Files that are not compiled for it: `teams/labs/**`, `teams/*/draft.yaml`.
    #[schemars(
        length(min = 1),
        inner(regex(
            pattern = r"^(\*\*|(\*|(?!\.{1,2}(/|$))[^*/]+)(/(\*|(?!\.{1,2}(/|$))[^*/]+))*(/\*\*)?)$"
        ))
    )]
    exclude: Option<Vec<String>>,
    /// What is merged into documents.
    #[schemars(length(min = 1))]
    patches: Option<Vec<Patch>>,
}

/// What is merged into one document.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Patch {
    /// Which.
    target: PatchTarget,
    /// Into its `spec`: mappings by key, named entries by name, everything else in place of what was there.
    #[schemars(extend("type" = "object", "minProperties" = 1))]
    merge: Merged,
}

/// The kinds with a namespace, or without.
fn kinds(with_namespace: bool) -> Vec<&'static str> {
    let kinds = Kind::ALL.into_iter();
    let others = kinds.filter(|kind| *kind != Kind::Environment);
    others
        .filter(|kind| kind.has_namespace() == with_namespace)
        .map(Kind::as_str)
        .collect()
}

/// One document.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "if" = {"properties": {"kind": {"enum": kinds(true)}}},
        "then" = {"required": ["namespace"]},
        "else" = {"not": {"required": ["namespace"]}},
    )
)]
struct PatchTarget {
    /// What it is; every kind but `Environment`.
    #[schemars(extend("enum" = [kinds(false), kinds(true)].concat()))]
    kind: String,
    /// What it is called.
    name: Name,
    /// Where it lives, of the kinds that have one.
    namespace: Option<Name>,
}

/// Anything but null: it is judged where it is merged.
struct Merged;

impl JsonSchema for Merged {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Merged".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Anything but null: it is judged where it is merged.",
            "type": ["string", "number", "boolean", "array", "object"],
            "items": {"$ref": "#/$defs/Merged"},
            "additionalProperties": {"$ref": "#/$defs/Merged"},
        })
    }
}
