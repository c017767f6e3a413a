//! One file per command: its arguments (`Args`) and `run`.

pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod drift;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod init;
pub(crate) mod inventory;
pub(crate) mod lsp;
pub(crate) mod prove;
pub(crate) mod schema;
pub(crate) mod servers;
pub(crate) mod simulate;
pub(crate) mod status;
pub(crate) mod test;
pub(crate) mod token;
pub(crate) mod up;
