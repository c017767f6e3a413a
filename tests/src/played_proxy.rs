//! A proxy that a test plays: it joins with a token, holds a delta stream and
//! reports what the test wants. Real TLS and gRPC, no enforcement.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use mesh_ir::Bundle;
use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse, Node};
use mesh_xds::proto::operator::{ReportRequest, ReportResponse, SignRequest, SignResponse};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::any_server::AnyServer;

/// A key and the chain that the operator signed for it.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    /// The roots that came with it.
    pub roots: Vec<Vec<u8>>,
}

/// A connection to the operator.
pub struct PlayedProxy {
    grpc: Grpc<Channel>,
}

/// One delta stream: what was asked and what came.
pub struct Stream {
    requests: mpsc::UnboundedSender<DeltaDiscoveryRequest>,
    responses: Streaming<DeltaDiscoveryResponse>,
    /// The last bundle that came.
    pub bundle: Option<Bundle>,
}

impl PlayedProxy {
    /// Connects, with a certificate or without one.
    pub async fn connect(operator: &str, identity: Option<&Identity>) -> Result<Self, String> {
        let address: SocketAddr = operator
            .parse()
            .map_err(|_| format!("`{operator}` is no address"))?;
        let tls = Arc::new(AnyServer::client_config(
            identity.map(|it| (it.chain.clone(), it.key.clone_key())),
        ));
        let connector = tower::service_fn(move |_| {
            let tls = tokio_rustls::TlsConnector::from(Arc::clone(&tls));
            async move {
                let stream = tokio::net::TcpStream::connect(address).await?;
                let name =
                    ServerName::try_from("operator.invalid").map_err(std::io::Error::other)?;
                tls.connect(name, stream).await.map(TokioIo::new)
            }
        });
        let channel = Endpoint::from_static("http://operator.invalid")
            .connect_with_connector(connector)
            .await
            .map_err(|error| format!("{error:?}"))?;
        Ok(Self {
            grpc: Grpc::new(channel),
        })
    }

    /// Sends a fresh key's CSR with a token, and gives what was signed.
    pub async fn join(operator: &str, token: &str) -> Result<Identity, Status> {
        let mut connection = Self::connect(operator, None)
            .await
            .map_err(Status::unavailable)?;
        let key = rcgen::KeyPair::generate().expect("a key");
        let csr = rcgen::CertificateParams::default()
            .serialize_request(&key)
            .expect("a request");
        let answer = connection.sign(csr.der().to_vec(), token).await?;
        Ok(Identity {
            chain: answer
                .chain_der
                .into_iter()
                .map(|der| CertificateDer::from(der.to_vec()))
                .collect(),
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            roots: answer.roots_der.iter().map(|der| der.to_vec()).collect(),
        })
    }

    /// Asks for a certificate.
    pub async fn sign(&mut self, csr_der: Vec<u8>, token: &str) -> Result<SignResponse, Status> {
        let request = SignRequest {
            csr_der: csr_der.into(),
            token: token.to_owned(),
        };
        self.unary("/meshwright.v1.Operator/Sign", request).await
    }

    /// Says what it enforces.
    pub async fn report(&mut self, report: ReportRequest) -> Result<ReportResponse, Status> {
        self.unary("/meshwright.v1.Operator/Report", report).await
    }

    async fn unary<Q, A>(&mut self, path: &'static str, request: Q) -> Result<A, Status>
    where
        Q: prost::Message + Default + 'static,
        A: prost::Message + Default + 'static,
    {
        self.ready().await?;
        let codec = ProstCodec::<Q, A>::default();
        self.grpc
            .unary(Request::new(request), path.parse().expect("a path"), codec)
            .await
            .map(tonic::Response::into_inner)
    }

    async fn ready(&mut self) -> Result<(), Status> {
        self.grpc
            .ready()
            .await
            .map_err(|error| Status::unavailable(error.to_string()))
    }

    /// Opens a delta stream as a workload and subscribes to everything of some types.
    pub async fn discover(&mut self, workload: &str, types: &[&str]) -> Result<Stream, Status> {
        self.ready().await?;
        let (requests, queue) = mpsc::unbounded_channel();
        for (index, type_url) in types.iter().enumerate() {
            let node = (index == 0).then(|| Node {
                id: workload.to_owned(),
                cluster: "meshwright".to_owned(),
            });
            let request = DeltaDiscoveryRequest {
                node,
                type_url: (*type_url).to_owned(),
                resource_names_subscribe: vec!["*".to_owned()],
                ..DeltaDiscoveryRequest::default()
            };
            let _ = requests.send(request);
        }
        let path =
            "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
        let codec = ProstCodec::<DeltaDiscoveryRequest, DeltaDiscoveryResponse>::default();
        let stream = UnboundedReceiverStream::new(queue);
        let response = self
            .grpc
            .streaming(Request::new(stream), path.parse().expect("a path"), codec)
            .await?;
        Ok(Stream {
            requests,
            responses: response.into_inner(),
            bundle: None,
        })
    }
}

impl Stream {
    /// Sends one request as it is.
    pub fn send(&self, request: DeltaDiscoveryRequest) {
        let _ = self.requests.send(request);
    }

    /// The next response; it is acknowledged.
    pub async fn next(&mut self) -> Result<Option<DeltaDiscoveryResponse>, Status> {
        let response = self.responses.message().await?;
        if let Some(response) = &response {
            if response.type_url == mesh_xds::BUNDLE_TYPE {
                let any = response
                    .resources
                    .first()
                    .and_then(|resource| resource.resource.as_ref());
                self.bundle = any.map(|any| mesh_xds::decode_bundle(&any.value).expect("a bundle"));
            }
            self.send(DeltaDiscoveryRequest {
                type_url: response.type_url.clone(),
                response_nonce: response.nonce.clone(),
                ..DeltaDiscoveryRequest::default()
            });
        }
        Ok(response)
    }

    /// Takes and acknowledges everything up to and with the next `Bundle`; the
    /// names that came (removed ones with a minus), by type.
    pub async fn until_bundle(&mut self) -> Result<BTreeMap<String, Vec<String>>, Status> {
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        while let Some(response) = self.next().await? {
            let names = seen.entry(response.type_url.clone()).or_default();
            names.extend(
                response
                    .resources
                    .iter()
                    .map(|resource| resource.name.clone()),
            );
            names.extend(
                response
                    .removed_resources
                    .iter()
                    .map(|name| format!("-{name}")),
            );
            if response.type_url == mesh_xds::BUNDLE_TYPE && !response.resources.is_empty() {
                return Ok(seen);
            }
        }
        Err(Status::cancelled("the stream ended"))
    }

    /// Whether nothing comes for a while, which only a wait can show.
    pub async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(Duration::from_secs(2), self.responses.message())
            .await
            .is_err()
    }
}
