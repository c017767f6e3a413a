//! What the kernel says about processes.

/// The processes that a process started and that still run.
pub fn children(parent: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers
        .filter(|pid| field(*pid, "PPid") == Some(u64::from(parent)) && !has_ended(*pid))
        .collect()
}

/// The words of a process's command line.
pub fn command_line(pid: u32) -> Vec<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = bytes.split(|byte| *byte == 0);
    words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

/// Gone, or a zombie that its parent has not asked about yet: either way without files and sockets.
pub fn has_ended(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/status"))
        .map_or(true, |status| status.contains("State:\tZ"))
}

/// The most memory that a process ever had resident, in MiB; nothing once it ended.
pub fn highest_memory(pid: u32) -> Option<u64> {
    field(pid, "VmHWM").map(|kib| kib / 1024)
}

/// Ends a process at once.
///
/// # Panics
///
/// When there is no such process.
pub fn kill(pid: u32) {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    let pid = pid.expect("a process identifier");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("a running process");
}

fn field(pid: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}
