//! An operator that serves a small mesh, and proxies that are only their protocol.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use mesh_compiler::{Compiler, Options};
use mesh_identity::CertificateProfile;
use mesh_ir::{CommitId, Inventory, Mesh};
use mesh_source::{SourceFile, SourceSet};
use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse};
use mesh_xds::proto::operator::ReportRequest;
use mesh_xds::session::client::{Change, ClientSession, Holdings};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use super::call::{Call, Credentials, key_and_request};
use crate::ca::{Ca, ProvenKey};
use crate::metrics::Metrics;
use crate::observe::{Fleet, ProxyStatus};
use crate::plan::{Ingredients, Plan, Previous, next_epoch};
use crate::store::RedbStore;
use crate::testing::{inventory, mesh_files};

/// Far more than anything here takes.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
pub(super) const CLIENT: &str = "demo/client";
pub(super) const HELLO: &str = "demo/hello-v1";

/// Serves on a port of its own until it is dropped.
pub(super) struct Operator {
    _directory: tempfile::TempDir,
    pub(super) address: SocketAddr,
    pub(super) ca: Arc<Ca>,
    pub(super) fleet: Arc<Fleet>,
    plans: watch::Sender<Option<Arc<Plan>>>,
    shutdown: CancellationToken,
}

impl Drop for Operator {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn small_inventory() -> Inventory {
    mesh_compiler::inventory::parse(&inventory(7002)).unwrap()
}

fn compile(method: &str) -> Mesh {
    let files = mesh_files(method);
    let set = SourceSet {
        files: files
            .iter()
            .map(|(path, content)| SourceFile::new(*path, content.as_bytes()))
            .collect(),
        ..SourceSet::default()
    };
    let options = Options {
        inventory: Some(small_inventory()),
        ..Options::at(mesh_ir::Timestamp(0))
    };
    Compiler::new(options).compile(&set).mesh.unwrap()
}

impl Operator {
    /// With `client`, which may call `hello` by `GET`.
    pub(super) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = RedbStore::open(&directory.path().join("store.redb")).unwrap();
        let ca = Arc::new(Ca::open(directory.path(), Arc::new(store)).unwrap());
        let fleet = Arc::new(Fleet::new(Metrics::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (plans, plan) = watch::channel(None);
        let shutdown = CancellationToken::new();
        tokio::spawn(crate::serve::serve(
            listener,
            plan,
            ca.clone(),
            fleet.clone(),
            shutdown.clone(),
        ));
        let operator = Self {
            _directory: directory,
            address,
            ca,
            fleet,
            plans,
            shutdown,
        };
        operator.commit("GET", "c1");
        operator
    }

    /// A commit after which `hello` may be called by a method.
    pub(super) fn commit(&self, method: &str, commit: &str) {
        let mesh = compile(method);
        self.ca.pin(&mesh.settings.trust_domain).unwrap();
        self.publish(mesh, commit);
    }

    /// Makes a mesh the one that proxies are told.
    pub(super) fn publish(&self, mesh: Mesh, commit: &str) {
        let previous = self.plan().map_or_else(Previous::default, |it| it.held());
        let plan = Plan::build(Ingredients {
            mesh: Arc::new(mesh),
            inventory: &small_inventory(),
            commit: CommitId(commit.into()),
            previous: &previous,
            next_epoch: next_epoch(previous.epoch, 100),
        });
        self.plans.send_replace(Some(Arc::new(plan)));
    }

    pub(super) fn plan(&self) -> Option<Arc<Plan>> {
        self.plans.borrow().clone()
    }

    /// A mesh in which nothing is served by `hello`.
    pub(super) fn without_hello(&self) {
        let mut mesh = compile("GET");
        Arc::make_mut(&mut mesh.roles).retain(|role| role.identity.account() != Some("hello"));
        self.publish(mesh, "c9");
    }

    pub(super) fn token(&self, workload: &str) -> String {
        let plan = self.plan().unwrap();
        let identity = &plan.workloads[workload].identity;
        self.ca.mint(identity, Timestamp::now()).unwrap().token
    }

    /// A certificate that was issued long ago.
    pub(super) fn ending_soon(&self, workload: &str, left: Duration) -> Credentials {
        let plan = self.plan().unwrap();
        let identity = &plan.workloads[workload].identity;
        let (key, csr) = key_and_request();
        let key_of_request = ProvenKey::of_request(&csr).unwrap();
        let life = CertificateProfile::MAX_LIFETIME;
        let profile = CertificateProfile::new(life).unwrap();
        let issued = SystemTime::now() - life + left;
        let signed = self.ca.sign(&key_of_request, identity, profile, issued);
        Credentials {
            key: key.serialize_der(),
            chain: vec![signed.unwrap().leaf.to_vec()],
        }
    }

    pub(super) fn status(&self, workload: &str) -> ProxyStatus {
        let plan = self.plan().unwrap();
        let mut all = self.fleet.statuses(&plan, Timestamp::now()).into_iter();
        all.find(|it| it.workload == workload).unwrap()
    }

    /// A certificate by a fresh token.
    pub(super) async fn join(&self, workload: &str) -> Credentials {
        let token = self.token(workload);
        let call = Call::connect(self.address, None).await.unwrap();
        call.sign_with_token(&token).await.unwrap()
    }

    /// A proxy that has joined and opened its stream.
    pub(super) async fn proxy(&self, workload: &str) -> Proxy {
        let credentials = self.join(workload).await;
        self.proxy_again(workload, &credentials, Holdings::default())
            .await
    }

    /// A proxy with what it had before.
    pub(super) async fn proxy_again(
        &self,
        workload: &str,
        credentials: &Credentials,
        holdings: Holdings,
    ) -> Proxy {
        let call = Call::connect(self.address, Some(credentials)).await;
        let mut session = ClientSession::new(workload, holdings);
        let (call, requests) = (call.unwrap(), session.connect());
        let (sender, responses) = call.configuration(requests).await.unwrap();
        Proxy {
            workload: workload.to_owned(),
            call,
            session,
            sender,
            responses,
            honours: true,
            wire: vec![],
        }
    }
}

/// A proxy without listeners.
pub(super) struct Proxy {
    workload: String,
    pub(super) call: Call,
    pub(super) session: ClientSession,
    sender: mpsc::Sender<DeltaDiscoveryRequest>,
    responses: Streaming<DeltaDiscoveryResponse>,
    /// Whether it can put bundles into effect.
    pub(super) honours: bool,
    /// Short type names and counts of what came.
    pub(super) wire: Vec<(String, usize, usize)>,
}

impl Proxy {
    /// The next response, answered.
    pub(super) async fn step(&mut self) -> Result<String, Status> {
        let response = tokio::time::timeout(PATIENCE, self.responses.message())
            .await
            .expect("a response comes in time")?
            .ok_or_else(|| Status::cancelled("the stream ended"))?;
        let short = response.type_url.rsplit('.').next().unwrap_or_default();
        let short = short.to_owned();
        let counts = (response.resources.len(), response.removed_resources.len());
        self.wire.push((short.clone(), counts.0, counts.1));
        let reaction = self.session.handle_response(&response);
        let answer = match reaction.change {
            Change::Bundle(offer) if self.honours => self.session.accept(*offer),
            Change::Bundle(offer) => self.session.refuse(*offer, &["no such filter".into()]),
            _ => reaction.answer,
        };
        self.sender.send(answer.unwrap()).await.unwrap();
        Ok(short)
    }

    /// Steps until a bundle came and was answered.
    pub(super) async fn until_bundle(&mut self) -> &[(String, usize, usize)] {
        self.wire.clear();
        while self.step().await.unwrap() != "Bundle" {}
        &self.wire
    }

    /// Says what it enforces, perhaps with another digest.
    pub(super) async fn report(&self, digest: Option<[u8; 32]>) -> Result<(), Status> {
        let active = self.session.holdings().active.as_ref();
        let bundle = &active.expect("it enforces a bundle").bundle;
        let report = ReportRequest {
            workload: self.workload.clone(),
            epoch: bundle.epoch.0,
            commit: bundle.commit.to_string(),
            digest: digest.unwrap_or(bundle.digest.0).to_vec().into(),
            certificate_not_after: 0,
        };
        self.call.report(report).await.map(drop)
    }
}

/// Waits for something that a test caused.
pub(super) async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !is_so() {
        assert!(
            tokio::time::Instant::now() < deadline,
            "not in time: {what}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
