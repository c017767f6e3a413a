//! Any IR that the types admit.

mod matching;
mod names;
mod policy;
mod route;
mod service;

use mesh_ir::Member;
use proptest::prelude::*;

use policy::{access, limits, role, settings};
use route::route;
use service::service;

/// Any member.
pub(crate) fn member() -> impl Strategy<Value = Member> {
    prop_oneof![
        settings().prop_map(Member::Settings),
        role().prop_map(Member::Role),
        service().prop_map(Member::Service),
        route().prop_map(Member::Route),
        access().prop_map(Member::Access),
        limits().prop_map(Member::RateLimit),
    ]
}
