//! The course of one `mesh up`: bring up, report, follow, stop.

use std::path::Path;
use std::time::Duration;

use mesh_ir::{Mesh, Name};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::MissedTickBehavior;

use crate::commands::status::{Commit, Output, Status, short};
use crate::exit::{Exit, Failure};
use crate::operator_api::Operator;
use crate::terminal::Terminal;

use super::UpError;
use super::hints::{Call, Hints};
use super::jobs::{self, APPLICATIONS, OPERATOR, OperatorPlace, file_name, proxy_name};
use super::ports::Ports;
use super::ready;
use super::report::{self, OperatorReport, Report, WorkloadReport};
use super::signals::Signals;
use super::source::Source;
use super::state::State;
use super::supervisor::{Ended, Restart, Supervisor};
use super::topology::{Placed, Topology};

/// How long everything may take to come up.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often it is asked whether there is a new commit.
const LOOK: Duration = Duration::from_secs(1);

/// A mesh on this machine.
pub(super) struct Up {
    source: Source,
    environment: Option<Name>,
    state: State,
    ports: Ports,
    supervisor: Supervisor,
    ended: UnboundedReceiver<Ended>,
    operator: Operator,
    place: OperatorPlace,
    topology: Topology,
}

/// Why waiting for readiness is over.
enum Start {
    Ready,
    Stopped,
    /// The operator does not take the first revision.
    Rejected(Commit),
}

impl Up {
    /// Nothing runs yet.
    pub(super) fn new(
        source: Source,
        environment: Option<&Name>,
        state: State,
        restart: Restart,
    ) -> Result<Self, UpError> {
        let locks = std::env::temp_dir().join(format!(
            "meshwright-ports-{}",
            rustix::process::getuid().as_raw()
        ));
        let mut ports = Ports::new(&locks, state.ports()?)?;
        let (supervisor, ended) = Supervisor::new(restart);
        Ok(Self {
            source,
            environment: environment.cloned(),
            operator: Operator::of(state.path()),
            place: OperatorPlace {
                xds: ports.address("operator/xds")?,
                api: ports.address("operator/api")?,
            },
            state,
            ports,
            supervisor,
            ended,
            topology: Topology { workloads: vec![] },
        })
    }

    /// From start to stop.
    pub(super) async fn run(
        mut self,
        mesh: &Mesh,
        output: Output,
        terminal: &mut Terminal,
    ) -> Result<Exit, Failure> {
        let mut signals = Signals::new().map_err(UpError::Runtime)?;
        if terminal.watched {
            writeln!(terminal.err, "following {}", self.source.describe())?;
        }
        let outcome = self.bring_up(mesh, &mut signals).await;
        let exit = match outcome {
            Ok(Start::Ready) => match self.announce(mesh, output, terminal) {
                Ok(()) => self
                    .follow(&mut signals, terminal)
                    .await
                    .map(|()| Exit::Success),
                Err(error) => Err(error.into()),
            },
            Ok(Start::Stopped) => Ok(Exit::Success),
            Ok(Start::Rejected(commit)) => {
                tell_commit(&commit, terminal)?;
                Ok(Exit::Findings)
            }
            Err(error) => {
                self.state.keep();
                Err(error.into())
            }
        };
        self.supervisor.stop_all().await;
        exit
    }

    async fn bring_up(&mut self, mesh: &Mesh, signals: &mut Signals) -> Result<Start, UpError> {
        self.settle(mesh)?;
        self.supervisor.start(jobs::operator(
            &self.source,
            self.environment.as_ref(),
            &self.state,
            self.place,
        ));
        let deadline = tokio::time::sleep(PATIENCE);
        let operator = self.operator.clone();
        let rejected = tokio::select! {
            rejected = conclusion(&operator) => rejected,
            () = signals.stop() => return Ok(Start::Stopped),
            Some(ended) = self.ended.recv() => return Err(did_not_come_up(&ended)),
            () = deadline => return Err(self.late(OPERATOR)),
        };
        if let Some(commit) = rejected {
            return Ok(Start::Rejected(commit));
        }
        self.start_workloads()?;
        for placed in self.topology.workloads.clone() {
            let up = async {
                for port in &placed.inbound {
                    ready::accepting(port.application).await;
                }
                ready::proxy(placed.admin).await;
            };
            tokio::select! {
                () = up => {}
                () = signals.stop() => return Ok(Start::Stopped),
                Some(ended) = self.ended.recv() => return Err(did_not_come_up(&ended)),
                () = tokio::time::sleep(PATIENCE) => return Err(self.late(&proxy_name(&placed))),
            }
        }
        Ok(Start::Ready)
    }

    /// Gives everything of a mesh its place and tells the operator.
    fn settle(&mut self, mesh: &Mesh) -> Result<(), UpError> {
        let ports = &mut self.ports;
        self.topology = Topology::of(mesh, |name| ports.address(name))?;
        self.state.save_ports(self.ports.given())?;
        self.state.save_inventory(&self.topology.inventory())?;
        Ok(())
    }

    fn start_workloads(&mut self) -> Result<(), UpError> {
        if self.supervisor.has(APPLICATIONS) {
            self.supervisor
                .tell(APPLICATIONS, jobs::plan(&self.topology));
        } else {
            let job = jobs::applications(&self.topology, &self.state);
            self.supervisor.start(job);
        }
        for placed in &self.topology.workloads {
            if !self.supervisor.has(&proxy_name(placed)) {
                let job = jobs::proxy(placed, &self.state, &self.operator, self.place)?;
                self.supervisor.start(job);
            }
        }
        Ok(())
    }

    /// Says where everything is.
    fn announce(
        &self,
        mesh: &Mesh,
        output: Output,
        terminal: &mut Terminal,
    ) -> std::io::Result<()> {
        let report = self.report();
        match output {
            Output::Json => writeln!(terminal.out, "{}", serde_json::to_string(&report)?)?,
            Output::Text => {
                let hints = Hints {
                    program: std::env::args().next().unwrap_or_else(|| "mesh".to_owned()),
                    path: self.source.path(),
                    state_dir: self.state.path().to_owned(),
                    call: Call::of(mesh, &self.topology),
                };
                let text = report::text(&report, &self.topology);
                write!(terminal.out, "{text}{hints}")?;
            }
        }
        terminal.out.flush()
    }

    fn report(&self) -> Report {
        let workload = |placed: &Placed| {
            let pid = self.supervisor.pid(&proxy_name(placed));
            WorkloadReport::of(placed, pid, self.state.access_log(&file_name(placed)))
        };
        Report {
            state_dir: self.state.path().to_owned(),
            operator: OperatorReport {
                xds: self.place.xds,
                api: self.place.api,
                pid: self.supervisor.pid(OPERATOR),
            },
            workloads: self.topology.workloads.iter().map(workload).collect(),
        }
    }

    /// Tells of commits and deaths until it is stopped, and lets what runs follow.
    async fn follow(
        &mut self,
        signals: &mut Signals,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = newest(&self.operator).await;
        loop {
            tokio::select! {
                () = signals.stop() => return Ok(()),
                Some(ended) = self.ended.recv() => writeln!(terminal.err, "{ended}")?,
                _ = look.tick() => {
                    let Some(commit) = newest(&self.operator).await else { continue };
                    let known = seen.as_ref();
                    if known.is_some_and(|seen| seen.id == commit.id && seen.outcome == commit.outcome) {
                        continue;
                    }
                    tell_commit(&commit, terminal)?;
                    if let Err(error) = self.adapt().await {
                        writeln!(terminal.err, "{}", crate::exit::chain(&error))?;
                    }
                    seen = Some(commit);
                }
            }
        }
    }

    /// Starts and stops workloads as the newest revision wants it.
    async fn adapt(&mut self) -> Result<(), UpError> {
        let compilation = self.source.compile(self.environment.as_ref())?;
        // What does not compile changes nothing; the operator has said why.
        let wrong = compilation.has_errors();
        let Some(mesh) = compilation.mesh.as_ref().filter(|_| !wrong) else {
            return Ok(());
        };
        let before = self.topology.clone();
        self.settle(mesh)?;
        if self.topology == before {
            return Ok(());
        }
        // A workload that is somebody else now joins anew.
        let same = |a: &Placed, b: &Placed| a.id() == b.id() && a.identity == b.identity;
        let stays = |it: &&Placed| self.topology.workloads.iter().any(|now| same(it, now));
        let gone: Vec<_> = before.workloads.iter().filter(|it| !stays(it)).collect();
        let names: Vec<_> = gone.iter().map(|placed| proxy_name(placed)).collect();
        self.supervisor.stop(&names).await;
        for placed in gone {
            self.state.forget_proxy(&file_name(placed))?;
        }
        self.start_workloads()
    }

    fn late(&self, name: &str) -> UpError {
        let log = match self
            .topology
            .workloads
            .iter()
            .find(|it| proxy_name(it) == name)
        {
            Some(placed) => self.state.log(&file_name(placed)),
            None => self.state.log(name),
        };
        UpError::Child {
            name: name.to_owned(),
            how: format!("is not ready after {} s", PATIENCE.as_secs()),
            tail: tail(&log),
            log,
        }
    }
}

async fn newest(operator: &Operator) -> Option<Commit> {
    let status: Status = operator.get("/v1/status").await.ok()?;
    status.commits.into_iter().next()
}

/// Until the operator has something to give to proxies (`None`), or nothing but a
/// commit that it does not take. What it remembers of an earlier run counts: the
/// newest revision follows at once.
async fn conclusion(operator: &Operator) -> Option<Commit> {
    loop {
        if let Ok(status) = operator.get::<Status>("/v1/status").await {
            if status.live.is_some() {
                return None;
            }
            if let Some(commit) = status.commits.into_iter().next() {
                return Some(commit);
            }
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

fn tell_commit(commit: &Commit, terminal: &mut Terminal) -> std::io::Result<()> {
    writeln!(
        terminal.err,
        "commit {} is {}",
        short(&commit.id),
        commit.outcome
    )?;
    for finding in &commit.diagnostics {
        writeln!(terminal.err, "  {finding}")?;
    }
    Ok(())
}

fn did_not_come_up(ended: &Ended) -> UpError {
    UpError::Child {
        name: ended.name.clone(),
        how: ended.how.clone(),
        tail: tail(&ended.log),
        log: ended.log.clone(),
    }
}

fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}
