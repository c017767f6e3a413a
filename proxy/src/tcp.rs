//! TCP through this proxy: one connection is one decision, then bytes.

mod connection;
mod hello;
mod inbound;
mod outbound;
mod relay;

pub(crate) use self::inbound::serve_inbound;
pub(crate) use self::outbound::serve_outbound;
pub(crate) use self::relay::{Ended, relay};
