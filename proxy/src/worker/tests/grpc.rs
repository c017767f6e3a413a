use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::fixture::*;
use super::intents::*;

/// A gRPC server over h2c: one message, then trailers.
fn server() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        runtime().block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let serving = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service_fn(answer));
                tokio::spawn(serving);
            }
        });
    });
    address
}

async fn answer(
    request: Request<Incoming>,
) -> Result<Response<impl http_body::Body<Data = Bytes, Error = Infallible>>, Infallible> {
    let te = request.headers().get("te").cloned();
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    trailers.insert("x-mesh-reason", HeaderValue::from_static("forged"));
    let sent = request.into_body().collect().await.ok();
    let sent = sent.and_then(|body| body.trailers().cloned());
    let names = sent.iter().flat_map(HeaderMap::keys);
    let names: Vec<_> = names.map(http::HeaderName::as_str).collect();
    let frames = [
        Frame::data(Bytes::from("message")),
        Frame::trailers(trailers),
    ];
    let body = StreamBody::new(futures_util::stream::iter(frames.map(Ok)));
    let mut response = Response::new(body);
    let names = HeaderValue::from_str(&names.join(",")).unwrap();
    response.headers_mut().insert("x-trailers", names);
    if let Some(te) = te {
        response.headers_mut().insert("x-te", te);
    }
    Ok(response)
}

/// A message, and trailers that claim to be of the mesh.
fn forging() -> impl http_body::Body<Data = Bytes, Error = Infallible> {
    let mut trailers = HeaderMap::new();
    for name in ["x-checksum", "x-forwarded-client-cert", "x-mesh-peer"] {
        trailers.insert(name, HeaderValue::from_static("forged"));
    }
    let frames = [
        Frame::data(Bytes::from("message")),
        Frame::trailers(trailers),
    ];
    StreamBody::new(futures_util::stream::iter(frames.map(Ok)))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Head, body and trailers of one call through the outbound listener.
fn call(fixture: &Fixture, authority: &str) -> (http::response::Parts, Bytes, Option<HeaderMap>) {
    runtime().block_on(async {
        let stream = tokio::net::TcpStream::connect(fixture.outbound)
            .await
            .unwrap();
        let handshake =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let request = Request::post(format!("http://{authority}/pkg.Service/Method"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(forging())
            .unwrap();
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap();
        let trailers = body.trailers().cloned();
        (head, body.to_bytes(), trailers)
    })
}

#[test]
fn grpc_goes_through_with_its_trailers() {
    let fixture = Fixture::start(snapshot(), server());
    let (head, body, trailers) = call(&fixture, "api.shop:9000");
    assert_eq!(head.status, 200, "{head:?}");
    assert_eq!(head.headers["x-te"], "trailers");
    assert_eq!(body, "message");
    assert_eq!(head.headers["x-trailers"], "x-checksum");
    let trailers = trailers.unwrap();
    assert_eq!(trailers["grpc-status"], "0");
    assert!(!trailers.contains_key("x-mesh-reason"), "{trailers:?}");
    let metrics = fixture.metrics();
    assert!(metrics.contains("request_protocol=\"grpc\""), "{metrics}");
    assert!(metrics.contains("grpc_response_status=\"0\""), "{metrics}");
}

#[test]
fn a_refused_call_is_trailers_only_with_http_200() {
    let mut closed = snapshot();
    closed.access[0].allow[0].matches[0].methods = vec!["GET".to_owned()];
    let fixture = Fixture::start(closed, server());
    let (head, body, trailers) = call(&fixture, "api.shop:9000");
    assert_eq!(head.status, 200);
    assert_eq!(head.headers["grpc-status"], "7");
    assert_eq!(head.headers["content-type"], "application/grpc");
    assert_eq!(head.headers["x-mesh-reason"], "access");
    assert!(body.is_empty() && trailers.is_none());
}

#[test]
fn a_call_out_of_view_is_refused_in_grpcs_terms() {
    let fixture = Fixture::start(snapshot(), server());
    let (head, ..) = call(&fixture, "elsewhere:9000");
    assert_eq!(head.status, 200);
    assert_eq!(head.headers["grpc-status"], "7");
    assert_eq!(head.headers["x-mesh-reason"], "not-visible");
}

/// The hop between the proxies speaks what the client spoke; the application of
/// an `http` port is spoken to in HTTP/1.1.
#[test]
fn http_2_reaches_an_http_1_1_application() {
    let (app, _) = echo();
    let fixture = Fixture::start(snapshot(), app);
    let (head, body, _) = call(&fixture, "api.shop");
    assert_eq!(head.status, 200);
    let seen = String::from_utf8(body.to_vec()).unwrap();
    assert!(
        seen.starts_with("POST /pkg.Service/Method HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(seen.contains("\r\nhost: api.shop\r\n"), "{seen}");
    assert_eq!(fixture.lines("inbound", 1)[0]["protocol"], "h2");
}
