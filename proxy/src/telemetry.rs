//! What a worker writes down: an access log line and counters per request and
//! connection. Everything is local to the worker; what is asked for is summed
//! over workers by whoever asks.

mod access_log;
mod json;
mod labels;
mod metrics;
mod record;
mod render;

pub(crate) use self::access_log::{AccessLog, AccessLogTarget};
pub(crate) use self::metrics::{Metrics, MetricsSnapshot, Shadowed};
pub(crate) use self::record::{Direction, Outcome, Record, Traffic};
