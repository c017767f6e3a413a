use std::time::Duration;

use crate::{Key, Name, Percent};

/// How one endpoint is chosen among those that can take a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoadBalancing {
    /// In turn.
    RoundRobin,
    /// By chance.
    Random,
    /// Of two drawn by chance, the one with fewer requests in flight.
    LeastRequest,
    /// Of two drawn by chance, the one whose answers came faster of late.
    Ewma,
    /// The same endpoint for the same key, by a ring.
    RingHash,
    /// The same endpoint for the same key, by a table.
    Maglev,
    /// The endpoint that the client addressed.
    OriginalDestination,
}

/// `loadBalancing`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balancing {
    /// How.
    pub policy: LoadBalancing,
    /// What requests are told apart by, where the policy asks for a key.
    pub by: Vec<Key>,
    /// The cookie that a client without one is given.
    pub set_cookie: Option<SetCookie>,
    /// How long a new endpoint takes to get its full share.
    pub slow_start: Option<Duration>,
    /// Whether near endpoints come before others; `None`: wherever they are.
    pub locality: Option<Locality>,
    /// Below this share of endpoints that are well, all are used; `None`: never.
    pub panic: Option<Percent>,
}

impl From<LoadBalancing> for Balancing {
    fn from(policy: LoadBalancing) -> Self {
        Self {
            policy,
            by: vec![],
            set_cookie: None,
            slow_start: None,
            locality: None,
            panic: None,
        }
    }
}

/// A cookie that keeps a client on its endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetCookie {
    /// Its name.
    pub name: String,
    /// How long it lives; `None`: as long as the browser runs.
    pub ttl: Option<Duration>,
}

/// What nearness of an endpoint means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Locality {
    /// As long as the nearer ones have endpoints to take a request, then the next; the
    /// nearer first, never empty.
    Failover(Vec<Near>),
    /// Shares of their sum, which is not 0.
    Weights {
        /// Endpoints in the caller's zone.
        zone: u32,
        /// Those in its region.
        region: u32,
        /// All others.
        elsewhere: u32,
    },
}

/// A step outwards from a proxy's own place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Near {
    /// The same region and zone.
    Zone,
    /// The same region.
    Region,
}

/// `limits` of a service: of one instance, over all callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ServiceLimits {
    /// Open at one time; `None` is no bound.
    pub connections: Option<u32>,
    /// In flight at one time; `None` is no bound.
    pub requests: Option<u32>,
    /// Waiting for their turn; `None`: nobody waits, what has no room is refused.
    pub pending: Option<u32>,
}

impl ServiceLimits {
    /// Whether nothing is bounded.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `outlierDetection`: when an endpoint that answers badly is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutlierDetection {
    /// Answers of 500 to 599 in a row; `None`: not counted.
    pub consecutive_5xx: Option<u32>,
    /// 502, 503 and 504 in a row; `None`: not counted.
    pub gateway_errors: Option<u32>,
    /// Connections in a row that failed; `None`: not counted.
    pub local_errors: Option<u32>,
    /// A share of good answers in an interval below this; `None`: not counted.
    pub success_rate: Option<Percent>,
    /// How often endpoints are looked at.
    pub interval: Duration,
    /// How long the first time.
    pub base_ejection: Duration,
    /// At most this share of the endpoints.
    pub max_ejected: Percent,
}

/// `health`: what the proxy asks its own application.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HealthCheck {
    /// The port of the service that is asked.
    pub port: Name,
    /// What is asked.
    pub probe: HealthProbe,
    /// How often.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// So many good answers in a row make it well.
    pub healthy_after: u32,
    /// So many bad ones make it ill.
    pub unhealthy_after: u32,
}

/// What a health check asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HealthProbe {
    /// A GET of this path; 200 to 399 is well.
    Http(String),
    /// `grpc.health.v1.Health/Check` of this service, or of the whole server.
    Grpc(Option<String>),
    /// Whether a connection opens.
    Tcp,
}
