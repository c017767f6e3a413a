use bytes::Bytes;
use http::uri::PathAndQuery;
use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse};
use mesh_xds::proto::operator::{ReportRequest, ReportResponse, SignRequest, SignResponse};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

use super::OperatorError;

const ADS: &str = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
const SIGN: &str = "/meshwright.v1.Operator/Sign";
const REPORT: &str = "/meshwright.v1.Operator/Report";
/// The operator splits what it sends below 3 MiB; one large object may be more.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// The calls to the operator over one connection.
#[derive(Clone)]
pub(super) struct Operator {
    grpc: Grpc<Channel>,
}

impl Operator {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            grpc: Grpc::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES),
        }
    }

    /// Opens the stream of configuration.
    pub(super) async fn configuration(
        &mut self,
        requests: mpsc::UnboundedReceiver<DeltaDiscoveryRequest>,
    ) -> Result<Streaming<DeltaDiscoveryResponse>, OperatorError> {
        self.ready().await?;
        let requests = Request::new(UnboundedReceiverStream::new(requests));
        let response = self
            .grpc
            .streaming(requests, path(ADS), ProstCodec::default())
            .await;
        Ok(response.map_err(refused)?.into_inner())
    }

    /// Asks for a certificate; an empty token where the connection proves the identity.
    pub(super) async fn sign(
        &mut self,
        csr_der: Vec<u8>,
        token: String,
    ) -> Result<SignResponse, OperatorError> {
        let request = SignRequest {
            csr_der: csr_der.into(),
            token,
        };
        self.unary(SIGN, request).await
    }

    /// Tells what is in effect.
    pub(super) async fn report(&mut self, report: ReportRequest) -> Result<(), OperatorError> {
        let ReportResponse {} = self.unary(REPORT, report).await?;
        Ok(())
    }

    async fn unary<Q, A>(&mut self, at: &'static str, question: Q) -> Result<A, OperatorError>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        self.ready().await?;
        let codec = ProstCodec::<Q, A>::default();
        let answer = self.grpc.unary(Request::new(question), path(at), codec);
        Ok(answer.await.map_err(refused)?.into_inner())
    }

    async fn ready(&mut self) -> Result<(), OperatorError> {
        self.grpc.ready().await.map_err(OperatorError::Transport)
    }
}

fn path(text: &'static str) -> PathAndQuery {
    PathAndQuery::from_maybe_shared(Bytes::from_static(text.as_bytes()))
        .expect("the paths above are paths")
}

fn refused(status: Status) -> OperatorError {
    OperatorError::Refused(Box::new(status))
}
