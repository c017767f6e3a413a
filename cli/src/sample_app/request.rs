//! What a request asks of the sample application beyond an echo.

use std::time::Duration;

/// How to answer. Asked for at the end of a path (`/reviews/status/503`,
/// `/delay/250ms`) or, where a policy reads the path, in the query
/// (`/reviews/7?status=503&delay=250ms`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wish {
    /// 200 to 599.
    pub(super) status: u16,
    /// Before the answer; at most a minute.
    pub(super) delay: Duration,
}

impl Wish {
    /// What the path and query of a request ask for; what is not understood asks for nothing.
    pub(super) fn of(path: &str, query: Option<&str>) -> Self {
        let mut wish = Self {
            status: 200,
            delay: Duration::ZERO,
        };
        let mut segments = path.rsplit('/');
        if let (Some(value), Some(name)) = (segments.next(), segments.next()) {
            wish.take(name, value);
        }
        for (name, value) in query
            .unwrap_or("")
            .split('&')
            .filter_map(|p| p.split_once('='))
        {
            wish.take(name, value);
        }
        wish
    }

    fn take(&mut self, name: &str, value: &str) {
        match name {
            "status" => {
                if let Some(status) = value.parse().ok().filter(|s| (200..600).contains(s)) {
                    self.status = status;
                }
            }
            "delay" => {
                if let Some(delay) = duration(value) {
                    self.delay = delay.min(Duration::from_mins(1));
                }
            }
            _ => {}
        }
    }
}

fn duration(text: &str) -> Option<Duration> {
    if let Some(milliseconds) = text.strip_suffix("ms") {
        return milliseconds.parse().ok().map(Duration::from_millis);
    }
    text.strip_suffix('s')?
        .parse()
        .ok()
        .map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, query: Option<&str>, status: u16, milliseconds: u64) {
        let delay = Duration::from_millis(milliseconds);
        assert_eq!(Wish::of(path, query), Wish { status, delay });
    }

    #[test]
    fn the_end_of_a_path_asks() {
        check("/status/503", None, 503, 0);
        check("/reviews/delay/250ms", None, 200, 250);
        check("/reviews/7", None, 200, 0);
    }

    #[test]
    fn the_query_asks() {
        check("/reviews/7", Some("status=404&x&delay=2s"), 404, 2000);
    }

    #[test]
    fn nonsense_asks_for_nothing() {
        check("/status/99", Some("delay=soon"), 200, 0);
        check("/", Some("status=1000"), 200, 0);
        check("/delay/99999999s", None, 200, 60_000);
    }
}
