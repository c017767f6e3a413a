use std::io;

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

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
