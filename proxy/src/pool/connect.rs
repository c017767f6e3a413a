use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use mesh_identity::{InvalidSvid, SpiffeId};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Destination, Outgoing, Secure};
use crate::gather::Gathered;
use crate::tls::{Alpn, peer_identity};

/// How often an HTTP/2 connection asks whether its peer is still there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// The largest response head taken.
const MAX_HEAD: usize = 60 * 1024;
/// Bytes of one HTTP/2 response stream that may wait for a slow reader.
const STREAM_WINDOW: u32 = 256 * 1024;
/// Bytes of one HTTP/2 connection that may wait for slow readers.
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// Why no connection could be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// Not within the time given.
    #[error("no connection to {0} within {1:?}")]
    Timeout(SocketAddr, Duration),
    /// The operating system says no.
    #[error("no connection to {0}")]
    Tcp(SocketAddr, #[source] std::io::Error),
    /// The handshake failed: among others, the wrong identity answered.
    #[error("no mutual TLS with {0}")]
    Tls(SocketAddr, #[source] std::io::Error),
    /// The certificate that answered names no workload.
    #[error("{0} shows no identity")]
    Identity(SocketAddr, #[source] InvalidSvid),
    /// Another request was opening a connection, and this one waited for it.
    #[error("no connection to {0}: another request has just waited in vain")]
    AsBefore(SocketAddr),
    /// HTTP could not begin.
    #[error("no HTTP with {0}")]
    Http(SocketAddr, #[source] hyper::Error),
}

/// Opens a TCP connection.
pub(crate) async fn connect_plain(
    address: SocketAddr,
    timeout: Duration,
) -> Result<TcpStream, ConnectError> {
    let stream = tokio::time::timeout(timeout, TcpStream::connect(address))
        .await
        .map_err(|_| ConnectError::Timeout(address, timeout))?
        .map_err(|error| ConnectError::Tcp(address, error))?;
    // Without it, small requests wait for acknowledgements of earlier ones.
    stream.set_nodelay(true).ok();
    Ok(stream)
}

/// Opens a TCP connection and proves both identities on it.
pub(crate) async fn connect_tls(
    address: SocketAddr,
    secure: Secure<'_>,
    alpn: Alpn,
    timeout: Duration,
) -> Result<(TlsStream<TcpStream>, Rc<SpiffeId>), ConnectError> {
    let opened = async {
        let stream = connect_plain(address, timeout).await?;
        let config = secure.identity.client(secure.accept, alpn);
        // The name only fills the API: who may answer is said by the rule.
        let name = ServerName::IpAddress(address.ip().into());
        TlsConnector::from(config)
            .connect(name, stream)
            .await
            .map_err(|error| ConnectError::Tls(address, error))
    };
    let stream = tokio::time::timeout(timeout, opened)
        .await
        .map_err(|_| ConnectError::Timeout(address, timeout))??;
    let peer = peer_identity(stream.get_ref().1.peer_certificates())
        .map_err(|error| ConnectError::Identity(address, error))?;
    Ok((stream, Rc::new(peer)))
}

pub(super) async fn open_h1(
    to: &Destination<'_>,
) -> Result<(http1::SendRequest<Outgoing>, Option<Rc<SpiffeId>>), ConnectError> {
    match to.secure {
        None => {
            let stream = connect_plain(to.address, to.connect_timeout).await?;
            Ok((handshake_h1(to.address, stream).await?, None))
        }
        Some(secure) => {
            let (stream, peer) =
                connect_tls(to.address, secure, Alpn::Http1, to.connect_timeout).await?;
            Ok((handshake_h1(to.address, stream).await?, Some(peer)))
        }
    }
}

pub(super) async fn open_h2(
    to: &Destination<'_>,
) -> Result<(http2::SendRequest<Outgoing>, Option<Rc<SpiffeId>>), ConnectError> {
    match to.secure {
        None => {
            let stream = connect_plain(to.address, to.connect_timeout).await?;
            Ok((handshake_h2(to.address, stream).await?, None))
        }
        Some(secure) => {
            let (stream, peer) =
                connect_tls(to.address, secure, Alpn::Http2, to.connect_timeout).await?;
            Ok((handshake_h2(to.address, stream).await?, Some(peer)))
        }
    }
}

async fn handshake_h1<S>(
    address: SocketAddr,
    stream: S,
) -> Result<http1::SendRequest<Outgoing>, ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_header_size(MAX_HEAD)
        .handshake(TokioIo::new(Gathered(stream)))
        .await
        .map_err(|error| ConnectError::Http(address, error))?;
    tokio::task::spawn_local(async move {
        // How it ends is told to the exchange on it, if there is one.
        connection.with_upgrades().await.ok();
    });
    Ok(sender)
}

async fn handshake_h2<S>(
    address: SocketAddr,
    stream: S,
) -> Result<http2::SendRequest<Outgoing>, ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (sender, connection) = http2::Builder::new(LocalExecutor)
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(u32::try_from(MAX_HEAD).expect("60 KiB fit in 32 bits"))
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_EVERY)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| ConnectError::Http(address, error))?;
    tokio::task::spawn_local(async move {
        connection.await.ok();
    });
    Ok(sender)
}

/// Runs what hyper wants run beside a connection on the worker's own thread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LocalExecutor;

impl<F: Future + 'static> hyper::rt::Executor<F> for LocalExecutor {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}
