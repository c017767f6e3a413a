//! Questions to a running operator, over the Unix socket in its state directory.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer may be.
const LONGEST: usize = 64 << 20;

/// Why the operator gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OperatorError {
    /// Nobody listens.
    #[error("no operator at {socket} (is `--state-dir` that of a running operator?)")]
    Connect {
        /// The socket.
        socket: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The connection broke.
    #[error("the operator at {socket} broke off")]
    Exchange {
        /// The socket.
        socket: PathBuf,
        /// Why.
        source: hyper::Error,
    },
    /// It says nothing.
    #[error("the operator at {0} does not answer within {PATIENCE:?}")]
    Silent(PathBuf),
    /// It answers no.
    #[error("the operator refuses ({status}): {message}")]
    Refused {
        /// Of its answer.
        status: StatusCode,
        /// Of its answer.
        message: String,
    },
    /// The answer is too long or no JSON of the expected shape.
    #[error("the operator's answer cannot be read: {0}")]
    Answer(String),
    /// No runtime to ask with.
    #[error("cannot start a runtime")]
    Runtime(#[source] io::Error),
}

/// The operator of one state directory.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    socket: PathBuf,
}

impl Operator {
    /// The operator whose state is in a directory.
    pub(crate) fn of(state_dir: &Path) -> Self {
        Self {
            socket: state_dir.join("operator.sock"),
        }
    }

    /// Reads a resource, from a command that has no runtime.
    pub(crate) fn ask<T: DeserializeOwned>(&self, path: &str) -> Result<T, OperatorError> {
        blocking(self.get(path))
    }

    /// Sends a resource, from a command that has no runtime.
    pub(crate) fn tell<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<T, OperatorError> {
        blocking(self.post(path, body))
    }

    /// Reads a resource.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, OperatorError> {
        self.exchange(Method::GET, path, String::new()).await
    }

    /// Sends a resource.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<T, OperatorError> {
        self.exchange(Method::POST, path, body.to_string()).await
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<T, OperatorError> {
        let exchange = self.attempt(method, path, body);
        let silent = |_| OperatorError::Silent(self.socket.clone());
        let (status, text) = tokio::time::timeout(PATIENCE, exchange)
            .await
            .map_err(silent)??;
        if !status.is_success() {
            let message = refusal(&text);
            return Err(OperatorError::Refused { status, message });
        }
        serde_json::from_slice(&text).map_err(|error| OperatorError::Answer(error.to_string()))
    }

    async fn attempt(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<(StatusCode, Bytes), OperatorError> {
        let broken = |source| OperatorError::Exchange {
            socket: self.socket.clone(),
            source,
        };
        let stream = UnixStream::connect(&self.socket).await.map_err(|source| {
            let socket = self.socket.clone();
            OperatorError::Connect { socket, source }
        })?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        // Ends with the exchange; what fails there fails the exchange too.
        let connection = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "operator")
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))
            .expect("a fixed method, a path of ours and fixed headers make a request");
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LONGEST).collect().await;
        connection.abort();
        let body = body.map_err(|error| OperatorError::Answer(error.to_string()))?;
        Ok((status, body.to_bytes()))
    }
}

/// The words of a refusal: `{"error": …}`, or the text itself.
fn refusal(text: &[u8]) -> String {
    let said = serde_json::from_slice::<serde_json::Value>(text).ok();
    match said.as_ref().and_then(|said| said["error"].as_str()) {
        Some(message) => message.to_owned(),
        None => String::from_utf8_lossy(text).trim().to_owned(),
    }
}

fn blocking<T>(
    question: impl Future<Output = Result<T, OperatorError>>,
) -> Result<T, OperatorError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(OperatorError::Runtime)?
        .block_on(question)
}

#[cfg(test)]
pub(crate) mod canned {
    //! An operator with one answer.

    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use std::thread::JoinHandle;

    /// Answers one request on the socket of a state directory; gives what was asked.
    pub(crate) fn operator(state_dir: &Path, status: &str, body: &str) -> JoinHandle<String> {
        let listener = UnixListener::bind(state_dir.join("operator.sock")).unwrap();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = vec![0; 4096];
            let mut length = 0;
            while !whole(&asked[..length]) {
                length += stream.read(&mut asked[length..]).unwrap();
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(asked[..length].to_vec()).unwrap()
        })
    }

    fn whole(request: &[u8]) -> bool {
        let text = String::from_utf8_lossy(request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            return false;
        };
        head.lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .is_none_or(|length| length.parse() == Ok(body.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn an_answer_is_read() {
        let state = tempfile::tempdir().unwrap();
        let operator = canned::operator(state.path(), "200 OK", r#"{"proxies": []}"#);
        let answer: Value = Operator::of(state.path()).ask("/v1/drift").unwrap();
        assert_eq!(answer, json!({"proxies": []}));
        assert!(
            operator
                .join()
                .unwrap()
                .starts_with("GET /v1/drift HTTP/1.1\r\n")
        );
    }

    #[test]
    fn a_refusal_is_told_in_the_operators_words() {
        let state = tempfile::tempdir().unwrap();
        canned::operator(
            state.path(),
            "404 Not Found",
            r#"{"error": "no workload x"}"#,
        );
        let refused = Operator::of(state.path()).tell::<Value>("/v1/tokens", &json!({}));
        let text = refused.unwrap_err().to_string();
        assert_eq!(text, "the operator refuses (404 Not Found): no workload x");
    }

    #[test]
    fn a_missing_operator_is_named() {
        let state = tempfile::tempdir().unwrap();
        let missing = Operator::of(state.path()).ask::<Value>("/v1/status");
        assert!(
            missing
                .unwrap_err()
                .to_string()
                .starts_with("no operator at /")
        );
    }
}
