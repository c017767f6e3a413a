//! The applications behind every workload of `mesh up`, all in one process.
//!
//! HTTP ports answer in JSON what arrived, gRPC ports send back the messages that
//! they receive, TCP ports the bytes. What to serve arrives on standard input, one
//! JSON [`Plan`] per line, each the whole of it; the end of input ends the process,
//! and with it no sample application outlives its `mesh up`.

mod echo;
mod grpc;
mod http;
mod peer;
mod request;
mod tcp;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Everything that the process serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// One per port of each workload.
    pub(crate) ports: Vec<Port>,
}

/// One application port of one workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Port {
    /// Where the application listens, on loopback.
    pub(crate) listen: SocketAddr,
    /// What is spoken.
    pub(crate) protocol: Protocol,
    /// Who answers.
    pub(crate) workload: Workload,
}

/// Who an answer says that it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Workload {
    /// The service's name.
    pub(crate) service: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// The version, where the service has any.
    pub(crate) version: Option<String>,
}

/// What an application port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    /// HTTP/1.1 and HTTP/2 without TLS; gRPC by its content type.
    Http,
    /// Bytes.
    Tcp,
}

/// Why the sample application ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SampleAppError {
    /// The runtime or standard input failed.
    #[error("sample application: {0}")]
    Io(#[from] io::Error),
    /// A line of standard input is no plan.
    #[error("sample application: a line of input is no plan")]
    Plan(#[from] serde_json::Error),
    /// A port is taken.
    #[error("sample application: cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// Serves what standard input says until it ends.
pub(crate) fn run() -> Result<(), SampleAppError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(serve(tokio::io::BufReader::new(tokio::io::stdin())));
    // A blocking read of standard input may still be under way.
    runtime.shutdown_background();
    outcome
}

async fn serve(input: impl AsyncBufRead + Unpin) -> Result<(), SampleAppError> {
    let mut running = Running::default();
    let mut lines = input.lines();
    while let Some(line) = lines.next_line().await? {
        running.apply(serde_json::from_str(&line)?).await?;
    }
    Ok(())
}

/// The listeners of the plan that was applied last.
#[derive(Default)]
struct Running {
    ports: BTreeMap<SocketAddr, (Port, CancellationToken)>,
}

impl Running {
    /// Ends what the plan no longer has and starts what is new; the rest is not touched.
    async fn apply(&mut self, plan: Plan) -> Result<(), SampleAppError> {
        self.ports.retain(|_, (port, cancel)| {
            let stays = plan.ports.contains(port);
            if !stays {
                cancel.cancel();
            }
            stays
        });
        for port in plan.ports {
            if self.ports.contains_key(&port.listen) {
                continue;
            }
            let listener = listen(port.listen).await?;
            let cancel = CancellationToken::new();
            tokio::spawn(accept(listener, port.clone(), cancel.clone()));
            self.ports.insert(port.listen, (port, cancel));
        }
        Ok(())
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, SampleAppError> {
    let attempted = |source| SampleAppError::Listen { address, source };
    TcpListener::bind(address).await.map_err(attempted)
}

async fn accept(listener: TcpListener, port: Port, cancel: CancellationToken) {
    let workload = Arc::new(port.workload);
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // A connection that is gone before it is accepted concerns nobody.
        let Ok((stream, _)) = accepted else { continue };
        match port.protocol {
            Protocol::Http => tokio::spawn(http::connection(stream, workload.clone())),
            Protocol::Tcp => tokio::spawn(tcp::connection(stream)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    async fn free_address() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    }

    fn port(listen: SocketAddr, protocol: Protocol) -> Port {
        let workload = Workload {
            service: "reviews".into(),
            namespace: "shop".into(),
            version: Some("v1".into()),
        };
        Port {
            listen,
            protocol,
            workload,
        }
    }

    async fn exchange(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn http_answers_say_who_answers_and_what_arrived() {
        let address = free_address().await;
        let mut running = Running::default();
        let plan = Plan {
            ports: vec![port(address, Protocol::Http)],
        };
        running.apply(plan).await.unwrap();
        let answer = exchange(
            address,
            "GET /reviews/7?x=1 HTTP/1.1\r\nhost: reviews.shop\r\nx-forwarded-client-cert: \
             Hash=00;URI=spiffe://shop.example/ns/shop/sa/productpage\r\nconnection: close\r\n\r\n",
        )
        .await;
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["service"], "reviews");
        assert_eq!(body["version"], "v1");
        assert_eq!(body["path"], "/reviews/7?x=1");
        assert_eq!(body["peer"], "spiffe://shop.example/ns/shop/sa/productpage");
        assert_eq!(body["headers"]["host"][0], "reviews.shop");
    }

    #[tokio::test]
    async fn a_plan_replaces_the_one_before() {
        let (first, second) = (free_address().await, free_address().await);
        let mut running = Running::default();
        for address in [first, second] {
            let ports = vec![port(address, Protocol::Tcp)];
            running.apply(Plan { ports }).await.unwrap();
        }
        assert_eq!(exchange(second, "hello\n").await, "hello\n");
        assert_eq!(running.ports.keys().collect::<Vec<_>>(), [&second]);
    }

    #[tokio::test]
    async fn the_end_of_input_ends_it() {
        let input: &[u8] = b"{\"ports\":[]}\n";
        serve(input).await.unwrap();
    }

    #[tokio::test]
    async fn a_line_that_is_no_plan_is_an_error() {
        let input: &[u8] = b"{}\n";
        assert!(matches!(serve(input).await, Err(SampleAppError::Plan(_))));
    }
}
