use std::future::ready;
use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use tonic::body::Body;
use tonic::server::Grpc;
use tonic::{Code, Status};
use tonic_prost::ProstCodec;
use tower::service_fn;

use super::peer::Peer;
use super::{Context, configuration, report, sign};

const CONFIGURATION: &str =
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
const SIGN: &str = "/meshwright.v1.Operator/Sign";
const REPORT: &str = "/meshwright.v1.Operator/Report";

/// What a client holds is listed in one message.
const MAX_CONFIGURATION_REQUEST: usize = 16 << 20;
/// A certificate request and a token, or a report.
const MAX_CALL: usize = 64 << 10;

/// Answers one gRPC call.
pub(super) async fn answer(
    request: Request<Incoming>,
    context: Arc<Context>,
    peer: Arc<Peer>,
) -> Response<Body> {
    match request.uri().path() {
        CONFIGURATION => {
            let open = service_fn(|request| ready(configuration::open(request, &context, &peer)));
            Grpc::new(ProstCodec::default())
                .max_decoding_message_size(MAX_CONFIGURATION_REQUEST)
                .streaming(open, request)
                .await
        }
        SIGN => {
            let sign = service_fn(|request| sign::sign(request, &context, &peer));
            Grpc::new(ProstCodec::default())
                .max_decoding_message_size(MAX_CALL)
                .unary(sign, request)
                .await
        }
        REPORT => {
            let report = service_fn(|request| ready(report::report(request, &context, &peer)));
            Grpc::new(ProstCodec::default())
                .max_decoding_message_size(MAX_CALL)
                .unary(report, request)
                .await
        }
        _ => Status::new(Code::Unimplemented, "there is no such method").into_http(),
    }
}
