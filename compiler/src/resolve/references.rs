//! What one document says of another.

pub(super) mod ports_required;
pub(super) mod shared_account;
pub(super) mod unknown_port;
pub(super) mod unknown_service;
pub(super) mod unknown_version;
