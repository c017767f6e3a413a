//! Keeps the processes of one `mesh up` running until it is told to stop.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::exit::chain;

use super::child::{Child, Spec};
use super::enrol::Errand;

/// Before a process that died is started again.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a process may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(5);

/// A process to keep running.
pub(super) struct Job {
    /// How it is started.
    pub(super) spec: Spec,
    /// What it is told on standard input.
    pub(super) input: Option<String>,
    /// The token that it needs beforehand.
    pub(super) token: Option<Errand>,
}

/// Whether what died is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restart {
    /// After a second.
    Always,
    /// It stays down.
    Never,
}

/// Something happened to a process that nobody asked for. `Display` tells a person.
#[derive(Debug)]
pub(super) struct Ended {
    /// Which.
    pub(super) name: String,
    /// How.
    pub(super) how: String,
    /// Where it may have said why.
    pub(super) log: PathBuf,
    /// What comes next.
    pub(super) next: Restart,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = match self.next {
            Restart::Always => "starting it again",
            Restart::Never => "it stays down",
        };
        write!(
            f,
            "{} {}; {next} (log: {})",
            self.name,
            self.how,
            self.log.display()
        )
    }
}

/// Every process by its name.
pub(super) struct Supervisor {
    kept: BTreeMap<String, Kept>,
    tasks: JoinSet<()>,
    restart: Restart,
    told: mpsc::UnboundedSender<Ended>,
}

/// Our end of one process's task.
struct Kept {
    stop: CancellationToken,
    /// Cancelled when the task is over.
    over: CancellationToken,
    pid: watch::Receiver<u32>,
    input: watch::Sender<Option<String>>,
}

impl Supervisor {
    /// Nothing runs yet; what ends by itself is told to the receiver.
    pub(super) fn new(restart: Restart) -> (Self, mpsc::UnboundedReceiver<Ended>) {
        let (told, ended) = mpsc::unbounded_channel();
        let supervisor = Self {
            kept: BTreeMap::new(),
            tasks: JoinSet::new(),
            restart,
            told,
        };
        (supervisor, ended)
    }

    /// Starts a process and keeps it running.
    pub(super) fn start(&mut self, job: Job) {
        let (stop, over) = (CancellationToken::new(), CancellationToken::new());
        let (pid, pid_seen) = watch::channel(0);
        let (input, input_seen) = watch::channel(job.input.clone());
        let name = job.spec.name.clone();
        let keeper = Keeper {
            job,
            stop: stop.clone(),
            _over: over.clone().drop_guard(),
            pid,
            input: input_seen,
            restart: self.restart,
            told: self.told.clone(),
        };
        self.tasks.spawn(keeper.run());
        let kept = Kept {
            stop,
            over,
            pid: pid_seen,
            input,
        };
        self.kept.insert(name, kept);
    }

    /// Stops processes and waits for their end.
    pub(super) async fn stop(&mut self, names: &[String]) {
        let stopped: Vec<_> = names
            .iter()
            .filter_map(|name| self.kept.remove(name))
            .collect();
        for kept in &stopped {
            kept.stop.cancel();
        }
        for kept in &stopped {
            kept.over.cancelled().await;
        }
    }

    /// Whether a process of this name is kept.
    pub(super) fn has(&self, name: &str) -> bool {
        self.kept.contains_key(name)
    }

    /// The process id that a name has now; 0 before its first start.
    pub(super) fn pid(&self, name: &str) -> u32 {
        self.kept.get(name).map_or(0, |kept| *kept.pid.borrow())
    }

    /// Replaces what a process is told, now and after each restart.
    pub(super) fn tell(&self, name: &str, input: String) {
        if let Some(kept) = self.kept.get(name) {
            kept.input.send_replace(Some(input));
        }
    }

    /// Stops everything and waits for its end.
    pub(super) async fn stop_all(mut self) {
        for kept in self.kept.values() {
            kept.stop.cancel();
        }
        while self.tasks.join_next().await.is_some() {}
    }
}

/// The task of one process.
struct Keeper {
    job: Job,
    stop: CancellationToken,
    _over: DropGuard,
    pid: watch::Sender<u32>,
    input: watch::Receiver<Option<String>>,
    restart: Restart,
    told: mpsc::UnboundedSender<Ended>,
}

impl Keeper {
    async fn run(mut self) {
        let stop = self.stop.clone();
        let mut first = true;
        loop {
            let Some(how) = stop.run_until_cancelled(self.prepare(first)).await else {
                return;
            };
            let how = match how {
                Ok(()) => self.once().await,
                Err(how) => Some(how),
            };
            let Some(how) = how else { return };
            let ended = Ended {
                name: self.job.spec.name.clone(),
                how,
                log: self.job.spec.log.clone(),
                next: self.restart,
            };
            // Nobody listens any more when everything is being stopped.
            drop(self.told.send(ended));
            if self.restart == Restart::Never {
                return;
            }
            if stop
                .run_until_cancelled(tokio::time::sleep(PAUSE))
                .await
                .is_none()
            {
                return;
            }
            first = false;
        }
    }

    async fn prepare(&self, first: bool) -> Result<(), String> {
        match &self.job.token {
            Some(errand) if first => errand.insist().await.map_err(|error| chain(&error)),
            // A proxy that has its identity needs no token; one that has none
            // reports so itself.
            Some(errand) => {
                drop(errand.attempt().await);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Runs the process once. `None` when it was stopped on purpose, else how it ended.
    async fn once(&mut self) -> Option<String> {
        let mut child = match Child::start(&self.job.spec) {
            Ok(child) => child,
            Err(error) => return Some(chain(&error)),
        };
        self.pid.send_replace(child.pid());
        self.input.mark_changed();
        loop {
            tokio::select! {
                () = self.stop.cancelled() => {
                    child.end(GRACE).await;
                    return None;
                }
                status = child.wait() => return Some(describe(&status)),
                Ok(()) = self.input.changed() => {
                    let line = self.input.borrow_and_update().clone();
                    // A broken pipe is the end of the process, which is seen above.
                    drop(child.tell(&line.unwrap_or_default()).await);
                }
            }
        }
    }
}

fn describe(status: &std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => format!("ended by itself ({status})"),
        Err(error) => format!("cannot be waited for ({error})"),
    }
}
