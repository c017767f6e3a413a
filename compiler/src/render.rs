//! Diagnostics as text for people and for machines.
//!
//! All take diagnostics in report order and the sources they point into.

mod concise;
mod human;
mod json;

pub use concise::concise;
pub use human::{Colour, human};
pub use json::{Record, json, records};
