//! A kind or a field of the language, from its JSON Schema.

use std::fmt::Write as _;

use serde_json::Value;

use crate::table::table;

/// The page of `Mesh`, `Mesh.defaults`, `Route.rules.to`; the error says what there is.
pub(super) fn page(schema: &Value, path: &str) -> Result<String, String> {
    let mut names = path.split('.');
    let kind = names.next().unwrap_or(path);
    let mut at = Place::of(schema, &schema["properties"]["spec"]);
    let mut known = kind.to_owned();
    for name in names {
        let Some(next) = at.field(name) else {
            let fields: Vec<_> = at.fields().iter().map(|(name, _)| name.as_str()).collect();
            return Err(format!(
                "`{known}` has no field `{name}`; it has {}",
                fields.join(", ")
            ));
        };
        at = next;
        known = format!("{known}.{name}");
    }
    Ok(at.text(path))
}

/// A place in a schema.
#[derive(Clone, Copy)]
struct Place<'a> {
    root: &'a Value,
    /// As its field describes it, before any reference is followed.
    outer: &'a Value,
    /// What it is, references and lists followed.
    inner: &'a Value,
}

impl<'a> Place<'a> {
    fn of(root: &'a Value, outer: &'a Value) -> Self {
        let mut inner = outer;
        loop {
            let name = inner["$ref"]
                .as_str()
                .and_then(|it| it.strip_prefix("#/$defs/"));
            inner = match name {
                Some(name) => &root["$defs"][name],
                None if inner["items"].is_object() => &inner["items"],
                None if inner["additionalProperties"].is_object() => &inner["additionalProperties"],
                None => return Self { root, outer, inner },
            };
        }
    }

    /// Every field, those of alternatives too, in the schema's order.
    fn fields(self) -> Vec<(&'a String, Self)> {
        let alternatives = ["oneOf", "anyOf", "allOf"];
        let alternatives = alternatives
            .iter()
            .filter_map(|it| self.inner[it].as_array());
        let inside = alternatives
            .flatten()
            .flat_map(|it| Place::of(self.root, it).fields());
        let own = self.inner["properties"].as_object();
        let own = own.into_iter().flatten();
        let own = own.map(|(name, field)| (name, Place::of(self.root, field)));
        let mut fields: Vec<_> = own.chain(inside).collect();
        fields.sort_by_key(|(name, _)| *name);
        fields.dedup_by_key(|(name, _)| *name);
        fields
    }

    fn field(self, name: &str) -> Option<Self> {
        let mut fields = self.fields().into_iter();
        fields.find(|(field, _)| *field == name).map(|it| it.1)
    }

    fn description(self) -> &'a str {
        let described = [self.outer, self.inner];
        described
            .iter()
            .find_map(|it| it["description"].as_str())
            .unwrap_or("")
    }

    /// Words that may stand here.
    fn words(self) -> Vec<&'a str> {
        let words = self.inner["enum"].as_array().into_iter().flatten();
        let choices = self.inner["oneOf"].as_array().into_iter().flatten();
        let choices = choices.filter_map(|it| it["const"].as_str());
        words.filter_map(Value::as_str).chain(choices).collect()
    }

    fn text(self, path: &str) -> String {
        let mut text = format!("{path}\n");
        let mut add = |line: &str| writeln!(text, "{line}").expect("strings take text");
        for line in self.description().lines() {
            add(&format!("  {line}"));
        }
        let words = self.words();
        if !words.is_empty() {
            add(&format!("  one of: {}", words.join(", ")));
        }
        let fields = self.fields();
        if !fields.is_empty() {
            let first = |place: Self| place.description().lines().next().unwrap_or("").to_owned();
            let rows = fields
                .iter()
                .map(|(name, place)| [format!("  {name}"), first(*place)]);
            add("");
            add(table(["  field", "says"], rows).trim_end());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({
            "properties": {"spec": {"$ref": "#/$defs/Mesh"}},
            "$defs": {
                "Mesh": {"description": "The mesh.", "properties": {
                    "defaults": {"$ref": "#/$defs/Defaults"},
                    "require": {"items": {"$ref": "#/$defs/Word"}, "description": "What must be said."}}},
                "Defaults": {"description": "Where intents are silent.\nMore of it.", "properties": {
                    "timeout": {"description": "The whole exchange."}}},
                "Word": {"enum": ["access", "team"]}}})
    }

    #[test]
    fn a_kind_lists_its_fields() {
        let expected = "\
Mesh
  The mesh.

  field     says
  defaults  Where intents are silent.
  require   What must be said.
";
        assert_eq!(page(&schema(), "Mesh").unwrap(), expected);
    }

    #[test]
    fn a_field_is_found_through_references_and_lists() {
        let text = page(&schema(), "Mesh.defaults.timeout").unwrap();
        assert_eq!(text, "Mesh.defaults.timeout\n  The whole exchange.\n");
        let text = page(&schema(), "Mesh.require").unwrap();
        assert_eq!(
            text,
            "Mesh.require\n  What must be said.\n  one of: access, team\n"
        );
    }

    #[test]
    fn a_field_that_is_not_there_names_those_that_are() {
        let text = page(&schema(), "Mesh.default").unwrap_err();
        assert_eq!(
            text,
            "`Mesh` has no field `default`; it has defaults, require"
        );
    }
}
