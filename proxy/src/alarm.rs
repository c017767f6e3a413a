use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::time::Sleep;

/// Timers kept for others.
const MAX_SPARE: usize = 256;

/// The timers of one worker, lent to whoever waits.
///
/// Nearly every wait ends long before its time, and the next one ends later. So a
/// timer is left armed when its wait is over; if it rings too early for the next
/// one it is put off. A request arms and disarms none.
#[derive(Default)]
pub(crate) struct Alarms {
    spare: RefCell<Vec<Pin<Box<Sleep>>>>,
}

struct Lent<'a> {
    alarms: &'a Alarms,
    sleep: Option<Pin<Box<Sleep>>>,
    until: Instant,
}

impl Alarms {
    /// What the future gives; `None` if it gives nothing before `until`. It may be
    /// asked again.
    pub(crate) async fn until<F: Future>(
        &self,
        until: Instant,
        mut future: Pin<&mut F>,
    ) -> Option<F::Output> {
        let mut lent = Lent {
            alarms: self,
            sleep: None,
            until,
        };
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => lent.poll(cx).map(|()| None),
        })
        .await
    }

    fn take(&self, until: Instant) -> Pin<Box<Sleep>> {
        let Some(mut sleep) = self.spare.borrow_mut().pop() else {
            return Box::pin(tokio::time::sleep_until(until.into()));
        };
        if sleep.deadline() > until.into() {
            sleep.as_mut().reset(until.into());
        }
        sleep
    }
}

impl Lent<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self
            .sleep
            .get_or_insert_with(|| self.alarms.take(self.until));
        loop {
            ready!(sleep.as_mut().poll(cx));
            if sleep.deadline() >= self.until.into() {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(self.until.into());
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut spare = self.alarms.spare.borrow_mut();
        if let Some(sleep) = self.sleep.take()
            && spare.len() < MAX_SPARE
        {
            spare.push(sleep);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::time::Duration;

    use super::*;

    async fn waited(alarms: &Alarms, bound: Duration) -> Duration {
        let start = tokio::time::Instant::now();
        let never = pin!(std::future::pending::<()>());
        let until = (start + bound).into_std();
        assert_eq!(alarms.until(until, never).await, None);
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_served_before_rings_neither_early_nor_late() {
        let alarms = Alarms::default();
        for seconds in [3, 5, 1, 1, 60, 2] {
            let bound = Duration::from_secs(seconds);
            let off = waited(&alarms, bound).await.abs_diff(bound);
            assert!(off < Duration::from_millis(5), "{seconds} s: {off:?}");
        }
        assert_eq!(alarms.spare.borrow().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_left_armed_by_a_wait_that_ended_is_put_off_or_brought_forward() {
        let alarms = Alarms::default();
        for (left, next) in [(10, 20), (20, 5)] {
            let until = tokio::time::Instant::now() + Duration::from_secs(left);
            let soon = pin!(tokio::time::sleep(Duration::from_secs(1)));
            assert_eq!(alarms.until(until.into_std(), soon).await, Some(()));
            let bound = Duration::from_secs(next);
            let off = waited(&alarms, bound).await.abs_diff(bound);
            assert!(off < Duration::from_millis(5), "{next} s: {off:?}");
        }
        assert_eq!(alarms.spare.borrow().len(), 1);
    }
}
