use mesh_ir::Inventory;

/// Why a text is not an inventory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the inventory cannot be read: {0}")]
pub struct InvalidInventory(String);

/// Reads an inventory file: YAML, of which JSON is a part.
pub fn parse(text: &str) -> Result<Inventory, InvalidInventory> {
    serde_saphyr::from_str(text).map_err(|error| InvalidInventory(error.to_string()))
}
