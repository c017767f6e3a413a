//! What travels between operator and proxies.
//!
//! Intent objects as *members*, the *bundle* that groups them, and facts; each as
//! canonical bytes with a digest, and the session state machines of incremental
//! aggregated xDS for both ends. Bytes in, bytes out: the sockets are elsewhere.
//!
//! The digest of a bundle is computed by encoding the IR again. What a proxy does
//! not understand is not in its IR, so the digest differs and the bundle is refused.

mod bundle;
mod digest;
mod facts;
mod hash;
mod invalid;
mod member;
pub mod proto;
mod resource;
pub mod session;
mod wire;

pub use bundle::{EncodedMesh, RoleBundle, decode_bundle, encode_bundle};
pub use digest::{digest, snapshot_digest};
pub use facts::{
    decode_endpoints, decode_listeners, decode_trust_roots, encode_endpoints, encode_listeners,
    encode_trust_roots,
};
pub use hash::{hash, parse_digest};
pub use invalid::InvalidMember;
pub use member::{EncodedMember, decode_member, encode_member};
pub use resource::{
    BUNDLE_NAME, BUNDLE_TYPE, ENDPOINTS_TYPE, LISTENERS_TYPE, ResourceType, TRUST_ROOTS_TYPE,
    type_url,
};
