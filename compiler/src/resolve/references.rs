//! What one document says of another.

mod every;
pub(super) mod gateway_backend;
pub(super) mod no_fitting_port;
pub(super) mod not_attached;
pub(super) mod ports_required;
pub(super) mod shared_account;
pub(super) mod unknown_external;
pub(super) mod unknown_gateway;
pub(super) mod unknown_issuer;
pub(super) mod unknown_port;
pub(super) mod unknown_service;
pub(super) mod unknown_version;
