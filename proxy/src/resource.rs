//! A resource as it is kept: what the operator sent, encoded.

use bytes::Bytes;
use mesh_xds::ResourceType;

/// One resource. Its name and version follow from its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    /// Its type.
    pub(crate) kind: ResourceType,
    /// The encoded message.
    pub(crate) body: Bytes,
}
