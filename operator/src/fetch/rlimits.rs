use std::io;

use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setrlimit,
};

/// Private writable memory. Packs are mapped shared and read-only and do not count.
const DATA: u64 = 512 << 20;
/// Everything mapped: packs of a gigabyte still fit.
const ADDRESS_SPACE: u64 = 4 << 30;
const OPEN_FILES: u64 = 256;

/// What the child may use, set by itself before it reads a byte, so that no request
/// can raise it. Ends with its parent.
pub(super) fn confine(processor_seconds: u64, file_size: u64) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    for (resource, limit) in [
        (Resource::Core, 0),
        (Resource::Data, DATA),
        (Resource::As, ADDRESS_SPACE),
        (Resource::Nofile, OPEN_FILES),
        (Resource::Cpu, processor_seconds),
        (Resource::Fsize, file_size),
    ] {
        let limit = Rlimit {
            current: Some(limit),
            maximum: Some(limit),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

/// Whether the process that asked is still the parent: it may have ended before
/// [`confine`] tied this one to it.
pub(super) fn still_asked(parent: u32) -> io::Result<()> {
    let actual = getppid().map_or(0, Pid::as_raw_pid);
    if u32::try_from(actual) == Ok(parent) {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "the process that asked ({parent}) is gone"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_whose_parent_is_gone_answers_nothing() {
        let parent = getppid().expect("a test has a parent").as_raw_pid();
        let parent = u32::try_from(parent).unwrap();
        assert!(still_asked(parent).is_ok());
        assert!(still_asked(parent + 1).is_err());
    }
}
