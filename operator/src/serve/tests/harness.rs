//! An operator that serves a small mesh, and proxies that are only their protocol.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::uri::PathAndQuery;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use mesh_compiler::{Compiler, Options};
use mesh_ir::{CommitId, Inventory, Mesh};
use mesh_source::{SourceFile, SourceSet};
use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse};
use mesh_xds::proto::operator::{ReportRequest, ReportResponse, SignRequest, SignResponse};
use mesh_xds::session::client::{Change, ClientSession, Holdings};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsConnector;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::ca::Ca;
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
        now: mesh_ir::Timestamp(0),
        inventory: Some(small_inventory()),
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
        mesh.roles
            .retain(|role| role.identity.account() != Some("hello"));
        self.publish(mesh, "c9");
    }

    pub(super) fn token(&self, workload: &str) -> String {
        let plan = self.plan().unwrap();
        let identity = &plan.workloads[workload].identity;
        self.ca.mint(identity, Timestamp::now()).unwrap().token
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

/// A key and the certificate that it got.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    pub(super) key: Vec<u8>,
    pub(super) chain: Vec<Vec<u8>>,
}

/// One connection.
#[derive(Clone)]
pub(super) struct Call {
    channel: Channel,
    /// What the server showed.
    pub(super) server: Vec<CertificateDer<'static>>,
}

pub(super) fn key_and_request() -> (KeyPair, Vec<u8>) {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let request = CertificateParams::default().serialize_request(&key);
    (key, request.unwrap().der().to_vec())
}

impl Call {
    pub(super) async fn connect(
        address: SocketAddr,
        credentials: Option<&Credentials>,
    ) -> std::io::Result<Self> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AcceptAny(provider)));
        let mut config = match credentials {
            None => builder.with_no_client_auth(),
            Some(it) => {
                let chain = it.chain.iter().cloned().map(CertificateDer::from).collect();
                let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(it.key.clone()));
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        let name = ServerName::IpAddress(address.ip().into());
        let tls = TlsConnector::from(Arc::new(config))
            .connect(name, tcp)
            .await?;
        let server = tls.get_ref().1.peer_certificates().unwrap();
        let server = server.iter().map(|it| it.clone().into_owned()).collect();
        let mut stream = Some(TokioIo::new(tls));
        let connector = tower::service_fn(move |_| {
            let stream = stream.take();
            async move { stream.ok_or_else(|| std::io::Error::other("used")) }
        });
        let channel = Endpoint::from_static("http://operator")
            .connect_with_connector(connector)
            .await
            .map_err(std::io::Error::other)?;
        Ok(Self { channel, server })
    }

    pub(super) async fn sign(&self, request: SignRequest) -> Result<SignResponse, Status> {
        self.unary("/meshwright.v1.Operator/Sign", request).await
    }

    pub(super) async fn report(&self, report: ReportRequest) -> Result<ReportResponse, Status> {
        self.unary("/meshwright.v1.Operator/Report", report).await
    }

    pub(super) async fn sign_with_token(&self, token: &str) -> Result<Credentials, Status> {
        let (key, csr) = key_and_request();
        let request = SignRequest {
            csr_der: csr.into(),
            token: token.to_owned(),
        };
        let signed = self.sign(request).await?;
        Ok(Credentials {
            key: key.serialize_der(),
            chain: signed.chain_der.iter().map(|it| it.to_vec()).collect(),
        })
    }

    /// Opens the stream of configuration.
    pub(super) async fn configuration(
        &self,
        first: Vec<DeltaDiscoveryRequest>,
    ) -> Result<
        (
            mpsc::Sender<DeltaDiscoveryRequest>,
            Streaming<DeltaDiscoveryResponse>,
        ),
        Status,
    > {
        let (sender, requests) = mpsc::channel(64);
        for request in first {
            sender.send(request).await.unwrap();
        }
        let path = PathAndQuery::from_static(
            "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
        );
        let mut grpc = self.ready().await;
        let requests = Request::new(ReceiverStream::new(requests));
        let codec = ProstCodec::default();
        let responses = grpc.streaming(requests, path, codec).await?;
        Ok((sender, responses.into_inner()))
    }

    async fn unary<Q, A>(&self, path: &'static str, question: Q) -> Result<A, Status>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let mut grpc = self.ready().await;
        let (path, codec) = (PathAndQuery::from_static(path), ProstCodec::default());
        let answer = grpc.unary(Request::new(question), path, codec).await?;
        Ok(answer.into_inner())
    }

    async fn ready(&self) -> Grpc<Channel> {
        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.unwrap();
        grpc
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

/// The tests look at the server's chain themselves.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.3 only".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
