//! Waiting until what was started can do its work.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::Request;
use hyper::header::HOST;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(25);
/// How long one look may take.
const LOOK: Duration = Duration::from_secs(2);

/// Until a proxy's admin address says that it is ready.
pub(super) async fn proxy(admin: SocketAddr) {
    until(|| says_ready(admin)).await;
}

/// Until somebody accepts connections.
pub(super) async fn accepting(address: SocketAddr) {
    until(|| async move { TcpStream::connect(address).await.is_ok() }).await;
}

/// Until a look succeeds.
pub(super) async fn until<F: Future<Output = bool>>(mut look: impl FnMut() -> F) {
    while !tokio::time::timeout(LOOK, look()).await.unwrap_or(false) {
        tokio::time::sleep(PAUSE).await;
    }
}

async fn says_ready(admin: SocketAddr) -> bool {
    let Ok(stream) = TcpStream::connect(admin).await else {
        return false;
    };
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let Ok((mut sender, connection)) = handshake else {
        return false;
    };
    let connection = tokio::spawn(connection);
    let request = Request::get("/ready")
        .header(HOST, admin.to_string())
        .body(Empty::<Bytes>::new())
        .expect("a fixed path and an address make a request");
    let answer = sender.send_request(request).await;
    connection.abort();
    answer.is_ok_and(|answer| answer.status().is_success())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_proxy_is_waited_for_until_it_says_200() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let admin = listener.local_addr().unwrap();
        let server = async {
            for status in ["503 Service Unavailable", "200 OK"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                assert_ne!(stream.read(&mut [0; 1024]).await.unwrap(), 0);
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        };
        tokio::join!(server, proxy(admin));
    }
}
