use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer::Answer;
use super::body::Body;
use super::life::{InFlight, Life, Watched, Wish};
use super::tunnel::Slot;
use crate::context::{Context, Supervised};
use crate::pool::LocalExecutor;

/// The largest head that is read.
const MAX_HEAD: usize = 60 * 1024;
/// Bytes of one HTTP/1.1 connection that are read ahead.
const READ_AHEAD: usize = 64 * 1024;
/// Streams of one HTTP/2 connection at a time.
const MAX_STREAMS: u32 = 100;
/// Streams that a peer reset and that nobody has looked at yet (rapid reset).
const MAX_RESETS: usize = 20;
/// Resets that a peer's errors make us send (made-you-reset).
const MAX_OWN_RESETS: usize = 1024;
/// Bytes of one HTTP/2 request stream that may wait.
const STREAM_WINDOW: u32 = 64 * 1024;
/// Bytes of one HTTP/2 connection that may wait.
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// How often an HTTP/2 client is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(20);

/// What is spoken on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

/// What it says that an HTTP/1.1 client has ended its direction before it was
/// answered. (HTTP/2 says for every stream whether it is wanted.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientEnd {
    /// It is gone; what it asked for is given up.
    Gone,
    /// It has nothing more to say and still listens (RFC 9112 section 9.6). Whether it
    /// does can be seen only when it is written to: the end of a direction looks
    /// the same, and a reset comes as the answer to our own bytes.
    Listens,
}

/// Answers the requests of one connection.
pub(crate) trait Handler: 'static {
    /// The worker's.
    fn context(&self) -> &Rc<Context>;
    /// What the end of a client's direction says while it waits for an answer.
    fn client_end(&self) -> ClientEnd;
    /// How long the connection may be without a request.
    fn idle_timeout(&self) -> Option<Duration>;
    /// Answers one request, and records it.
    async fn handle(&self, request: Request<Incoming>, exchange: Exchange) -> Response<Body>;
}

/// What a request has of its connection.
pub(crate) struct Exchange {
    pub(super) in_flight: InFlight,
    pub(super) tunnel: Rc<Slot>,
}

/// Serves one connection to its end, whatever is on the other side.
///
/// `before` was read from it already. Heads, idle time, drain and abort are
/// watched from outside, so a request costs no timer.
pub(crate) async fn serve<S, H>(io: S, before: Bytes, codec: Codec, handler: Rc<H>)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    H: Handler,
{
    let context = handler.context().clone();
    let life = Rc::new(Life::new(codec == Codec::Http2, handler.idle_timeout()));
    let watched: Rc<dyn Supervised> = life.clone();
    context.supervise(Rc::downgrade(&watched));
    if context.is_draining() {
        life.drain();
    }
    let tunnel = Rc::new(Slot::default());
    let io = TokioIo::new(Watched::new(io, before, life.clone()));
    let client_end = handler.client_end();
    let service = service_fn({
        let (life, tunnel) = (life.clone(), tunnel.clone());
        move |request: Request<Incoming>| {
            let exchange = Exchange {
                in_flight: life.request(),
                tunnel: tunnel.clone(),
            };
            contained(handler.clone(), request, exchange)
        }
    });
    match codec {
        Codec::Http1 => {
            let mut connection = http1_builder(client_end).serve_connection(io, service);
            let ended = drive(&life, Pin::new(&mut connection), |it| {
                it.graceful_shutdown();
            });
            if ended.await {
                let parts = connection.into_parts();
                let io = parts.io.into_inner().into_inner();
                tunnel.run(io, parts.read_buf).await;
            }
        }
        Codec::Http2 => {
            let connection = pin!(http2_builder().serve_connection(io, service));
            drive(&life, connection, http2::Connection::graceful_shutdown).await;
        }
    }
}

/// A panic in one request is an answer, not the end of a worker.
async fn contained<H: Handler>(
    handler: Rc<H>,
    request: Request<Incoming>,
    exchange: Exchange,
) -> Result<Response<Body>, Infallible> {
    let version = request.version();
    let answered = AssertUnwindSafe(handler.handle(request, exchange)).catch_unwind();
    let mut response = answered.await.unwrap_or_else(|_| {
        tracing::error!("a request made its handler panic");
        Answer::failure(500, "internal", "a fault of the proxy").response(false)
    });
    if handler.context().is_draining() && version != Version::HTTP_2 {
        let headers = response.headers_mut();
        headers
            .entry(CONNECTION)
            .or_insert(HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// Polls a connection and does what is wished of it; whether it ended by itself
/// and in order.
async fn drive<C>(life: &Life, mut connection: Pin<&mut C>, finish: impl Fn(Pin<&mut C>)) -> bool
where
    C: Future<Output = hyper::Result<()>>,
{
    std::future::poll_fn(|cx| {
        match life.poll_wish(cx) {
            Some(Wish::Abort) => return Poll::Ready(false),
            Some(Wish::Finish) => finish(connection.as_mut()),
            None => {}
        }
        connection.as_mut().poll(cx).map(|ended| ended.is_ok())
    })
    .await
}

fn http1_builder(end: ClientEnd) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .half_close(end == ClientEnd::Listens)
        .header_read_timeout(None)
        .max_header_size(MAX_HEAD)
        .max_buf_size(READ_AHEAD);
    builder
}

fn http2_builder() -> http2::Builder<LocalExecutor> {
    let mut builder = http2::Builder::new(LocalExecutor);
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD).expect("60 KiB fit in 32 bits"))
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(MAX_OWN_RESETS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(READ_AHEAD)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_EVERY);
    builder
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::clock::Clock;
    use crate::http::{Inbound, Outbound};
    use crate::telemetry::{AccessLog, AccessLogTarget};

    fn future_size<H: Handler, F: Future>(
        _: impl Fn(Rc<H>, Request<Incoming>, Exchange) -> F,
    ) -> usize {
        size_of::<F>()
    }

    /// Panics where it is told to.
    struct Touchy(Rc<Context>);

    impl Handler for Touchy {
        fn context(&self) -> &Rc<Context> {
            &self.0
        }

        fn client_end(&self) -> ClientEnd {
            ClientEnd::Listens
        }

        fn idle_timeout(&self) -> Option<Duration> {
            None
        }

        async fn handle(&self, request: Request<Incoming>, _: Exchange) -> Response<Body> {
            assert_ne!(request.uri().path(), "/panic", "as asked");
            Response::new(Body::Full(Bytes::from_static(b"fine")))
        }
    }

    #[tokio::test]
    async fn a_panic_in_one_request_is_a_500_and_the_connection_goes_on() {
        let log = AccessLog::open(&AccessLogTarget::Off).unwrap();
        let context = Rc::new(Context::new(Clock::start(), log));
        let (mut client, server) = tokio::io::duplex(4096);
        let handler = Rc::new(Touchy(context));
        let serving = serve(server, Bytes::new(), Codec::Http1, handler);
        let asking = async move {
            let mut answers = String::new();
            for path in ["/panic", "/"] {
                let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
                client.write_all(head.as_bytes()).await.unwrap();
            }
            client.shutdown().await.unwrap();
            client.read_to_string(&mut answers).await.unwrap();
            answers
        };
        let ((), answers) = tokio::join!(serving, asking);
        let (failed, fine) = answers.split_at(answers.rfind("HTTP/1.1 ").unwrap());
        assert!(failed.starts_with("HTTP/1.1 500 "), "{answers}");
        assert!(failed.contains("x-mesh-reason: internal\r\n"), "{answers}");
        assert!(fine.starts_with("HTTP/1.1 200 "), "{answers}");
    }

    /// hyper keeps room for one per HTTP/1.1 connection, and makes one per HTTP/2 stream.
    #[test]
    fn a_request_in_flight_is_small() {
        let inbound = future_size::<Inbound, _>(contained);
        let outbound = future_size::<Outbound, _>(contained);
        assert!(inbound <= 9 * 512, "{inbound}");
        assert!(outbound <= 13 * 512, "{outbound}");
    }
}
