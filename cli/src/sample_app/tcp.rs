//! What a TCP or TLS port does: every byte comes back.

use tokio::net::TcpStream;

/// Echoes until the other side has said everything.
pub(super) async fn connection(mut stream: TcpStream) {
    let (mut read, mut write) = stream.split();
    // A peer that leaves early ends the echo and nothing else.
    drop(tokio::io::copy(&mut read, &mut write).await);
}
