mod agreement;
mod described;
mod mutation;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::all;

/// One document of every kind, with every field.
const GOOD: &str = include_str!("../syntax/testing/every_field.yaml");

fn schema(file: &str) -> Value {
    let found = all().into_iter().find(|(name, _)| *name == file);
    let (_, text) = found.unwrap_or_else(|| panic!("no {file}"));
    serde_json::from_str(&text).unwrap()
}

fn documents(text: &str) -> Vec<Value> {
    text.split("\n---\n")
        .map(|document| serde_saphyr::from_str(document).unwrap())
        .collect()
}

fn file_of(document: &Value) -> String {
    let kind = document["kind"].as_str().unwrap().to_lowercase();
    format!("{kind}.json")
}

#[track_caller]
fn check(document: &Value, expected: bool) {
    for file in [file_of(document), "meshwright.json".to_owned()] {
        let validator = jsonschema::draft202012::new(&schema(&file)).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors.is_empty(), expected, "{file}: {errors:?} {document}");
    }
}

#[test]
fn the_schemas_take_every_field_of_the_language() {
    let documents = documents(GOOD);
    let kinds: BTreeSet<String> = documents.iter().map(file_of).collect();
    assert_eq!(kinds.len(), mesh_ir::Kind::ALL.len());
    for document in &documents {
        check(document, true);
    }
}

#[test]
fn the_schemas_refuse_what_the_compiler_refuses() {
    let service = json!({
        "apiVersion": "meshwright.dev/v1",
        "kind": "Service",
        "metadata": {"name": "a", "namespace": "b"},
        "spec": {"ports": {"http": 80}},
    });
    check(&service, true);
    let broken = [
        ("/apiVersion", json!("meshwright.dev/v2")),
        ("/metadata/name", json!("A")),
        ("/metadata", json!({"name": "a"})),
        ("/metadata", json!({"name": "a", "namespace": null})),
        (
            "/metadata",
            json!({"name": "a", "namespace": "b", "owner": "c"}),
        ),
        ("/spec", json!({"port": 80})),
        ("/spec", json!({"accounts": []})),
        ("/spec", json!({"ports": {"http": "80"}})),
        ("/spec", json!({"ports": {"http": 65536}})),
        ("/spec", json!({"ports": {}})),
        ("/spec", json!({"probes": {"http": ["/healthz/**"]}})),
        ("/spec", json!({"loadBalancing": {"policy": "maglev"}})),
        ("/spec", json!(null)),
    ];
    for (pointer, value) in broken {
        let mut document = service.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        check(&document, false);
    }
}

#[test]
fn an_unknown_kind_is_refused() {
    let validator = jsonschema::draft202012::new(&schema("meshwright.json")).unwrap();
    assert!(!validator.is_valid(&json!({"apiVersion": "meshwright.dev/v1", "kind": "Servce"})));
}

/// The names of the properties of every object that a schema defines.
fn shapes(value: &Value, found: &mut BTreeSet<BTreeSet<String>>) {
    if let Some(Value::Object(properties)) = value.get("properties")
        && value.get("additionalProperties") == Some(&json!(false))
    {
        found.insert(properties.keys().cloned().collect());
    }
    match value {
        Value::Object(object) => object.values().for_each(|value| shapes(value, found)),
        Value::Array(items) => items.iter().for_each(|value| shapes(value, found)),
        _ => {}
    }
}

#[test]
fn the_schemas_and_the_decoders_have_the_same_fields() {
    let mut described = BTreeSet::new();
    shapes(&schema("meshwright.json"), &mut described);
    // A schema can say that a kind has no namespace; the decoder reads one to say so better.
    let global = ["annotations", "labels", "name"].map(str::to_owned);
    described.remove(&BTreeSet::from(global));
    let decoded: BTreeSet<BTreeSet<String>> = crate::syntax::shapes()
        .map(|fields| fields.iter().map(|field| (*field).to_owned()).collect())
        .collect();
    let only_described: Vec<_> = described.difference(&decoded).collect();
    let only_decoded: Vec<_> = decoded.difference(&described).collect();
    assert!(
        only_described.is_empty(),
        "only in the schema: {only_described:?}"
    );
    assert!(
        only_decoded.is_empty(),
        "only in the decoder: {only_decoded:?}"
    );
}

/// The text of every file below a directory of the repository that ends in `.yaml`.
#[expect(
    clippy::disallowed_methods,
    reason = "a test may read the examples; the compiler itself gets its files as values"
)]
fn yaml_below(directory: &std::path::Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_below(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "yaml") {
            // One of the broken examples is not even text.
            found.extend(String::from_utf8(std::fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn every_example_fits_its_schema() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies-example");
    let mut texts = Vec::new();
    for name in ["shop", "minimal"] {
        yaml_below(&examples.join(name), &mut texts);
    }
    let documents: Vec<Value> = texts.iter().flat_map(|text| documents(text)).collect();
    let intents = documents.iter().filter(|it| it.get("kind").is_some());
    assert!(intents.map(|document| check(document, true)).count() > 10);
}
