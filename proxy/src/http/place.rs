use mesh_decide::ServiceIndex;

use crate::active::Active;
use crate::capacity::{Asks, Entry, Slot, Turn};
use crate::pool::{HttpVersion, MAX_STREAMS};

/// A place among the requests that the application takes, where they are bounded.
#[derive(Default)]
pub(super) enum Place {
    /// No intent bounds them.
    #[default]
    Unbounded,
    /// It has one.
    Taken(Slot),
    /// It gets one when others have gone.
    Comes(Turn),
}

/// Neither a place nor room to wait for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

impl Place {
    /// For a request to a served service that is sent on in a version of HTTP.
    pub(super) fn find(
        active: &Active,
        service: ServiceIndex,
        version: HttpVersion,
    ) -> Result<Self, Full> {
        let Some(gate) = active.capacities.gate(service) else {
            return Ok(Self::Unbounded);
        };
        let asks = match version {
            HttpVersion::H1 => Asks::Request,
            HttpVersion::H2 => Asks::Stream(u32::try_from(MAX_STREAMS).unwrap_or(u32::MAX)),
        };
        match gate.enter(asks) {
            Entry::Now(slot) => Ok(Self::Taken(slot)),
            Entry::Later(turn) => Ok(Self::Comes(turn)),
            Entry::Full => Err(Full),
        }
    }
}
