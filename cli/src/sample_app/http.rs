//! What an HTTP port does: HTTP/1.1 and HTTP/2 without TLS on one socket.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;

use super::Workload;
use super::echo::{Echo, caller};
use super::grpc::Echoed;
use super::request::Wish;

type Answer = Response<BoxBody<Bytes, hyper::Error>>;

/// Serves one connection to its end.
pub(super) async fn connection(stream: TcpStream, workload: Arc<Workload>) {
    let service = service_fn(|request| {
        let workload = workload.clone();
        async move { Ok::<_, Infallible>(answer(&workload, request).await) }
    });
    let mut server = auto::Builder::new(TokioExecutor::new());
    // Who has said everything may still want the answer.
    server.http1().half_close(true);
    // A peer that breaks the protocol or leaves ends its connection and nothing else.
    drop(server.serve_connection(TokioIo::new(stream), service).await);
}

async fn answer(workload: &Workload, request: Request<Incoming>) -> Answer {
    let wish = Wish::of(request.uri().path(), request.uri().query());
    tokio::time::sleep(wish.delay).await;
    let is_grpc = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"));
    if is_grpc {
        grpc(workload, request)
    } else {
        json(workload, request, wish).await
    }
}

async fn json(workload: &Workload, request: Request<Incoming>, wish: Wish) -> Answer {
    let (head, mut body) = request.into_parts();
    // Read to its end, so that the connection can be used again.
    while let Some(Ok(_)) = body.frame().await {}
    let mut text = serde_json::to_vec(&Echo::of(workload, &head)).unwrap_or_default();
    text.push(b'\n');
    let mut response = Response::new(full(text));
    *response.status_mut() = StatusCode::from_u16(wish.status).unwrap_or_default();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Messages come back as they arrive; who answered stands in the metadata.
fn grpc(workload: &Workload, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let mut response = Response::new(Echoed::new(body).boxed());
    let said = [
        ("content-type", Some("application/grpc")),
        ("x-sample-service", Some(workload.service.as_str())),
        ("x-sample-namespace", Some(workload.namespace.as_str())),
        ("x-sample-version", workload.version.as_deref()),
        ("x-sample-peer", caller(&head)),
    ];
    for (name, value) in said {
        if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn full(text: Vec<u8>) -> BoxBody<Bytes, hyper::Error> {
    Full::from(text).map_err(|never| match never {}).boxed()
}
