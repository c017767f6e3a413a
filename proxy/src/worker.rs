//! A worker: one thread with its own runtime, upstream connections and counters.
//! Everything that anybody wants of it arrives as a message.

mod accept;

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use tokio::time::MissedTickBehavior;

use crate::active::{Active, ListenerRole};
use crate::clock::Clock;
use crate::context::Context;
use crate::telemetry::{AccessLog, AccessLogTarget, MetricsSnapshot};

/// How long lines wait for others before they are written.
const LOG_EVERY: Duration = Duration::from_millis(5);
/// How often a draining worker looks whether it is done.
const DRAIN_CHECK: Duration = Duration::from_millis(10);

/// What control asks of a worker.
pub(crate) enum WorkerMessage {
    /// Serve an accepted connection. Sent by [`WorkerHandle::dispatch`], which counts it.
    Connection {
        /// As accepted.
        stream: std::net::TcpStream,
        /// Whose.
        peer: SocketAddr,
        /// What the listener is for.
        role: Arc<ListenerRole>,
    },
    /// Decide by this from the next request on; answered when that holds.
    Activate(Arc<Active>, oneshot::Sender<()>),
    /// Tell the counters.
    Metrics(oneshot::Sender<MetricsSnapshot>),
    /// Finish what runs, at most until `grace` is over, then end the thread.
    Drain {
        /// How long streams and TCP connections may go on.
        grace: Duration,
        /// Answered when nothing is left; the access log is written when the thread is gone.
        done: oneshot::Sender<()>,
    },
}

/// What a worker is told once.
#[derive(Debug, Clone)]
pub(crate) struct WorkerConfig {
    /// Where the access log goes.
    pub access_log: AccessLogTarget,
    /// The proxy's clocks: one start for all workers.
    pub clock: Clock,
}

/// A running worker.
pub(crate) struct WorkerHandle {
    sender: mpsc::UnboundedSender<WorkerMessage>,
    connections: Arc<AtomicUsize>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// Starts worker number `index`. Until the first `Activate` it closes what it is given.
pub(crate) fn start(index: usize, config: &WorkerConfig) -> std::io::Result<WorkerHandle> {
    let WorkerConfig { access_log, clock } = config.clone();
    let (sender, messages) = mpsc::unbounded_channel();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let (opened, is_open) = std::sync::mpsc::sync_channel(1);
    let thread = std::thread::Builder::new()
        .name(format!("worker-{index}"))
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let ready = runtime.and_then(|runtime| Ok((runtime, AccessLog::open(&access_log)?)));
            match ready {
                Ok((runtime, log)) => {
                    opened.send(Ok(())).ok();
                    let context = Rc::new(Context::new(clock, log));
                    let local = LocalSet::new();
                    local.block_on(&runtime, run(context, messages, counted));
                }
                Err(error) => {
                    opened.send(Err(error)).ok();
                }
            }
        })?;
    is_open.recv().unwrap_or(Ok(()))?;
    Ok(WorkerHandle {
        sender,
        connections,
        thread: Some(thread),
    })
}

impl WorkerHandle {
    /// Open connections, those under way to the worker included.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Hands an accepted connection over.
    pub(crate) fn dispatch(
        &self,
        stream: std::net::TcpStream,
        peer: SocketAddr,
        role: Arc<ListenerRole>,
    ) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let message = WorkerMessage::Connection { stream, peer, role };
        if self.sender.send(message).is_err() {
            self.connections.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Sends any other message; nothing happens where the worker has ended.
    pub(crate) fn send(&self, message: WorkerMessage) {
        self.sender.send(message).ok();
    }

    /// Waits until the worker takes no more messages.
    pub(crate) async fn ended(&self) {
        self.sender.closed().await;
    }

    /// Waits until the thread is gone and its access log written: after a `Drain`.
    pub(crate) fn join(mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// Leaves the count when a connection ends.
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn run(
    context: Rc<Context>,
    mut messages: mpsc::UnboundedReceiver<WorkerMessage>,
    connections: Arc<AtomicUsize>,
) {
    keep_house(&context);
    while let Some(message) = messages.recv().await {
        match message {
            WorkerMessage::Connection { stream, peer, role } => {
                let counted = Counted(connections.clone());
                let serving = accept::serve(context.clone(), stream, peer, role, counted);
                tokio::task::spawn_local(serving);
            }
            WorkerMessage::Activate(active, done) => {
                context.activate((*active).clone());
                done.send(()).ok();
            }
            WorkerMessage::Metrics(answer) => {
                let open = connections.load(Ordering::Relaxed);
                context.metrics.connections.set(open as u64);
                let dropped = context.log.dropped();
                answer.send(context.metrics.snapshot(dropped)).ok();
            }
            WorkerMessage::Drain { grace, done } => {
                drain(&context, grace).await;
                done.send(()).ok();
                break;
            }
        }
    }
}

/// Lets what runs finish. Connections still on their way here are closed.
async fn drain(context: &Context, grace: Duration) {
    let until = Instant::now() + grace;
    context.drain();
    while context.open() > 0 && Instant::now() < until {
        tokio::time::sleep(DRAIN_CHECK).await;
        context.tick(Instant::now());
    }
    context.abort();
    // Tasks that were told to end write their last lines.
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    context.log.flush();
}

/// Starts what a worker does beside serving: once a second it looks after its
/// connections, and it writes its log.
pub(crate) fn keep_house(context: &Rc<Context>) {
    tokio::task::spawn_local(write_log(context.clone()));
    tokio::task::spawn_local(count_seconds(context.clone()));
}

async fn count_seconds(context: Rc<Context>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        seconds.tick().await;
        context.tick(Instant::now());
    }
}

async fn write_log(context: Rc<Context>) {
    loop {
        context.log.waiting.notified().await;
        tokio::time::sleep(LOG_EVERY).await;
        context.log.flush();
    }
}

#[cfg(test)]
mod tests;
