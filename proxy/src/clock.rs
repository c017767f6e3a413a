use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mesh_ir::{Tick, Timestamp};

/// The proxy's two clocks. Copies share one start, so that the ticks of all
/// workers and of the shared state are comparable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that starts now. Ticks begin at one hour, so that "long ago" can be said.
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    /// The monotonic clock.
    pub(crate) fn now(self) -> Tick {
        self.tick(Instant::now())
    }

    /// An instant as a tick.
    pub(crate) fn tick(self, at: Instant) -> Tick {
        Tick(3_600_000_000_000).plus(at.saturating_duration_since(self.start))
    }
}

/// The wall clock: what exceptions expire by.
pub(crate) fn wall() -> Timestamp {
    Timestamp(i64::try_from(since_epoch().as_secs()).unwrap_or(i64::MAX))
}

/// The wall clock to the nanosecond, for logs.
pub(crate) fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
