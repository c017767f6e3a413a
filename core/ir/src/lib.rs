//! The intermediate representation: what a commit means.
//!
//! [`Mesh`] is everything that a commit says, after references are resolved and
//! defaults are filled in. [`Snapshot`] is one proxy's closed view of it. [`Member`]
//! is the unit that travels: one intent object as the proxies need it. Facts
//! ([`Endpoints`], [`TrustRoots`], [`Listeners`]) come from the [`Inventory`] and
//! carry no meaning of their own.
//!
//! Pure data. How requests are matched is `mesh-decide`'s business, how members
//! are written as bytes is `mesh-xds`'s.

mod access;
mod balancing;
mod bundle;
mod caller;
mod external;
mod facts;
mod feature;
mod gateway;
mod host;
mod inventory;
mod limit;
mod matching;
mod member;
mod mesh;
mod name;
mod origin;
mod path;
mod role;
mod rollout;
mod route;
mod service;
mod settings;
mod snapshot;
mod target;
mod telemetry;
mod time;
mod tls;
mod token;
mod views;

pub use access::{Access, AccessRule, Authorizer, AuthorizerProtocol, OnFailure};
pub use balancing::{
    Balancing, HealthCheck, HealthProbe, LoadBalancing, Locality, Near, OutlierDetection,
    ServiceLimits, SetCookie,
};
pub use bundle::{Bundle, CommitId, Digest, Epoch};
pub use caller::{CallerMatch, Who};
pub use external::{ExternalService, UpstreamTls};
pub use facts::{Endpoint, Endpoints, InboundListener, Listeners, TcpListener, TrustRoots};
pub use feature::{Feature, features, server_names};
pub use gateway::{ClientAddress, ClientCertificates, Gateway, Listener, ListenerTls};
pub use host::{Host, HostPattern, InvalidHost};
pub use inventory::{
    Inventory, InventoryAccount, InventoryPort, InventoryService, Workload, WorkloadInbound,
    WorkloadTcp,
};
pub use limit::{Key, Limit, LimitProvider, LimitScope, Rate, RateLimit};
pub use matching::{NamedValue, RequestMatch, ValueMatch};
pub use member::{Member, MemberKind, MemberName};
pub use mesh::Mesh;
pub use name::{InvalidName, Kind, Name, ObjectRef, RuleId, ServiceRef};
pub use origin::{Origin, Place};
pub use path::{InvalidPath, PathPattern, Segment};
pub use role::Role;
pub use rollout::{Gates, OnFailedRollout, OnNewCommit, Rollout, Wave, WaveSize};
pub use route::{
    AbortWith, Action, Backend, BackendTarget, Backoff, Cors, Fault, FaultAbort, FaultDelay,
    Forward, HeaderEdit, HeaderEdits, Mirror, Percent, Rank, Redirect, Respond, RetryOn,
    RetryPolicy, Rewrite, Route, RouteRule,
};
pub use service::{
    Call, Called, EncodedSlash, Port, Protocol, Service, StaticEndpoint, Version, Workloads,
};
pub use settings::{AccessDefault, DefaultAccess, Otlp, Settings};
pub use snapshot::{IncompleteSnapshot, Snapshot};
pub use target::{Scope, Subject, Target};
pub use telemetry::{AccessLog, LogExporter, LogFormat, StatusPattern, Telemetry};
pub use time::{Tick, Timestamp};
pub use tls::{Certificate, MtlsMode, TlsVersion};
pub use token::{TokenAlgorithm, TokenIssuer, TokenKeys, TokenLocation, TokenMatch};
pub use views::{View, Views};

/// What a workload's identity looks like; re-exported because IR types carry them.
pub use mesh_identity::{SpiffeId, SpiffePattern, TrustDomain};
