//! Decisions: the only home of normal form, matching and outcome.
//!
//! Four questions, each a pure function of [`Tables`] (a snapshot made ready),
//! explicit [`State`], inputs in bytes, and an [`Observer`]:
//!
//! - [`admit()`]: may this request enter a served port? Normal form, access, limits.
//! - [`route()`]: where does a request of the own application go? View, rule,
//!   edits, timeouts, version.
//! - [`pick()`]: which endpoint takes this attempt?
//! - [`again()`]: after a failed attempt, is there another one, and after what wait?
//!
//! Proxies and the simulator call the same functions, so what a tool predicts is
//! what happens. Time, request ids and the seed of hash maps are arguments; no
//! input from the network panics.

mod access;
mod admit;
mod again;
mod authority;
mod automaton;
mod buckets;
mod budget;
mod callers;
mod draw;
mod edited;
mod escape;
#[cfg(test)]
mod fixture;
mod index;
mod keys;
mod limits;
mod matching;
mod mode;
mod normal;
mod observe;
mod path;
mod pattern;
mod pick;
mod readings;
mod request;
mod route;
mod rule;
mod state;
mod tables;
mod template;
mod values;
mod verdict;

pub use admit::{admit, admit_connection, permits_connection, permits_request};
pub use again::{Again, Attempt, Failure, again};
pub use automaton::{InvalidRegex, regex_groups};
pub use draw::{Draw, Salt, draw};
pub use index::{
    EditsIndex, InboundPort, LimitIndex, PortIndex, RespondIndex, RetryIndex, ServiceIndex,
    VersionIndex,
};
pub use observe::{Found, Observer, Step, What, Why};
pub use pick::{Candidates, EndpointView, pick};
pub use request::{Caller, Headers, Moment, Request};
pub use route::{route, route_connection};
pub use rule::{RuleIndex, RuleMeta};
pub use state::State;
pub use tables::{NotHonourable, Share, Tables};
pub use verdict::{
    Admission, Admitted, LimitStatus, Noted, Plan, Reason, Refusal, Routing, ShadowOutcome,
    ShadowVerdict,
};
