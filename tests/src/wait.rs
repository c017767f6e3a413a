use std::time::{Duration, Instant};

/// How long a condition may take before a test gives up; generous, since
/// machines are shared and nothing here measures time.
const DEADLINE: Duration = Duration::from_secs(30);

/// Polls until `condition` holds.
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    eventually_some(what, || condition().then_some(()));
}

/// Polls until `attempt` gives something.
#[track_caller]
pub fn eventually_some<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(
            start.elapsed() < DEADLINE,
            "did not happen within {DEADLINE:?}: {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}
