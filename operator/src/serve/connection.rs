use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use jiff::Timestamp;
use mesh_identity::InvalidSvid;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::peer::Peer;
use super::tls::TlsError;
use super::{Context, router};

const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a caller without a certificate may stay: it can only ask for one.
const STRANGER: Duration = Duration::from_secs(30);
/// A peer that is gone is noticed after both.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// One stream of configuration, and a few calls beside it.
const MAX_STREAMS: u32 = 16;
const MAX_HEADERS: u32 = 16 << 10;

/// The longest wait between looks at the wall clock, which may be set meanwhile.
const LOOK: Duration = Duration::from_mins(1);

/// Why a connection ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectionError {
    /// Nobody can connect.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The handshake failed.
    #[error("handshake: {0}")]
    Handshake(std::io::Error),
    /// The handshake took too long.
    #[error("no handshake within {} s", HANDSHAKE.as_secs())]
    TooSlow,
    /// A chain of our root with a leaf that is none of ours.
    #[error("the client's certificate: {0}")]
    Certificate(#[from] InvalidSvid),
    /// What it proved holds no longer; its holder comes back with a newer one.
    #[error("the client's certificate has ended")]
    Expired,
    /// HTTP/2 failed.
    #[error(transparent)]
    Http(#[from] hyper::Error),
}

/// Serves one connection to its end.
pub(super) async fn handle(
    stream: TcpStream,
    address: SocketAddr,
    context: &Arc<Context>,
) -> Result<(), ConnectionError> {
    // Small messages, each of which somebody waits for.
    stream
        .set_nodelay(true)
        .map_err(ConnectionError::Handshake)?;
    let acceptor = TlsAcceptor::from(context.tls.config()?);
    let stream = timeout(HANDSHAKE, acceptor.accept(stream))
        .await
        .map_err(|_| ConnectionError::TooSlow)?
        .map_err(ConnectionError::Handshake)?;
    let peer = Arc::new(Peer::new(address, stream.get_ref().1.peer_certificates())?);
    let (known, expired) = (peer.is_known(), expired(peer.not_after()));
    let service = service_fn(|request| {
        let (context, peer) = (context.clone(), peer.clone());
        async move { Ok::<_, Infallible>(router::answer(request, context, peer).await) }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let stranger_leaves = async {
        if known {
            std::future::pending::<()>().await;
        } else {
            tokio::time::sleep(STRANGER).await;
        }
    };
    tokio::select! {
        ended = &mut connection => return Ok(ended?),
        () = context.shutdown.cancelled() => {}
        () = stranger_leaves => return Ok(()),
        () = expired => return Err(ConnectionError::Expired),
    }
    connection.as_mut().graceful_shutdown();
    Ok(connection.await?)
}

/// A certificate is verified when a connection begins, and proves nothing after its end.
async fn expired(not_after: Option<Timestamp>) {
    let Some(end) = not_after else {
        return std::future::pending().await;
    };
    while let Ok(left) = Duration::try_from(end.duration_since(Timestamp::now()))
        && !left.is_zero()
    {
        tokio::time::sleep(left.min(LOOK)).await;
    }
}
