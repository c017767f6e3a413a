use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Instant;

use mesh_decide::{Caller, Moment, permits_connection};
use mesh_identity::SpiffeId;
use mesh_ir::{Name, ServiceRef};

use crate::active::Active;
use crate::context::Supervised;

/// Which open connection this is, so that other decisions can be asked about it.
pub(super) enum Side {
    /// A caller is connected to the application.
    Inbound {
        service: ServiceRef,
        port: Name,
        peer: Rc<SpiffeId>,
        address: IpAddr,
    },
    /// The application is connected to a service.
    Outbound { service: ServiceRef, port: Name },
}

/// An open TCP connection, seen from outside its task.
pub(super) struct Connection {
    side: Side,
    ended: Cell<Option<&'static str>>,
    waker: RefCell<Option<Waker>>,
}

impl Connection {
    pub(super) fn new(side: Side) -> Rc<Self> {
        Rc::new(Self {
            side,
            ended: Cell::new(None),
            waker: RefCell::new(None),
        })
    }

    /// Runs until it is done, or until it has to end; then says why.
    pub(super) async fn unless_ended<F: Future>(
        &self,
        running: F,
    ) -> Result<F::Output, &'static str> {
        let mut running = std::pin::pin!(running);
        std::future::poll_fn(|cx| {
            if let Some(why) = self.poll_ended(cx) {
                return Poll::Ready(Err(why));
            }
            running.as_mut().poll(cx).map(Ok)
        })
        .await
    }

    fn poll_ended(&self, cx: &TaskContext<'_>) -> Option<&'static str> {
        let mut waker = self.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|it| it.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        self.ended.get()
    }

    fn end(&self, why: &'static str) {
        self.ended.set(Some(why));
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    fn is_permitted(&self, active: &Active, moment: Moment) -> bool {
        match &self.side {
            Side::Inbound {
                service,
                port,
                peer,
                address,
            } => {
                let caller = Caller {
                    identity: Some(peer),
                    address: Some(*address),
                };
                let at = active.tables.inbound(service, port);
                at.is_some_and(|at| permits_connection(&active.tables, at, &caller, moment))
            }
            Side::Outbound { service, port } => {
                let calls = &active.tables.role().calls;
                calls.binary_search(service).is_ok()
                    && active
                        .tables
                        .find_service(service)
                        .is_some_and(|at| active.tables.service(at).port(port).is_some())
            }
        }
    }
}

impl Supervised for Connection {
    fn tick(&self, _: Instant) {}

    /// Exactly what is not permitted any more ends.
    fn activated(&self, active: &Rc<Active>, moment: Moment) {
        if !self.is_permitted(active, moment) {
            self.end("revoked");
        }
    }

    /// Bytes have no end that a proxy could see: they go on until the grace is over.
    fn drain(&self) {}

    fn abort(&self) {
        self.end("drained");
    }
}
