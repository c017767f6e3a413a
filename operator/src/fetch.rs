//! Looking at a repository in a child process of the same binary.
//!
//! libgit2 reads what strangers wrote, so it runs where it can do no harm: with an
//! empty environment, a home of its own, limits on memory, file size, processor
//! time and open files that the child sets before it reads its request, and a
//! deadline after which the parent kills it. The child gets one request on standard
//! input and answers once on standard output; the parent reads no more than it
//! asked for, and nothing that the child does can make it fail.

mod child;
mod parent;
mod protocol;
mod rlimits;

use std::process::ExitCode;

#[cfg(test)]
pub(crate) use child::answer;
pub(crate) use parent::ChildReader;
pub(crate) use protocol::{Answer, Origin, Relation, Request};

/// The hidden first argument that makes a binary the child.
pub const ARGUMENT: &str = "__fetch";

/// Runs the child, where the first argument says so. To be called first of all in
/// `main` of every binary that runs an operator.
pub fn child_if_asked() -> Option<ExitCode> {
    (std::env::args_os().nth(1)? == ARGUMENT).then(child_main)
}

/// The child: one request from standard input, one answer to standard output.
pub fn child_main() -> ExitCode {
    child::main()
}
