use std::path::PathBuf;
use std::sync::Mutex;

use mesh_ir::Epoch;
use mesh_source::{FetchLimits, Limits};

use super::*;
use crate::fetch::{Origin, Request};
use crate::store::RedbStore;
use crate::testing::{TestRepository, access, inventory, mesh_files};

/// Takes plans and a trust domain, as the fleet and the authority do.
#[derive(Default)]
struct FakeSink {
    pinned: Mutex<Option<TrustDomain>>,
    plans: Mutex<Vec<Arc<Plan>>>,
    broken: Mutex<bool>,
}

impl Sink for Arc<FakeSink> {
    fn pin(&self, trust_domain: &TrustDomain) -> Result<(), PinError> {
        if *self.broken.lock().unwrap() {
            return Err(PinError::Failed("the disk is full".to_owned()));
        }
        let mut pinned = self.pinned.lock().unwrap();
        let pinned = pinned.get_or_insert_with(|| trust_domain.clone());
        if pinned == trust_domain {
            Ok(())
        } else {
            Err(PinError::Other(pinned.clone()))
        }
    }

    fn publish(&self, plan: Arc<Plan>) {
        self.plans.lock().unwrap().push(plan);
    }
}

struct Fixture {
    root: tempfile::TempDir,
    repository: TestRepository,
    sink: Arc<FakeSink>,
    rewrites: Rewrites,
    status: watch::Receiver<Arc<Status>>,
}

impl Fixture {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let repository = TestRepository::new(&root.path().join("repository"));
        let (_, status) = watch::channel(Arc::default());
        let fixture = Self {
            repository,
            sink: Arc::default(),
            rewrites: Rewrites::Refuse,
            status,
            root,
        };
        fixture.write_inventory(7002);
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write_inventory(&self, port: u16) {
        std::fs::write(self.path("inventory.yaml"), inventory(port)).unwrap();
    }

    /// A pipeline as a start of the operator makes it.
    fn start(&mut self) -> Pipeline<Arc<FakeSink>> {
        let (sender, status) = watch::channel(Arc::default());
        self.status = status;
        let store = RedbStore::open(&self.path("store.redb")).unwrap();
        let request = Request {
            parent: std::process::id(),
            origin: Origin::Local(self.path("repository")),
            branch: None,
            directory: String::new(),
            known: None,
            again: false,
            accept_rewrite: self.rewrites == Rewrites::Accept,
            limits: Limits::default(),
            fetch: FetchLimits::default(),
        };
        Pipeline::resume(Parts {
            reader: SourceReader::InPlace {
                request: Box::new(request),
            },
            rewrites: self.rewrites,
            source: "local".to_owned(),
            environment: None,
            ledger: Ledger::new(Arc::new(store)),
            sources: SourcesDir::open(self.path("sources")).unwrap(),
            inventory: InventoryFile::new(Some(self.path("inventory.yaml"))),
            sink: self.sink.clone(),
            status: sender,
            metrics: Metrics::new(),
        })
        .unwrap()
    }

    /// Newest first.
    fn outcomes(&self) -> Vec<(String, Outcome)> {
        let status = self.status.borrow();
        let commits = status.commits.iter();
        commits
            .map(|commit| (commit.id.clone(), commit.outcome))
            .collect()
    }

    fn newest_diagnostic(&self) -> String {
        let status = self.status.borrow();
        let first = status.commits[0].diagnostics.first();
        first.map(judge::one_line).unwrap_or_default()
    }

    fn source_problem(&self) -> Option<&'static str> {
        let status = self.status.borrow();
        status.source.problem.as_ref().map(|(word, _)| *word)
    }

    fn plans(&self) -> Vec<(String, Epoch)> {
        let plans = self.sink.plans.lock().unwrap();
        plans
            .iter()
            .map(|plan| (plan.commit.to_string(), plan.epoch))
            .collect()
    }
}

fn bad_files() -> Vec<(&'static str, String)> {
    let mut files = mesh_files("GET");
    files[3].1 = files[3].1.replace("service: client", "service: nobody");
    files
}

#[tokio::test]
async fn a_bad_commit_changes_nothing_and_the_next_good_one_is_applied() {
    let mut fixture = Fixture::new();
    let mut pipeline = fixture.start();
    let good = fixture.repository.commit(&mesh_files("GET"));
    pipeline.look().await.unwrap();
    let bad = fixture.repository.commit(&bad_files());
    pipeline.look().await.unwrap();
    assert_eq!(fixture.plans().len(), 1);
    assert!(fixture.newest_diagnostic().starts_with("access.yaml:7:"));
    assert_eq!(fixture.status.borrow().live.as_ref(), Some(&good));
    let next = fixture.repository.commit(&mesh_files("POST"));
    pipeline.look().await.unwrap();
    assert_eq!(
        fixture.outcomes(),
        [
            (next.clone(), Outcome::Live),
            (bad, Outcome::Rejected),
            (good.clone(), Outcome::Superseded),
        ]
    );
    let plans = fixture.plans();
    assert_eq!((&plans[0].0, &plans[1].0), (&good, &next));
    assert!(plans[1].1 > plans[0].1);
}

#[tokio::test]
async fn nothing_new_is_nothing_done() {
    let mut fixture = Fixture::new();
    let mut pipeline = fixture.start();
    fixture.repository.commit(&mesh_files("GET"));
    for _ in 0..3 {
        pipeline.look().await.unwrap();
    }
    assert_eq!(fixture.plans().len(), 1);
    assert_eq!(fixture.outcomes().len(), 1);
}

#[tokio::test]
async fn a_restart_brings_back_what_ran_without_a_look_at_the_repository() {
    let mut fixture = Fixture::new();
    let mut pipeline = fixture.start();
    fixture.repository.commit(&mesh_files("GET"));
    pipeline.look().await.unwrap();
    let bad = fixture.repository.commit(&bad_files());
    pipeline.look().await.unwrap();
    drop(pipeline);
    let held = fixture.sink.plans.lock().unwrap()[0].held();
    let _pipeline = fixture.start();
    let plans = fixture.sink.plans.lock().unwrap();
    assert_eq!(plans.len(), 2);
    assert_eq!(
        plans[1].held(),
        held,
        "the same epochs, commits and digests"
    );
    drop(plans);
    assert_eq!(fixture.outcomes()[0], (bad, Outcome::Rejected));
}

#[tokio::test]
async fn a_commit_without_outcome_is_taken_up_again() {
    let mut fixture = Fixture::new();
    let mut pipeline = fixture.start();
    let id = fixture.repository.commit(&mesh_files("GET"));
    *fixture.sink.broken.lock().unwrap() = true;
    pipeline.look().await.unwrap();
    assert_eq!(fixture.outcomes(), [(id.clone(), Outcome::Pending)]);
    assert_eq!(fixture.source_problem(), Some("waiting"));
    drop(pipeline);
    *fixture.sink.broken.lock().unwrap() = false;
    let mut pipeline = fixture.start();
    pipeline.look().await.unwrap();
    assert_eq!(fixture.outcomes(), [(id, Outcome::Live)]);
    assert_eq!(fixture.source_problem(), None);
}

#[tokio::test]
async fn a_commit_with_a_missing_object_is_rejected_until_the_repository_is_repaired() {
    let mut fixture = Fixture::new();
    let mut pipeline = fixture.start();
    let good = fixture.repository.commit(&mesh_files("GET"));
    pipeline.look().await.unwrap();
    let object = fixture.repository.object(&access("POST"));
    let broken = fixture.repository.commit(&mesh_files("POST"));
    let (file, away) = (
        fixture.path("repository").join(&object),
        fixture.path("away"),
    );
    std::fs::rename(&file, &away).unwrap();
    for _ in 0..3 {
        pipeline.look().await.unwrap();
    }
    let rejected = [
        (broken.clone(), Outcome::Rejected),
        (good.clone(), Outcome::Live),
    ];
    assert_eq!(fixture.outcomes(), rejected, "recorded once");
    let diagnostic = fixture.newest_diagnostic();
    let id = object.trim_start_matches("objects/").replace('/', "");
    assert!(
        diagnostic.starts_with("access.yaml:1:1: error[M0013]"),
        "{diagnostic}"
    );
    assert!(
        diagnostic.contains(&id) && diagnostic.contains("is missing"),
        "{diagnostic}"
    );
    assert_eq!(
        fixture.source_problem(),
        None,
        "the repository can be followed"
    );

    std::fs::rename(&away, &file).unwrap();
    pipeline.look().await.unwrap();
    let repaired = [(broken, Outcome::Live), (good, Outcome::Superseded)];
    assert_eq!(fixture.outcomes(), repaired);
}

#[tokio::test]
async fn a_rewritten_branch_is_refused_and_shown() {
    let mut fixture = Fixture::new();
    let mut pipeline = fixture.start();
    let first = fixture.repository.commit(&mesh_files("GET"));
    let second = fixture.repository.commit(&mesh_files("POST"));
    pipeline.look().await.unwrap();
    fixture.repository.point_at(&first);
    pipeline.look().await.unwrap();
    pipeline.look().await.unwrap();
    assert_eq!(fixture.source_problem(), Some("history-rewritten"));
    assert_eq!(fixture.plans().len(), 1);
    let outcomes = [(first, Outcome::Rejected), (second.clone(), Outcome::Live)];
    assert_eq!(fixture.outcomes(), outcomes);
    fixture.repository.point_at(&second);
    pipeline.look().await.unwrap();
    assert_eq!(fixture.source_problem(), None);
}

#[tokio::test]
async fn a_rewritten_branch_is_followed_where_that_is_accepted() {
    let mut fixture = Fixture::new();
    fixture.rewrites = Rewrites::Accept;
    let mut pipeline = fixture.start();
    let first = fixture.repository.commit(&mesh_files("GET"));
    pipeline.look().await.unwrap();
    let amended = fixture.repository.commit_on(None, &mesh_files("POST"));
    pipeline.look().await.unwrap();
    let outcomes = [(amended, Outcome::Live), (first, Outcome::Superseded)];
    assert_eq!(fixture.outcomes(), outcomes);
}

#[tokio::test]
async fn a_commit_cannot_change_the_trust_domain() {
    let mut fixture = Fixture::new();
    let mut pipeline = fixture.start();
    fixture.repository.commit(&mesh_files("GET"));
    pipeline.look().await.unwrap();
    let mut files = mesh_files("GET");
    files[0].1 = files[0].1.replace("shop.example", "evil.example");
    fixture.repository.commit(&files);
    pipeline.look().await.unwrap();
    assert_eq!(fixture.outcomes()[0].1, Outcome::Rejected);
    let diagnostic = fixture.newest_diagnostic();
    assert!(diagnostic.starts_with("mesh.yaml:1:"), "{diagnostic}");
    assert!(diagnostic.contains("trust-domain-pinned") && diagnostic.contains("shop.example"));
    assert_eq!(fixture.plans().len(), 1);
}

#[tokio::test]
async fn the_inventory_changes_facts_and_no_epoch() {
    let mut fixture = Fixture::new();
    let mut pipeline = fixture.start();
    fixture.repository.commit(&mesh_files("GET"));
    pipeline.look().await.unwrap();
    pipeline.look_at_inventory().unwrap();
    assert_eq!(fixture.plans().len(), 1, "the same inventory is no news");
    fixture.write_inventory(7102);
    pipeline.look_at_inventory().unwrap();
    let plans = fixture.plans();
    assert_eq!((plans.len(), &plans[1]), (2, &plans[0]));
    std::fs::write(fixture.path("inventory.yaml"), "workloads: [").unwrap();
    pipeline.look_at_inventory().unwrap();
    assert_eq!(fixture.plans().len(), 2);
    assert!(fixture.status.borrow().inventory.problem.is_some());
}

#[tokio::test]
async fn lost_sources_are_read_from_the_repository_again() {
    let mut fixture = Fixture::new();
    let mut pipeline = fixture.start();
    let id = fixture.repository.commit(&mesh_files("GET"));
    pipeline.look().await.unwrap();
    drop(pipeline);
    std::fs::remove_dir_all(fixture.path("sources")).unwrap();
    let mut pipeline = fixture.start();
    assert_eq!(fixture.plans().len(), 1);
    assert_eq!(fixture.source_problem(), Some("not-resumed"));
    pipeline.look().await.unwrap();
    let plans = fixture.plans();
    assert_eq!(plans.len(), 2);
    assert_eq!(plans[0], plans[1], "the fleet is sent nothing again");
    assert_eq!(fixture.outcomes()[0], (id, Outcome::Live));
}

#[tokio::test]
async fn a_repository_that_is_gone_leaves_what_runs() {
    let mut fixture = Fixture::new();
    let mut pipeline = fixture.start();
    let id = fixture.repository.commit(&mesh_files("GET"));
    pipeline.look().await.unwrap();
    std::fs::remove_dir_all(fixture.path("repository")).unwrap();
    assert_eq!(pipeline.look().await.unwrap(), None);
    assert_eq!(fixture.source_problem(), Some("unreachable"));
    assert_eq!(fixture.status.borrow().live, Some(id));
}

/// Runs the following task with a poll that never comes, and counts plans.
async fn follow_until_plans(fixture: &mut Fixture, plans: usize, change: impl FnOnce(&Fixture)) {
    let pipeline = fixture.start();
    let shutdown = tokio_util::sync::CancellationToken::new();
    let never = std::time::Duration::from_hours(1);
    let inventory = Some(fixture.path("inventory.yaml"));
    let task = tokio::spawn(follow_changes(pipeline, never, inventory, shutdown.clone()));
    wait_for_plans(fixture, plans - 1).await;
    change(fixture);
    wait_for_plans(fixture, plans).await;
    shutdown.cancel();
    task.await.unwrap();
}

async fn wait_for_plans(fixture: &Fixture, plans: usize) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while fixture.plans().len() < plans {
        assert!(
            std::time::Instant::now() < deadline,
            "{:?}",
            fixture.plans()
        );
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn a_commit_is_noticed_without_a_poll() {
    let mut fixture = Fixture::new();
    fixture.repository.commit(&mesh_files("GET"));
    follow_until_plans(&mut fixture, 2, |fixture| {
        fixture.repository.commit(&mesh_files("POST"));
    })
    .await;
}

#[tokio::test]
async fn an_inventory_is_noticed_without_a_poll() {
    let mut fixture = Fixture::new();
    fixture.repository.commit(&mesh_files("GET"));
    follow_until_plans(&mut fixture, 2, |fixture| fixture.write_inventory(7102)).await;
}
