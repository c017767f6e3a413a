//! The architecture as tests: package arrows, files that nothing reaches, import
//! cycles, budgets, and generated files that are current.

#![expect(clippy::panic, reason = "a suite fails by panicking")]

mod arrows;
mod budgets;
mod cycles;
mod diagnostics;
mod generated;
mod orphans;
mod sources;
