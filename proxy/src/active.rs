use std::net::SocketAddr;
use std::sync::Arc;

use mesh_decide::{State, Tables};
use mesh_ir::{Bundle, Name, ServiceRef};

use crate::capacity::Capacities;
use crate::endpoints::EndpointTable;
use crate::outlier::Outliers;
use crate::tls::TlsIdentity;

/// Everything that a worker decides and connects by, as of one instant.
///
/// Immutable: a change of any part is a new `Active`. A worker picks it up
/// between requests; a request keeps the one it began with.
#[derive(Clone)]
pub(crate) struct Active {
    /// What the bundle means.
    pub tables: Arc<Tables>,
    /// Which bundle that is.
    pub bundle: Bundle,
    /// The numbers that an intent states for the whole proxy.
    pub state: Arc<State>,
    /// How much of it the application beside this proxy takes.
    pub capacities: Arc<Capacities>,
    /// Where the services called are.
    pub endpoints: Arc<EndpointTable>,
    /// Which of them answer badly.
    pub outliers: Arc<Outliers>,
    /// Who this proxy is, and whom it trusts.
    pub identity: Arc<TlsIdentity>,
}

impl Active {
    /// Whether a service is in the view of this workload as one that it calls.
    pub(crate) fn calls(&self, service: &ServiceRef) -> bool {
        self.tables.role().calls.binary_search(service).is_ok()
    }

    /// Whether it may be called, and has this port.
    pub(crate) fn reaches(&self, service: &ServiceRef, port: &Name) -> bool {
        let at = self.tables.find_service(service);
        let has = |at| self.tables.service(at).port(port).is_some();
        self.calls(service) && at.is_some_and(has)
    }
}

/// What a listening socket is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListenerRole {
    /// mTLS in front of the application.
    Inbound {
        /// The service served.
        service: ServiceRef,
        /// Its port.
        port: Name,
        /// Where the application listens.
        application: SocketAddr,
    },
    /// Plain HTTP of the application, chosen by host.
    Outbound,
    /// Plain TCP of the application to one port of one service.
    Tcp {
        /// The service called.
        service: ServiceRef,
        /// Its port.
        port: Name,
    },
}
