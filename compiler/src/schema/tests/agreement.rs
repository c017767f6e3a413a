//! Schemas and decoders refuse the same documents, but for reasons that a schema cannot say.

use std::collections::BTreeMap;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use super::mutation::{Pool, mutations};
use super::{GOOD, documents, schema, yaml_below};
use crate::diagnostic::Diagnostic;

/// Why a decoder refuses what its schema takes: the code, and what its message says.
///
/// Each is about the inside of a text, or about two values that do not stand together.
const BEYOND_A_SCHEMA: &[(u16, &str)] = &[
    // What a text holds, and what an environment makes of it.
    (3, "may not stand in a file of intents"),
    (1002, "there is no variable"),
    // Names that differ in case only are one name.
    (8, "stands twice in this mapping"),
    // A list of texts and patterns has one text twice.
    (112, "is in this list twice"),
    // What may stand depends on what stands elsewhere in the document.
    (113, ""),
    (114, ""),
    (115, ""),
    // Texts with a grammar of their own.
    (106, "is not a path"),
    (106, "is not a host with or without a path"),
    (106, "is not an identity"),
    (106, "is not one identity"),
    (106, "is not an address"),
    (106, "is not a range of addresses"),
    (106, "is not a date"),
    (106, "is not a time"),
    (106, "is not a duration"),
    (106, "is not a size"),
    (106, "is not an origin"),
    (106, "is not a URL to fetch"),
    (106, "is not the URL of a request"),
    // Names that no header may have here.
    (106, "is not a name to use here"),
    // Bounds of a text that is a number.
    (106, "is not in range"),
    (106, "is not a share of a certificate's life"),
    (106, "is not a sum of weights"),
    // Bytes, not characters.
    (106, "is not a body"),
    // Two values that do not go together.
    (106, "is not a protocol of TLS that ends here"),
];

struct Validators(BTreeMap<String, Validator>);

impl Validators {
    fn new() -> Self {
        let compiled = super::all().into_iter().map(|(file, _)| {
            let validator = jsonschema::draft202012::new(&schema(file)).unwrap();
            (file.to_owned(), validator)
        });
        Self(compiled.collect())
    }

    fn of(&self, document: &Value) -> &Validator {
        let kind = document.get("kind").and_then(Value::as_str);
        let file = format!("{}.json", kind.unwrap_or_default().to_lowercase());
        self.0.get(&file).unwrap_or(&self.0["meshwright.json"])
    }

    /// The first thing that the schema says against it.
    fn objection(&self, document: &Value) -> Option<String> {
        let error = self.of(document).iter_errors(document).next()?;
        Some(format!("{} {error}", error.instance_path()))
    }
}

fn is_beyond(finding: &Diagnostic) -> bool {
    BEYOND_A_SCHEMA
        .iter()
        .any(|(code, says)| finding.code.0 == *code && finding.message.contains(says))
}

/// What is wrong, where the two disagree.
fn disagreement(document: &Value, validators: &Validators) -> Option<String> {
    let text = serde_json::to_string(document).unwrap();
    let findings = crate::syntax::findings(text.as_bytes());
    if validators.of(document).is_valid(document) {
        let surprising = findings.iter().find(|finding| !is_beyond(finding))?;
        let (code, message) = (surprising.code, &surprising.message);
        Some(format!(
            "only the decoder refuses, {code} {message}: {text}"
        ))
    } else if findings.is_empty() {
        let objection = validators.objection(document)?;
        Some(format!("only the schema refuses, {objection}: {text}"))
    } else {
        None
    }
}

#[track_caller]
fn check<'d>(documents: impl IntoIterator<Item = &'d Value>) -> usize {
    let validators = Validators::new();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for document in documents {
        seen += 1;
        wrong.extend(disagreement(document, &validators));
    }
    let some = wrong
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(wrong.is_empty(), "{} of {seen}:\n{some}", wrong.len());
    seen
}

/// Every document of every example, good and broken, that is YAML at all.
fn examples() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies-example");
    let mut texts = Vec::new();
    yaml_below(&root, &mut texts);
    let parse = |text: &str| serde_saphyr::from_str::<Value>(text).ok();
    let parts = texts.iter().flat_map(|text| text.split("\n---\n"));
    let found = parts.filter_map(parse).filter(Value::is_object);
    found.filter(|it| it.get("apiVersion").is_some()).collect()
}

#[test]
fn they_agree_on_every_example() {
    assert!(check(&examples()) > 200);
}

#[test]
fn they_agree_on_every_document_with_one_fault() {
    let good = documents(GOOD);
    let mut pool = Pool::default();
    for document in &good {
        pool.fill(document);
    }
    let broken: Vec<Value> = good.iter().flat_map(|it| mutations(it, &pool)).collect();
    assert!(check(&broken) > 10_000);
}
