use std::net::IpAddr;
use std::rc::Rc;
use std::time::Instant;

use mesh_decide::{Caller, Moment, permits_connection};
use mesh_identity::SpiffeId;
use mesh_ir::{Name, ServiceRef};

use crate::active::Active;
use crate::context::{REVOKED, Supervised};
use crate::ending::Ending;

/// Which open connection this is, so that other decisions can be asked about it.
pub(super) enum Side {
    /// A caller is connected to the application.
    Inbound {
        service: ServiceRef,
        port: Name,
        peer: Rc<SpiffeId>,
        address: IpAddr,
        server_name: Option<String>,
    },
    /// The application is connected to a service.
    Outbound { service: ServiceRef, port: Name },
}

/// An open TCP connection, seen from outside its task.
pub(super) struct Connection {
    side: Side,
    pub(super) ending: Ending,
}

impl Connection {
    pub(super) fn new(side: Side) -> Rc<Self> {
        Rc::new(Self {
            side,
            ending: Ending::default(),
        })
    }

    fn is_permitted(&self, active: &Active, moment: Moment) -> bool {
        match &self.side {
            Side::Inbound {
                service,
                port,
                peer,
                address,
                server_name,
            } => {
                let caller = Caller::new(Some(peer), Some(*address));
                let at = active.tables.inbound(service, port);
                let asked = (&caller, server_name.as_deref());
                at.is_some_and(|at| permits_connection(&active.tables, at, asked, moment))
            }
            Side::Outbound { service, port } => active.reaches(service, port),
        }
    }
}

impl Supervised for Connection {
    fn tick(&self, _: Instant) {}

    fn judge(&self, active: &Active, moment: Moment) {
        if !self.is_permitted(active, moment) {
            self.ending.end(REVOKED);
        }
    }

    /// Bytes have no end that a proxy could see: they go on until the grace is over.
    fn drain(&self) {}

    fn abort(&self) {
        self.ending.end("drained");
    }
}
