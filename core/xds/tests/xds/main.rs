//! What travels, through the public interface: round trips, both state machines,
//! and one end against the other.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod arbitrary;
mod both_ends;
mod client;
mod round_trip;
mod sample;
mod server;
