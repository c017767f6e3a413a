//! What of a request is not text: who sends it, from where, by which method.

pub(super) mod address;
pub(super) mod identity;
pub(super) mod method;
