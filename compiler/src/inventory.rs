//! What exists, as a file says it.

mod kubernetes;

use mesh_ir::Inventory;

pub use kubernetes::{Converted, NotConverted, SERVICE_LABEL, from_kubernetes};

/// Why a text is not an inventory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the inventory cannot be read: {0}")]
pub struct InvalidInventory(String);

/// Reads an inventory file: YAML, of which JSON is a part.
pub fn parse(text: &str) -> Result<Inventory, InvalidInventory> {
    serde_saphyr::from_str(text).map_err(|error| InvalidInventory(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_and_json_are_read_alike() {
        let yaml = "workloads:\n  - {namespace: shop, name: a-1, service: a}\n";
        let json = r#"{"workloads": [{"namespace": "shop", "name": "a-1", "service": "a"}]}"#;
        assert_eq!(parse(yaml).unwrap(), parse(json).unwrap());
        assert_eq!(parse(yaml).unwrap().workloads.len(), 1);
    }

    #[test]
    fn an_unknown_field_is_refused() {
        assert!(parse("workload: []").is_err());
    }
}
