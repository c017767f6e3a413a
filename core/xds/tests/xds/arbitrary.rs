//! Any IR that the types admit.

mod balancing;
mod edge;
mod matching;
mod names;
mod policy;
mod route;
mod service;
mod telemetry;
mod token;

use mesh_ir::Member;
use proptest::prelude::*;

use edge::{external, gateway};
use policy::{access, limits, role, settings};
use route::route;
use service::service;
use telemetry::telemetry;
use token::issuer;

/// Any member.
pub(crate) fn member() -> BoxedStrategy<Member> {
    prop_oneof![
        settings().prop_map(Member::Settings),
        role().prop_map(Member::Role),
        service().prop_map(Member::Service),
        route().prop_map(Member::Route),
        access().prop_map(Member::Access),
        limits().prop_map(Member::RateLimit),
        issuer().prop_map(Member::TokenIssuer),
        gateway().prop_map(Member::Gateway),
        external().prop_map(Member::ExternalService),
        telemetry().prop_map(Member::Telemetry),
    ]
    .boxed()
}
