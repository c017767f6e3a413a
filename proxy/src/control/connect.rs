use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint, Uri};

use super::OperatorError;

/// Until TCP and TLS are up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection without an answer to a ping for the sum of these is dead.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens one HTTP/2 connection to the operator; when it returns, the operator has
/// proved who it is, and nothing was said to it.
pub(super) async fn connect(operator: &str, tls: ClientConfig) -> Result<Channel, OperatorError> {
    let handshake = tokio::time::timeout(CONNECT_TIMEOUT, handshake(operator, tls));
    let stream = handshake.await.map_err(|_| {
        OperatorError::Connect(io::Error::new(
            io::ErrorKind::TimedOut,
            "no connection within 10 s",
        ))
    })??;
    let mut stream = Some(TokioIo::new(stream));
    // One connection, used once: a channel that connected again by itself would go
    // round the back-off and use an old certificate.
    let connector = tower::service_fn(move |_: Uri| {
        let stream = stream.take();
        async move { stream.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)) }
    });
    Endpoint::from_static("http://operator.meshwright")
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .connect_with_connector(connector)
        .await
        .map_err(OperatorError::Transport)
}

async fn handshake(
    operator: &str,
    tls: ClientConfig,
) -> Result<TlsStream<TcpStream>, OperatorError> {
    let tcp = TcpStream::connect(operator)
        .await
        .map_err(OperatorError::Connect)?;
    tcp.set_nodelay(true).map_err(OperatorError::Connect)?;
    let address = tcp.peer_addr().map_err(OperatorError::Connect)?;
    // The operator is known by its identity, not by this name.
    let name = ServerName::IpAddress(address.ip().into());
    TlsConnector::from(Arc::new(tls))
        .connect(name, tcp)
        .await
        .map_err(OperatorError::Handshake)
}
