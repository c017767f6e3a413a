use std::time::Duration;

use mesh_ir::{Backoff, Balancing, LoadBalancing, Percent, RetryOn, RetryPolicy};

use super::balancing;
use crate::syntax::ast;

/// The block `defaults` with nothing left open.
#[derive(Debug, Clone)]
pub(super) struct Defaults {
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Option<Duration>,
    pub(super) stream_idle_timeout: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) retries: RetryPolicy,
    pub(super) load_balancing: Balancing,
}

impl Defaults {
    /// What holds where `Mesh` is silent; `docs` and `mesh init` write it out.
    pub(super) fn built_in() -> Self {
        Self {
            connect_timeout: Duration::from_secs(1),
            timeout: Some(Duration::from_secs(15)),
            stream_idle_timeout: Some(Duration::from_mins(5)),
            idle_timeout: Some(Duration::from_hours(1)),
            retries: RetryPolicy {
                attempts: 2,
                on: vec![RetryOn::ConnectFailure, RetryOn::RefusedStream],
                idempotent: false,
                backoff: Backoff {
                    base: Duration::from_millis(25),
                    max: Duration::from_millis(250),
                },
                budget: Percent(20_000),
            },
            load_balancing: LoadBalancing::LeastRequest.into(),
        }
    }

    /// These, where `block` does not say otherwise.
    pub(super) fn with(&self, block: &ast::Defaults) -> Self {
        let ast::Defaults {
            connect_timeout,
            timeout,
            stream_idle_timeout,
            idle_timeout,
            retries,
            load_balancing,
        } = block;
        Self {
            connect_timeout: connect_timeout.map_or(self.connect_timeout, |it| it.value),
            timeout: timeout.map_or(self.timeout, |it| it.value),
            stream_idle_timeout: stream_idle_timeout
                .map_or(self.stream_idle_timeout, |it| it.value),
            idle_timeout: idle_timeout.map_or(self.idle_timeout, |it| it.value),
            retries: merge_retries(&self.retries, retries.as_ref()),
            load_balancing: balancing::merge(&self.load_balancing, load_balancing.as_ref()),
        }
    }
}

/// A retry policy, where `written` does not say otherwise.
pub(super) fn merge_retries(base: &RetryPolicy, written: Option<&ast::Retries>) -> RetryPolicy {
    let Some(written) = written else {
        return base.clone();
    };
    let ast::Retries {
        attempts,
        retry_on,
        backoff,
        budget,
        idempotent,
        span: _,
    } = written;
    let mut on: Vec<RetryOn> = if retry_on.is_empty() {
        base.on.clone()
    } else {
        retry_on.iter().map(|it| it.value.clone()).collect()
    };
    on.sort();
    on.dedup();
    let backoff = backoff.as_ref();
    let first = backoff.and_then(|it| it.base);
    let most = backoff.and_then(|it| it.max);
    let first = first.map_or(base.backoff.base, |it| it.value);
    RetryPolicy {
        attempts: attempts.map_or(base.attempts, |it| it.value),
        on,
        idempotent: idempotent.map_or(base.idempotent, |it| it.value),
        backoff: Backoff {
            base: first,
            // A base above the default bound raises it.
            max: most.map_or(base.backoff.max.max(first), |it| it.value),
        },
        budget: budget.map_or(base.budget, |it| it.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{FileId, Span};
    use crate::syntax::ast::{Retries, Spanned};

    const NOWHERE: Span = Span {
        file: FileId(0),
        start: 0,
        end: 0,
    };

    #[test]
    fn what_is_written_replaces_and_the_rest_stays() {
        let base = Defaults::built_in().retries;
        let written = Retries {
            attempts: Some(Spanned::new(5, NOWHERE)),
            retry_on: vec![],
            backoff: None,
            budget: None,
            idempotent: None,
            span: NOWHERE,
        };
        let merged = merge_retries(&base, Some(&written));
        let expected = RetryPolicy {
            attempts: 5,
            ..base
        };
        assert_eq!(merged, expected);
    }
}
