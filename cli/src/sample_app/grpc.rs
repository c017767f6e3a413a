//! The body of a gRPC answer: the messages that arrive, then `grpc-status: 0`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{HeaderMap, HeaderValue};

/// Says neither a length nor an early end, either of which would leave no room for
/// the trailers.
pub(super) struct Echoed {
    messages: Incoming,
    trailers: Option<HeaderMap>,
}

impl Echoed {
    /// Sends back what a request brings.
    pub(super) fn new(messages: Incoming) -> Self {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        Self {
            messages,
            trailers: Some(trailers),
        }
    }
}

impl Body for Echoed {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        loop {
            let frame = ready!(Pin::new(&mut self.messages).poll_frame(cx));
            return Poll::Ready(match frame {
                Some(Ok(frame)) if !frame.is_data() => continue,
                Some(frame) => Some(frame),
                None => self
                    .trailers
                    .take()
                    .map(|trailers| Ok(Frame::trailers(trailers))),
            });
        }
    }
}
