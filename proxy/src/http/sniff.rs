use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::serve::Codec;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Tells HTTP/2 by prior knowledge from HTTP/1.1 by the connection preface (RFC
/// 9113 section 3.4), and gives back what was read. For plain text on loopback
/// only; elsewhere ALPN says it.
pub(crate) async fn sniff<S: AsyncRead + Unpin>(io: &mut S) -> std::io::Result<(Codec, Bytes)> {
    let mut read = BytesMut::with_capacity(1024);
    loop {
        let n = io.read_buf(&mut read).await?;
        let known = read.len().min(PREFACE.len());
        if read[..known] != PREFACE[..known] || n == 0 {
            return Ok((Codec::Http1, read.freeze()));
        }
        if known == PREFACE.len() {
            return Ok((Codec::Http2, read.freeze()));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn told(chunks: &[&[u8]]) -> (Codec, Bytes) {
        let (mut client, mut server) = tokio::io::duplex(1024);
        let writing = async {
            for chunk in chunks {
                client.write_all(chunk).await.unwrap();
                tokio::task::yield_now().await;
            }
            client.shutdown().await.unwrap();
        };
        tokio::join!(writing, sniff(&mut server)).1.unwrap()
    }

    #[tokio::test]
    async fn the_preface_tells_http_2_even_in_pieces() {
        let (codec, read) = told(&[b"PRI", b" * HTTP/2.0\r\n\r\nSM\r\n\r\n"]).await;
        assert_eq!(codec, Codec::Http2);
        assert_eq!(read, PREFACE);
    }

    #[tokio::test]
    async fn everything_else_is_http_1_1() {
        for chunks in [
            &[&b"GET / HTTP/1.1\r\n"[..]][..],
            &[b"PRI", b"NT / HTTP/1.1\r\n"],
            &[b"P"],
            &[],
        ] {
            assert_eq!(told(chunks).await.0, Codec::Http1);
        }
    }
}
