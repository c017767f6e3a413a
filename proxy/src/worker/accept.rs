use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mesh_identity::SpiffeId;
use mesh_ir::{Name, Protocol, ServiceRef};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Counted;
use crate::active::{Active, ListenerRole};
use crate::context::Context;
use crate::http::{self, Codec, Inbound, Outbound};
use crate::tcp;
use crate::tls::{Alpn, handshake_failure, peer_identity};

/// From the first byte of a handshake to its end.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Until the application has said which HTTP it speaks.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_mins(1);

/// Serves one accepted connection as its listener's role says.
pub(super) async fn serve(
    context: Rc<Context>,
    stream: std::net::TcpStream,
    peer: SocketAddr,
    role: Arc<ListenerRole>,
    counted: Counted,
) {
    if let Err(error) = serve_as(context, stream, peer, &role).await {
        tracing::debug!(%error, %peer, ?role, "a connection was not served");
    }
    drop(counted);
}

async fn serve_as(
    context: Rc<Context>,
    stream: std::net::TcpStream,
    peer: SocketAddr,
    role: &ListenerRole,
) -> std::io::Result<()> {
    stream.set_nonblocking(true)?;
    stream.set_nodelay(true)?;
    let stream = TcpStream::from_std(stream)?;
    match role {
        ListenerRole::Inbound {
            service,
            port,
            application,
        } => {
            let place = (service.clone(), port.clone());
            inbound(context, stream, peer, place, *application).await
        }
        ListenerRole::Outbound => outbound(context, stream).await,
        ListenerRole::Tcp { service, port } => {
            tcp::serve_outbound(&context, stream, service.clone(), port.clone()).await;
            Ok(())
        }
    }
}

async fn inbound(
    context: Rc<Context>,
    stream: TcpStream,
    address: SocketAddr,
    (service, port): (ServiceRef, Name),
    application: SocketAddr,
) -> std::io::Result<()> {
    let Some(active) = context.active() else {
        return Ok(());
    };
    let Some(protocol) = protocol(&active, &service, &port) else {
        return Ok(());
    };
    let shaken = handshake(&active, stream, protocol).await;
    let (stream, peer) = shaken.inspect_err(|error| {
        context.metrics.handshake_failed(handshake_failure(error));
    })?;
    drop(active);
    let peer = Rc::new(peer);
    if !protocol.is_http() {
        let place = (service, port);
        tcp::serve_inbound(&context, stream, place, application, peer, address.ip()).await;
        return Ok(());
    }
    let codec = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Codec::Http2,
        None if protocol != Protocol::Http => Codec::Http2,
        _ => Codec::Http1,
    };
    let peer = Some(peer);
    let handler = Inbound::new(context, service, port, application, peer, address.ip());
    http::serve(stream, Bytes::new(), codec, Rc::new(handler)).await;
    Ok(())
}

async fn handshake(
    active: &Active,
    stream: TcpStream,
    protocol: Protocol,
) -> std::io::Result<(TlsStream<TcpStream>, SpiffeId)> {
    let alpn = match protocol {
        Protocol::Http => Alpn::Http,
        Protocol::Http2 | Protocol::Grpc => Alpn::Http2,
        Protocol::Tcp | Protocol::Tls => Alpn::Bytes,
    };
    let acceptor = TlsAcceptor::from(active.identity.server(alpn));
    let stream = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await??;
    let peer = peer_identity(stream.get_ref().1.peer_certificates())
        .map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))?;
    Ok((stream, peer))
}

fn protocol(active: &Active, service: &ServiceRef, port: &Name) -> Option<Protocol> {
    let service = active.tables.find_service(service)?;
    Some(active.tables.service(service).port(port)?.protocol)
}

async fn outbound(context: Rc<Context>, mut stream: TcpStream) -> std::io::Result<()> {
    let told = tokio::time::timeout(FIRST_BYTE_TIMEOUT, http::sniff(&mut stream)).await;
    let (codec, before) = told??;
    let handler = Rc::new(Outbound::new(context));
    http::serve(stream, before, codec, handler).await;
    Ok(())
}
