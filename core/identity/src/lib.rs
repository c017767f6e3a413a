//! Who is who: SPIFFE IDs, trust domains, the certificate profile and the rules
//! by which a peer's certificate is accepted.
//!
//! Pure: certificates arrive as bytes, time arrives as an argument. Signing lives
//! in the operator, handshakes in the proxy; both ask this crate what is right.

mod pattern;
mod peer;
mod profile;
mod spiffe_id;
mod svid;
mod trust_domain;

pub use pattern::{InvalidPattern, SpiffePattern};
pub use peer::PeerRule;
pub use profile::{CertificateProfile, InvalidLifetime};
pub use spiffe_id::{InvalidSpiffeId, SpiffeId};
pub use svid::{InvalidSvid, Svid};
pub use trust_domain::{InvalidTrustDomain, TrustDomain};
