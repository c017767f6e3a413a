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
mod bundle;
mod caller;
mod facts;
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
mod route;
mod service;
mod settings;
mod snapshot;
mod target;
mod time;
mod views;

pub use access::{Access, AccessRule};
pub use bundle::{Bundle, CommitId, Digest, Epoch};
pub use caller::{CallerMatch, Who};
pub use facts::{Endpoint, Endpoints, InboundListener, Listeners, TcpListener, TrustRoots};
pub use host::{Host, HostPattern, InvalidHost};
pub use inventory::{Inventory, Workload, WorkloadInbound, WorkloadTcp};
pub use limit::{Key, Limit, Rate, RateLimit};
pub use matching::{NamedValue, RequestMatch, ValueMatch};
pub use member::{Member, MemberKind, MemberName};
pub use mesh::Mesh;
pub use name::{InvalidName, Kind, Name, ObjectRef, RuleId, ServiceRef};
pub use origin::Origin;
pub use path::{InvalidPath, PathPattern, Segment};
pub use role::Role;
pub use route::{
    Action, Backend, BackendTarget, Backoff, Forward, HeaderEdit, HeaderEdits, Percent, Rank,
    Redirect, Respond, RetryOn, RetryPolicy, Rewrite, Route, RouteRule,
};
pub use service::{
    Call, EncodedSlash, LoadBalancing, Port, Protocol, Service, StaticEndpoint, Version,
};
pub use settings::{AccessDefault, DefaultAccess, Settings};
pub use snapshot::{IncompleteSnapshot, Snapshot};
pub use target::{Scope, Target};
pub use time::{Tick, Timestamp};
pub use views::{View, Views};

/// What a workload's identity looks like; re-exported because IR types carry them.
pub use mesh_identity::{SpiffeId, SpiffePattern, TrustDomain};
