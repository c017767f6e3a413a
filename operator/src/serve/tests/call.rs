//! A client's end of one connection.

use std::net::SocketAddr;
use std::sync::Arc;

use http::uri::PathAndQuery;
use hyper_util::rt::TokioIo;
use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse};
use mesh_xds::proto::operator::{ReportRequest, ReportResponse, SignRequest, SignResponse};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_stream::wrappers::ReceiverStream;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

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
