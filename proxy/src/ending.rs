use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// How one task is told from outside that what it does must end, and why.
///
/// It says so once and for good; the task is woken if it has asked before.
#[derive(Default)]
pub(crate) struct Ending {
    why: Cell<Option<&'static str>>,
    waker: RefCell<Option<Waker>>,
}

impl Ending {
    /// It must end. The first reason stays.
    pub(crate) fn end(&self, why: &'static str) {
        self.why.set(self.why.get().or(Some(why)));
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// Why it must, if it must.
    pub(crate) fn why(&self) -> Option<&'static str> {
        self.why.get()
    }

    /// The same; the task is woken when that changes.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Option<&'static str> {
        let mut waker = self.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|it| it.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        self.why.get()
    }

    /// Runs until it is done, or until it must end; then says why.
    pub(crate) async fn unless_ended<F: Future>(
        &self,
        mut running: Pin<&mut F>,
    ) -> Result<F::Output, &'static str> {
        std::future::poll_fn(|cx| {
            if let Some(why) = self.why() {
                return Poll::Ready(Err(why));
            }
            match running.as_mut().poll(cx) {
                Poll::Ready(output) => Poll::Ready(Ok(output)),
                Poll::Pending => match self.poll(cx) {
                    Some(why) => Poll::Ready(Err(why)),
                    None => Poll::Pending,
                },
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    #[tokio::test]
    async fn what_must_end_is_woken_and_the_first_reason_stays() {
        let ending = Ending::default();
        let running = pin!(std::future::pending::<()>());
        let told = async {
            tokio::task::yield_now().await;
            ending.end("revoked");
            ending.end("drained");
        };
        let (ended, ()) = tokio::join!(ending.unless_ended(running), told);
        assert_eq!(ended, Err("revoked"));
        assert_eq!(ending.why(), Some("revoked"));
    }

    #[tokio::test]
    async fn what_is_done_is_not_ended() {
        let ending = Ending::default();
        let running = pin!(std::future::ready(7));
        assert_eq!(ending.unless_ended(running).await, Ok(7));
    }
}
