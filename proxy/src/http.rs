//! HTTP through this proxy, in both directions: head guarded, decided, forwarded,
//! answered, recorded. One pipeline for every kind of socket.

mod affinity;
mod answer;
mod attempt;
mod body;
mod edit;
mod exchange;
mod fault;
mod forward;
mod guard;
mod hop;
mod inbound;
mod life;
mod mirror;
mod outbound;
mod place;
mod planned;
mod serve;
mod sniff;
mod standing;
mod tunnel;
mod waiting;

pub(crate) use self::inbound::Inbound;
pub(crate) use self::outbound::Outbound;
pub(crate) use self::serve::{Codec, serve};
pub(crate) use self::sniff::sniff;
