//! Processes that `mesh up` starts end with it, even when it is killed.

use std::io;

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

/// Asks the kernel to kill this process when `parent` ends, and fails if it has
/// already. To be called first of all, by the child itself.
pub(crate) fn end_with(parent: u32) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let actual = getppid().map_or(0, Pid::as_raw_pid);
    if u32::try_from(actual) == Ok(parent) {
        Ok(())
    } else {
        Err(io::Error::other(format!(
            "the process that started this one ({parent}) is gone"
        )))
    }
}
