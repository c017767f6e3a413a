//! What documents, entries and hosts are called.

pub(super) mod duplicate;
pub(super) mod entry_name_twice;
pub(super) mod external_host_taken;
pub(super) mod host_taken;
pub(super) mod mesh_count;
pub(super) mod rollout_count;
