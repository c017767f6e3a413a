//! Decisions: the only home of normal form, matching and outcome.
//!
//! Four questions, each a pure function of [`Tables`] (a snapshot made ready),
//! explicit [`State`], inputs in bytes, and an [`Observer`]:
//!
//! - [`admit()`]: may this request enter a served port, a gateway, or the world outside?
//!   Normal form, token, access, authorizer, limits.
//! - [`route()`]: where does a request of the own application, or one that a gateway
//!   admitted, go? View, rule, edits, timeouts, version, copies, faults; and where if
//!   nothing is there ([`fall_back`]).
//! - [`pick()`]: which endpoint takes this attempt?
//! - [`again()`]: after a failed attempt, is there another one, and after what wait?
//!
//! Where an answer needs the world – whether a token is valid, what an authorizer
//! says – the decision is a [`Question`], and is asked again with the [`Answers`].
//!
//! Proxies and the simulator call the same functions, so what a tool predicts is
//! what happens. Time, request ids and the seed of hash maps are arguments; no
//! input from the network panics.

mod access;
mod admit;
mod again;
mod answers;
mod authority;
mod automaton;
mod buckets;
mod budget;
mod callers;
mod claims;
mod draw;
mod edited;
mod escape;
#[cfg(test)]
mod fixture;
mod form;
mod index;
mod key_draw;
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

pub use admit::{
    admit, admit_connection, client_address, find_listener, permits_connection, permits_request,
};
pub use again::{Again, Attempt, Failure, again};
pub use answers::{Answers, AuthorizerOutcome, Question, TokenOutcome, TokenQuestion};
pub use automaton::{InvalidRegex, RegexForm, regex_form, regex_groups};
pub use claims::Claims;
pub use draw::{Draw, Salt, draw};
pub use form::{canonical_host, path_readings};
pub use index::{
    AuthorizerIndex, EditsIndex, InboundPort, IssuerIndex, LimitIndex, PortIndex, RespondIndex,
    RetryIndex, ServiceIndex, VersionIndex,
};
pub use key_draw::key_draw;
pub use observe::{Found, Observer, Step, What, Why};
pub use pick::{Candidates, EndpointView, pick};
pub use request::{Caller, Headers, Moment, Request};
pub use route::{
    Connection, fall_back, fall_back_connection, route, route_connection, route_gateway,
    route_gateway_connection,
};
pub use rule::{RuleIndex, RuleMeta};
pub use state::State;
pub use tables::{
    AuthorizerTable, CalleeKind, FleetShares, LimitShare, NotHonourable, Share, Tables,
};
pub use verdict::{
    Admission, Admitted, Fields, Injected, LimitStatus, Noted, Plan, Preflight, Reason, Refusal,
    Routing, ShadowOutcome, ShadowVerdict, TokenEdits,
};
