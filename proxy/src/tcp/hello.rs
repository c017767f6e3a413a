use std::io::{Error, ErrorKind, Result};
use std::time::Duration;

use mesh_ir::Protocol;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncReadExt};

/// From the first byte of a client to the end of its greeting.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest greeting that is read.
const LARGEST: usize = 32 * 1024;

/// What a client of a `tls` port said first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Hello {
    /// Everything read so far: it belongs to whom the connection leads to.
    pub(super) before: Vec<u8>,
    /// Whom it asks for, in lower case.
    pub(super) server_name: Option<String>,
}

/// Reads the greeting on a `tls` port; on any other nothing is read.
pub(super) async fn hello_on<S>(protocol: Protocol, client: &mut S) -> Result<Hello>
where
    S: AsyncRead + Unpin,
{
    match protocol {
        Protocol::Tls => hello(client).await,
        _ => Ok(Hello::default()),
    }
}

/// Reads a client's greeting (RFC 8446 section 4.1.2). What is no TLS has none, and is
/// judged as a connection without a server name.
async fn hello<S>(client: &mut S) -> Result<Hello>
where
    S: AsyncRead + Unpin,
{
    tokio::time::timeout(TIMEOUT, read(client)).await?
}

async fn read<S>(client: &mut S) -> Result<Hello>
where
    S: AsyncRead + Unpin,
{
    let mut acceptor = Acceptor::default();
    let mut before = vec![];
    loop {
        let from = before.len();
        if from > LARGEST {
            return Err(Error::new(
                ErrorKind::InvalidData,
                "a greeting without an end",
            ));
        }
        if client.read_buf(&mut before).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let mut more = &before[from..];
        while !more.is_empty() {
            acceptor.read_tls(&mut more)?;
        }
        let server_name = match acceptor.accept() {
            Ok(None) => continue,
            Ok(Some(accepted)) => {
                let hello = accepted.client_hello();
                hello.server_name().map(str::to_ascii_lowercase)
            }
            Err(_) => None,
        };
        return Ok(Hello {
            before,
            server_name,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, ClientConnection, RootCertStore};
    use tokio::io::AsyncWriteExt;

    use super::*;

    fn greeting(name: &'static str) -> Vec<u8> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let name = ServerName::try_from(name).unwrap();
        let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut bytes = vec![];
        client.write_tls(&mut bytes).unwrap();
        bytes
    }

    async fn heard(pieces: &[&[u8]]) -> Result<Hello> {
        let (mut client, mut server) = tokio::io::duplex(1024 * 1024);
        for piece in pieces {
            client.write_all(piece).await.unwrap();
        }
        drop(client);
        hello(&mut server).await
    }

    #[tokio::test]
    async fn the_server_name_is_read_and_nothing_is_lost() {
        let bytes = greeting("Db.Shop.Example");
        let heard = heard(&[&bytes]).await.unwrap();
        assert_eq!(heard.server_name.as_deref(), Some("db.shop.example"));
        assert_eq!(heard.before, bytes);
    }

    #[tokio::test]
    async fn what_is_no_tls_or_asks_for_an_address_has_no_server_name() {
        let plain = b"GET / HTTP/1.1\r\nhost: db.shop\r\n\r\n";
        assert_eq!(heard(&[plain]).await.unwrap().server_name, None);
        let bytes = greeting("10.0.0.1");
        assert_eq!(heard(&[&bytes]).await.unwrap().server_name, None);
    }

    #[tokio::test]
    async fn half_a_greeting_is_none() {
        let bytes = greeting("db.shop");
        assert!(heard(&[&bytes[..bytes.len() / 2]]).await.is_err());
    }
}
