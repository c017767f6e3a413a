//! An operator that does what a test says: real TLS and gRPC, no mind of its own.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use mesh_ir::SpiffeId;
use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse};
use mesh_xds::proto::operator::{ReportRequest, ReportResponse, SignRequest, SignResponse};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData, SanType,
};
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::server::Grpc;
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;

pub(super) const DOMAIN: &str = "shop.example";
pub(super) const WEB: &str = "spiffe://shop.example/ns/shop/sa/web";

/// One stream of configuration: what the proxy says, and what it is told.
pub(super) struct Stream {
    requests: Streaming<DeltaDiscoveryRequest>,
    responses: mpsc::UnboundedSender<Result<DeltaDiscoveryResponse, Status>>,
}

impl Stream {
    /// The next thing that the proxy says.
    pub(super) async fn next(&mut self) -> DeltaDiscoveryRequest {
        self.requests.message().await.unwrap().unwrap()
    }

    /// Tells the proxy something.
    pub(super) fn send(&self, response: DeltaDiscoveryResponse) {
        self.responses.send(Ok(response)).unwrap();
    }
}

/// The operator.
pub(super) struct Scripted {
    root: CertifiedIssuer<'static, KeyPair>,
    pub(super) address: SocketAddr,
    streams: mpsc::UnboundedSender<Stream>,
    reports: mpsc::UnboundedSender<ReportRequest>,
    /// Tokens that were presented.
    pub(super) tokens: Mutex<Vec<String>>,
}

/// What arrives at the operator.
pub(super) struct Arrivals {
    pub(super) streams: mpsc::UnboundedReceiver<Stream>,
    pub(super) reports: mpsc::UnboundedReceiver<ReportRequest>,
}

impl Scripted {
    /// Begins to serve on a free port.
    pub(super) async fn start() -> (Arc<Self>, Arrivals) {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (streams, stream_arrivals) = mpsc::unbounded_channel();
        let (reports, report_arrivals) = mpsc::unbounded_channel();
        let operator = Arc::new(Self {
            root,
            address: listener.local_addr().unwrap(),
            streams,
            reports,
            tokens: Mutex::default(),
        });
        tokio::spawn(Arc::clone(&operator).serve(listener));
        let arrivals = Arrivals {
            streams: stream_arrivals,
            reports: report_arrivals,
        };
        (operator, arrivals)
    }

    /// The root's DER.
    pub(super) fn root(&self) -> CertificateDer<'static> {
        self.root.der().clone()
    }

    /// A token that leads to this operator.
    pub(super) fn token(&self) -> String {
        format!("id.secret.{}", mesh_xds::hash(&self.root()))
    }

    pub(super) fn certify(&self, id: &str, key: &impl PublicKeyData) -> CertificateDer<'static> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.subject_alt_names = vec![SanType::URI(id.try_into().unwrap())];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let now = time::OffsetDateTime::now_utc();
        params.not_before = now - time::Duration::seconds(30);
        params.not_after = now + time::Duration::hours(1);
        params.signed_by(key, &self.root).unwrap().der().clone()
    }

    fn acceptor(&self) -> TlsAcceptor {
        let own = KeyPair::generate().unwrap();
        let id = SpiffeId::operator(&mesh_ir::TrustDomain::parse(DOMAIN).unwrap());
        let chain = vec![self.certify(&id.to_string(), &own), self.root()];
        let key = PrivatePkcs8KeyDer::from(own.serialize_der());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.root()).unwrap();
        let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(
            Arc::new(roots),
            Arc::clone(&provider),
        );
        let clients = clients.allow_unauthenticated().build().unwrap();
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(chain, key.into())
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    async fn serve(self: Arc<Self>, listener: TcpListener) {
        let acceptor = self.acceptor();
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let (operator, acceptor) = (Arc::clone(&self), acceptor.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(tcp).await else {
                    return;
                };
                let service = service_fn(move |request| {
                    let operator = Arc::clone(&operator);
                    async move { Ok::<_, Infallible>(operator.answer(request).await) }
                });
                let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    }

    async fn answer(
        self: Arc<Self>,
        request: http::Request<Incoming>,
    ) -> http::Response<tonic::body::Body> {
        match request.uri().path() {
            "/meshwright.v1.Operator/Sign" => {
                let sign = tower::service_fn(move |request: Request<SignRequest>| {
                    let operator = Arc::clone(&self);
                    async move { Ok::<_, Status>(operator.sign(request.into_inner()).await) }
                });
                Grpc::new(ProstCodec::default()).unary(sign, request).await
            }
            "/meshwright.v1.Operator/Report" => {
                let report = tower::service_fn(move |request: Request<ReportRequest>| {
                    let _ = self.reports.send(request.into_inner());
                    async { Ok::<_, Status>(Response::new(ReportResponse {})) }
                });
                Grpc::new(ProstCodec::default())
                    .unary(report, request)
                    .await
            }
            _ => {
                let open =
                    tower::service_fn(move |request: Request<Streaming<DeltaDiscoveryRequest>>| {
                        let (responses, receiver) = mpsc::unbounded_channel();
                        let requests = request.into_inner();
                        let _ = self.streams.send(Stream {
                            requests,
                            responses,
                        });
                        async {
                            Ok::<_, Status>(Response::new(UnboundedReceiverStream::new(receiver)))
                        }
                    });
                Grpc::new(ProstCodec::default())
                    .streaming(open, request)
                    .await
            }
        }
    }

    async fn sign(&self, request: SignRequest) -> Response<SignResponse> {
        self.tokens.lock().await.push(request.token);
        let csr = CertificateSigningRequestDer::from(request.csr_der.to_vec());
        let csr = CertificateSigningRequestParams::from_der(&csr).unwrap();
        let leaf = self.certify(WEB, &csr.public_key);
        Response::new(SignResponse {
            chain_der: vec![leaf.to_vec().into()],
            roots_der: vec![self.root().to_vec().into()],
            trust_domain: DOMAIN.to_owned(),
        })
    }
}
