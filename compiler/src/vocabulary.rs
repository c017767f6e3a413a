//! The words of the language, as its JSON Schemas describe them: what fields a mapping
//! has, in the order in which the language writes them, and what each says.
//!
//! For tools: `mesh explain`, `mesh fmt`, completion and hover. The compiler itself reads
//! intents by its decoders; a test holds schemas and decoders together.

mod example;
mod place;

pub use place::Place;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use crate::{schema, syntax};

/// Every kind and its fields.
#[derive(Debug)]
pub struct Vocabulary {
    /// The schema of each kind, by its name.
    kinds: BTreeMap<String, Value>,
    /// The fields of a mapping as the language orders them, by the same fields sorted.
    orders: BTreeMap<Vec<&'static str>, &'static [&'static str]>,
}

impl Vocabulary {
    /// That of this version; made once, since it depends on nothing.
    pub fn get() -> &'static Self {
        static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
        VOCABULARY.get_or_init(Self::new)
    }

    fn new() -> Self {
        let schemas = schema::all().into_iter().filter_map(|(_, text)| {
            let schema: Value = serde_json::from_str(&text).ok()?;
            let kind = schema.pointer("/properties/kind/const")?.as_str()?;
            Some((kind.to_owned(), schema))
        });
        let orders = syntax::shapes().map(|fields| {
            let mut sorted = fields.to_vec();
            sorted.sort_unstable();
            (sorted, fields)
        });
        Self {
            kinds: schemas.collect(),
            orders: orders.collect(),
        }
    }

    /// The names of the kinds, sorted.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// A document of a kind: `apiVersion`, `kind`, `metadata`, `spec`.
    pub fn document(&self, kind: &str) -> Option<Place<'_>> {
        let schema = self.kinds.get(kind)?;
        Some(Place::new(self, schema, schema))
    }

    /// The place of `Route.rules.retries.backoff`: lists are passed through, and so are
    /// mappings whose keys the author chooses. The error says what there is instead.
    pub fn find(&self, path: &str) -> Result<Place<'_>, String> {
        let mut names = path.split('.');
        let kind = names.next().unwrap_or(path);
        let document = self.document(kind).ok_or_else(|| self.no_kind(kind))?;
        let mut known = kind.to_owned();
        let mut place = document.field("spec").unwrap_or(document);
        for (index, name) in names.enumerate() {
            if index == 0 && matches!(name, "metadata" | "spec") {
                place = document.field(name).unwrap_or(document);
            } else {
                let inside = place.inside();
                let chosen = || inside.chosen()?.inside().field(name);
                place = inside
                    .field(name)
                    .or_else(chosen)
                    .ok_or_else(|| no_field(&known, name, inside))?;
            }
            known = format!("{known}.{name}");
        }
        Ok(place)
    }

    /// The lines in which an example writes the field of such a path.
    pub fn example(&self, path: &str) -> Option<String> {
        example::example(path)
    }

    fn no_kind(&self, kind: &str) -> String {
        let kinds: Vec<&str> = self.kinds().collect();
        match syntax::closest(kind, kinds.iter().copied()) {
            Some(near) => format!("there is no kind `{kind}`; do you mean `{near}`?"),
            None => format!("there is no kind `{kind}`; there are {}", kinds.join(", ")),
        }
    }
}

fn no_field(known: &str, name: &str, place: Place<'_>) -> String {
    let fields: Vec<&str> = place.fields().into_iter().map(|(name, _)| name).collect();
    if fields.is_empty() {
        return format!("`{known}` has no fields, so no `{name}`");
    }
    match syntax::closest(name, fields.iter().copied()) {
        Some(near) => format!("`{known}` has no field `{name}`; do you mean `{near}`?"),
        None => format!(
            "`{known}` has no field `{name}`; it has {}",
            fields.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str) -> Vec<&'static str> {
        let place = Vocabulary::get().find(path).unwrap();
        let fields = place.inside().fields();
        fields.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn fields_come_in_the_order_of_the_language() {
        assert_eq!(names("Route.rules.retries")[..2], ["attempts", "retryOn"]);
        assert_eq!(names("Route.rules")[..2], ["name", "priority"]);
        let head: Vec<_> = Vocabulary::get().document("Team").unwrap().fields();
        let head: Vec<_> = head.into_iter().map(|it| it.0).collect();
        assert_eq!(head, ["apiVersion", "kind", "metadata", "spec"]);
    }

    #[test]
    fn a_path_leads_through_lists_and_chosen_keys() {
        let place = Vocabulary::get().find("Route.rules.retries.backoff");
        assert!(place.unwrap().field("base").is_some());
        let place = Vocabulary::get().find("Service.ports.protocol");
        assert!(place.unwrap().words().contains(&"http"));
        let place = Vocabulary::get().find("Mesh.namespaces.defaults.timeout");
        assert!(place.is_ok());
    }

    #[test]
    fn what_is_misspelt_is_answered_with_what_is_near() {
        let missing = |path| Vocabulary::get().find(path).unwrap_err();
        let text = missing("Route.rules.timout");
        assert_eq!(
            text,
            "`Route.rules` has no field `timout`; do you mean `timeout`?"
        );
        assert_eq!(
            missing("Rout"),
            "there is no kind `Rout`; do you mean `Route`?"
        );
        assert!(missing("Route.xyzxyz").contains("it has "));
        assert!(missing("Route.service.x").contains("has no fields"));
    }

    /// The order is found by the set of names, so two mappings of the same names need one.
    #[test]
    fn mappings_of_the_same_fields_order_them_alike() {
        let mut seen: BTreeMap<Vec<&str>, &[&str]> = BTreeMap::new();
        for fields in syntax::shapes() {
            let mut sorted = fields.to_vec();
            sorted.sort_unstable();
            assert_eq!(*seen.entry(sorted).or_insert(fields), fields);
        }
    }
}
