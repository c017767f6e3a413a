use std::collections::BTreeSet;

use serde_json::Value;

use super::Vocabulary;

/// What may stand at one place of a document.
#[derive(Debug, Clone, Copy)]
pub struct Place<'v> {
    vocabulary: &'v Vocabulary,
    /// The schema of its kind: what references are relative to.
    root: &'v Value,
    /// As its field describes it.
    outer: &'v Value,
    /// References followed.
    inner: &'v Value,
}

const ALTERNATIVES: [&str; 3] = ["oneOf", "anyOf", "allOf"];

impl<'v> Place<'v> {
    pub(super) fn new(vocabulary: &'v Vocabulary, root: &'v Value, outer: &'v Value) -> Self {
        let mut inner = outer;
        while let Some(name) = definition(inner) {
            inner = &root["$defs"][name];
        }
        Self {
            vocabulary,
            root,
            outer,
            inner,
        }
    }

    fn at(self, outer: &'v Value) -> Self {
        Self::new(self.vocabulary, self.root, outer)
    }

    /// Itself, and what else may stand there instead.
    fn readings(self) -> Vec<Self> {
        let lists = ALTERNATIVES
            .iter()
            .filter_map(|it| self.inner[it].as_array());
        let others = lists.flatten().flat_map(|it| self.at(it).readings());
        std::iter::once(self).chain(others).collect()
    }

    /// The fields of the mapping that may stand here, in the order of the language.
    pub fn fields(self) -> Vec<(&'v str, Self)> {
        let mut fields: Vec<(&'v str, Self)> = Vec::new();
        for reading in self.readings() {
            let own = reading.inner["properties"].as_object();
            for (name, field) in own.into_iter().flatten() {
                if fields.iter().all(|(known, _)| known != name) {
                    fields.push((name, reading.at(field)));
                }
            }
        }
        fields.sort_by_key(|(name, _)| *name);
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        if let Some(order) = self.vocabulary.order_of(&names) {
            let place = |name: &str| order.iter().position(|it| *it == name);
            fields.sort_by_key(|(name, _)| place(name));
        }
        fields
    }

    /// One field of the mapping that may stand here.
    pub fn field(self, name: &str) -> Option<Self> {
        self.readings().into_iter().find_map(|reading| {
            let field = reading.inner["properties"].get(name)?;
            Some(reading.at(field))
        })
    }

    /// The value of a key that the author chooses.
    pub fn chosen(self) -> Option<Self> {
        let value = |it: Self| {
            let value = &it.inner["additionalProperties"];
            value.is_object().then(|| it.at(value))
        };
        self.readings().into_iter().find_map(value)
    }

    /// An entry of the list that may stand here.
    pub fn item(self) -> Option<Self> {
        let value = |it: Self| it.inner.get("items").map(|items| it.at(items));
        self.readings().into_iter().find_map(value)
    }

    /// What stands under a key: of a field, or of a key that the author chose.
    pub fn step(self, key: &str) -> Option<Self> {
        self.field(key).or_else(|| self.chosen())
    }

    /// The place with fields that one means by naming this: entries of lists, and the
    /// values of chosen keys.
    #[must_use]
    pub fn inside(self) -> Self {
        let mut place = self;
        // Other types that hold themselves do so through a field, so this ends.
        while place.fields().is_empty() && !place.holds_itself() {
            match place.item().or_else(|| place.chosen()) {
                Some(next) => place = next,
                None => break,
            }
        }
        place
    }

    /// What the field says, else what its type is.
    pub fn description(self) -> &'v str {
        let described = [self.outer, self.inner];
        let mut texts = described.iter().filter_map(|it| it["description"].as_str());
        texts.next().unwrap_or_default()
    }

    /// What its type is, where the field has words of its own.
    pub fn type_description(self) -> Option<&'v str> {
        self.outer.get("description")?;
        let text = self.inner["description"].as_str()?;
        (text != self.description()).then_some(text)
    }

    /// What it is if it is left out, where that is always the same.
    pub fn default(self) -> Option<String> {
        let value = self
            .outer
            .get("default")
            .or_else(|| self.inner.get("default"))?;
        Some(match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }

    /// Whether the field has to be there.
    pub fn requires(self, name: &str) -> bool {
        let mut required = self.inner["required"].as_array().into_iter().flatten();
        required.any(|it| it == name)
    }

    /// Words that may stand here; perhaps not the only ones.
    pub fn words(self) -> Vec<&'v str> {
        let mut words = Vec::new();
        for reading in self.readings() {
            let listed = reading.inner["enum"].as_array().into_iter().flatten();
            let only = reading.inner.get("const");
            words.extend(listed.chain(only).filter_map(Value::as_str));
        }
        let mut seen = BTreeSet::new();
        words.retain(|word| seen.insert(*word));
        words
    }

    /// The name of its type in the schema, such as `Duration`.
    pub fn type_name(self) -> Option<&'v str> {
        definition(self.outer)
    }

    /// Whether a list or a mapping of these is one of these, as with values of JSON.
    fn holds_itself(self) -> bool {
        let is_self = |it: Option<Self>| it.is_some_and(|it| std::ptr::eq(it.inner, self.inner));
        is_self(self.item()) || is_self(self.chosen())
    }

    /// What may stand here, in a few words.
    pub fn type_words(self) -> String {
        if self.holds_itself() {
            // A field may take no more than the mappings among its type's values.
            let is_mapping = self.outer["type"] == "object";
            let of = if is_mapping {
                "mapping of names to "
            } else {
                ""
            };
            return format!("{of}any value");
        }
        if let Some(item) = self.item()
            && self.inner["type"] == "array"
        {
            return format!("list of {}", item.type_words());
        }
        if let Some(value) = self.chosen() {
            return format!("mapping of names to {}", value.type_words());
        }
        let mut words: Vec<String> = Vec::new();
        let alone = self.readings().len() == 1;
        for reading in self.readings() {
            let word = match (reading.type_name(), reading.inner["type"].as_str()) {
                (Some(name), Some("string")) => split_words(name),
                (_, Some("string")) => "text".to_owned(),
                (_, Some("integer")) => reading.range(),
                (_, Some("boolean")) => "true or false".to_owned(),
                (_, Some("object")) => "mapping".to_owned(),
                (_, Some("array")) if !alone => "list".to_owned(),
                _ => continue,
            };
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.join(" or ")
    }

    fn range(self) -> String {
        match (&self.inner["minimum"], &self.inner["maximum"]) {
            (Value::Number(min), Value::Number(max)) => format!("number from {min} to {max}"),
            (Value::Number(min), _) => format!("number from {min}"),
            _ => "number".to_owned(),
        }
    }
}

impl Vocabulary {
    fn order_of(&self, sorted: &[&str]) -> Option<&'static [&'static str]> {
        self.orders.get(sorted).copied()
    }
}

fn definition(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// `PathTemplate` as `path template`.
fn split_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 2);
    for character in name.chars() {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}
