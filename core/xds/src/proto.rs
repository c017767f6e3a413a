//! Messages generated from `schemas/proto`. They stop at the edge: everything else
//! here and elsewhere speaks in the types of `mesh-ir`.

/// The part of `envoy.service.discovery.v3` that the mesh speaks.
#[rustfmt::skip]
#[path = "generated/envoy_service_discovery_v3.rs"]
#[expect(missing_docs, reason = "generated")]
pub mod discovery;

/// `meshwright.v1`: members, bundle, facts, and the operator's service.
#[rustfmt::skip]
#[path = "generated/meshwright_v1.rs"]
#[expect(
    missing_docs,
    clippy::pedantic,
    clippy::use_self,
    clippy::large_enum_variant,
    reason = "generated"
)]
pub mod mesh;

/// The messages of `meshwright.v1.Operator`.
pub mod operator {
    pub use super::mesh::{ReportRequest, ReportResponse, SignRequest, SignResponse};
}
