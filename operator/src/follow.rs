//! Noticing that something may have changed, and reading what is there now.
//!
//! A notice carries no news: whatever arrives – an event of the file system, the
//! poll – the answer is to read again and compare. So a lost event costs a poll
//! interval and a false one costs a look.

mod decide;
mod reader;
mod watch;

pub(crate) use decide::{Follow, follow};
pub(crate) use reader::{Look, SourceReader};
pub(crate) use watch::{Watch, Watched};
