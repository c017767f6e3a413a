//! JSON Schemas of the intent kinds, draft 2020-12, for editors and other tools.
//!
//! Generated from types that describe the documents as written; the decoders in
//! `syntax` are the authority, and tests hold the two together. A schema describes
//! what this version supports, refuses unknown fields, and says of scalars what a
//! pattern can say; the compiler says more.

mod access;
mod answer;
mod backend;
mod balancing;
mod caller;
mod combine;
mod endpoint;
mod environment;
mod gateway;
mod invariant;
mod limit;
mod matching;
mod mesh;
mod policy_test;
mod retries;
mod rollout;
mod route;
mod scalar;
mod service;
mod team;
mod telemetry;
mod tls;
mod token;
mod unique;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// Where the schemas say that they are from.
const BASE: &str = "https://meshwright.dev/schemas/v1";

/// Every schema: its file name in `schemas/`, and its text. `meshwright.json` is for
/// any document and chooses by `kind`; the others are for one kind each.
pub fn all() -> Vec<(&'static str, String)> {
    let kinds = kinds();
    let mut schemas: Vec<(&'static str, String)> = kinds
        .iter()
        .map(|kind| (kind.file, text(kind.file, (kind.root)(), kind.name)))
        .collect();
    schemas.push((
        "meshwright.json",
        text(
            "meshwright.json",
            any_kind(&kinds),
            "An intent of Meshwright",
        ),
    ));
    schemas
}

/// A kind: its name, its file, and how its schema is made.
struct KindSchema {
    name: &'static str,
    file: &'static str,
    root: fn() -> Value,
    reference: fn(&mut SchemaGenerator) -> Schema,
}

fn kinds() -> [KindSchema; 14] {
    [
        kind::<mesh::MeshDocument>("Mesh", "mesh.json"),
        kind::<team::TeamDocument>("Team", "team.json"),
        kind::<service::ServiceDocument>("Service", "service.json"),
        kind::<route::RouteDocument>("Route", "route.json"),
        kind::<access::AccessDocument>("Access", "access.json"),
        kind::<limit::RateLimitDocument>("RateLimit", "ratelimit.json"),
        kind::<token::TokenIssuerDocument>("TokenIssuer", "tokenissuer.json"),
        kind::<gateway::GatewayDocument>("Gateway", "gateway.json"),
        kind::<gateway::ExternalServiceDocument>("ExternalService", "externalservice.json"),
        kind::<telemetry::TelemetryDocument>("Telemetry", "telemetry.json"),
        kind::<rollout::RolloutDocument>("Rollout", "rollout.json"),
        kind::<environment::EnvironmentDocument>("Environment", "environment.json"),
        kind::<invariant::InvariantDocument>("Invariant", "invariant.json"),
        kind::<policy_test::PolicyTestDocument>("PolicyTest", "policytest.json"),
    ]
}

fn kind<T: JsonSchema>(name: &'static str, file: &'static str) -> KindSchema {
    KindSchema {
        name,
        file,
        root: || generator().into_root_schema_for::<T>().to_value(),
        reference: SchemaGenerator::subschema_for::<T>,
    }
}

/// The schema of a document of any kind.
fn any_kind(kinds: &[KindSchema]) -> Value {
    let mut generator = generator();
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
    let choices: Vec<Value> = kinds
        .iter()
        .map(|kind| {
            json!({
                "if": {"properties": {"kind": {"const": kind.name}}, "required": ["kind"]},
                "then": (kind.reference)(&mut generator),
            })
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "apiVersion": {"const": "meshwright.dev/v1"},
            "kind": {"enum": names},
        },
        "required": ["apiVersion", "kind"],
        "allOf": choices,
        "$defs": generator.take_definitions(true),
    })
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(refuse_null))
        .with_transform(RecursiveTransform(drop_number_formats))
        .into_generator()
}

/// What may be left out may not be null instead.
fn refuse_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(choices)) = object.get_mut("anyOf") else {
        return;
    };
    choices.retain(|choice| *choice != json!({"type": "null"}));
    if let [Value::Object(only)] = choices.as_slice() {
        let only: Map<String, Value> = only.clone();
        object.remove("anyOf");
        for (key, value) in only {
            object.entry(key).or_insert(value);
        }
    }
}

/// `uint16` and its kin are no formats of JSON Schema; the bounds say it.
fn drop_number_formats(schema: &mut Schema) {
    let is_integer = schema.get("type") == Some(&json!("integer"));
    if is_integer {
        schema.remove("format");
    }
}

fn text(file: &str, mut schema: Value, title: &str) -> String {
    if let Value::Object(object) = &mut schema {
        object.insert("$id".to_owned(), json!(format!("{BASE}/{file}")));
        object.insert("title".to_owned(), json!(title));
    }
    unique::mark(&mut schema);
    let mut text = serde_json::to_string_pretty(&schema).expect("a JSON value can be written");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
