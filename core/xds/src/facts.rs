use bytes::Bytes;
use mesh_ir::{Endpoints, Listeners, TrustRoots};

use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;
use crate::wire::{read, write};

/// The encoding of one service's endpoints.
pub fn encode_endpoints(endpoints: &Endpoints) -> Bytes {
    write::<proto::Endpoints>(endpoints)
}

/// Reads one service's endpoints.
pub fn decode_endpoints(bytes: &[u8]) -> Result<Endpoints, InvalidMember> {
    read::<proto::Endpoints>(bytes)
}

/// The encoding of a trust domain's roots.
pub fn encode_trust_roots(roots: &TrustRoots) -> Bytes {
    write::<proto::TrustRoots>(roots)
}

/// Reads a trust domain's roots.
pub fn decode_trust_roots(bytes: &[u8]) -> Result<TrustRoots, InvalidMember> {
    read::<proto::TrustRoots>(bytes)
}

/// The encoding of a workload's listeners.
pub fn encode_listeners(listeners: &Listeners) -> Bytes {
    write::<proto::Listeners>(listeners)
}

/// Reads a workload's listeners.
pub fn decode_listeners(bytes: &[u8]) -> Result<Listeners, InvalidMember> {
    read::<proto::Listeners>(bytes)
}
