use crate::index::InboundPort;
use crate::observe::Observer;
use crate::request::{Caller, Moment, Request};
use crate::state::State;
use crate::tables::Tables;
use crate::verdict::{Admission, Reason, Refusal};

/// Decides whether a request may enter a served port.
pub fn admit<O: Observer>(
    _tables: &Tables,
    _state: &State,
    _at: InboundPort,
    _caller: &Caller<'_>,
    _request: &Request<'_>,
    _moment: Moment,
    _observer: &mut O,
) -> Admission {
    Admission::Refuse(Refusal::plain(403, Reason::Access, "not decided"))
}

/// Decides whether a connection may enter a served TCP port, and charges its limits.
pub fn admit_connection<O: Observer>(
    _tables: &Tables,
    _state: &State,
    _at: InboundPort,
    _caller: &Caller<'_>,
    _moment: Moment,
    _observer: &mut O,
) -> Admission {
    Admission::Refuse(Refusal::plain(403, Reason::Access, "not decided"))
}

/// Whether an open connection to a served TCP port may go on; charges nothing.
pub fn permits_connection(
    _tables: &Tables,
    _at: InboundPort,
    _caller: &Caller<'_>,
    _moment: Moment,
) -> bool {
    false
}
