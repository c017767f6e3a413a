use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use mesh_identity::SpiffeId;

use super::Outgoing;
use super::host::{Host, Shared};

/// The right to one exchange on an upstream connection.
///
/// [`Self::give_back`] once the response was read to its end; a lease that is
/// dropped before takes an HTTP/1.1 connection with it.
pub(crate) struct Lease {
    host: Rc<Host>,
    sender: Option<Sender>,
    peer: Option<Rc<SpiffeId>>,
    reused: bool,
    keep: Duration,
}

pub(super) enum Sender {
    H1(http1::SendRequest<Outgoing>),
    H2(Rc<Shared>),
}

/// How an exchange failed before a response head came.
pub(crate) enum SendError {
    /// Nothing of the request was written; here it is again.
    Unsent(Box<Request<Outgoing>>),
    /// The peer said that it did not process the request.
    Refused,
    /// The connection or stream ended; the request may have been acted on.
    Reset,
}

impl Lease {
    pub(super) fn new(
        host: Rc<Host>,
        sender: Sender,
        peer: Option<Rc<SpiffeId>>,
        reused: bool,
        keep: Duration,
    ) -> Self {
        host.in_flight.set(host.in_flight.get() + 1);
        if let Sender::H2(shared) = &sender {
            shared.streams.set(shared.streams.get() + 1);
            shared.idle_since.set(None);
        }
        Self {
            host,
            sender: Some(sender),
            peer,
            reused,
            keep,
        }
    }

    /// Whether the connection served another request before.
    pub(crate) fn is_reused(&self) -> bool {
        self.reused
    }

    /// Who answers, as its certificate proved.
    pub(crate) fn peer(&self) -> Option<&Rc<SpiffeId>> {
        self.peer.as_ref()
    }

    /// Sends a request and waits for the head of its response.
    pub(crate) async fn send(
        &mut self,
        request: Request<Outgoing>,
    ) -> Result<Response<Incoming>, SendError> {
        let sent = match &mut self.sender {
            Some(Sender::H1(sender)) => sender.try_send_request(request).await,
            Some(Sender::H2(shared)) => {
                let mut sender = shared.sender.clone();
                sender.try_send_request(request).await
            }
            None => return Err(SendError::Unsent(Box::new(request))),
        };
        sent.map_err(|mut failed| match failed.take_message() {
            Some(request) => SendError::Unsent(Box::new(request)),
            None if was_refused(failed.error()) => SendError::Refused,
            None => SendError::Reset,
        })
    }

    /// The response was read to its end.
    pub(crate) fn give_back(mut self, now: Instant) {
        match self.sender.take() {
            Some(Sender::H1(_)) if self.keep.is_zero() => {}
            Some(Sender::H1(sender)) => self.host.keep(sender, self.peer.take(), now + self.keep),
            shared => self.sender = shared,
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.host.in_flight.set(self.host.in_flight.get() - 1);
        if let Some(Sender::H2(shared)) = &self.sender {
            shared.streams.set(shared.streams.get() - 1);
            if shared.streams.get() == 0 {
                shared.idle_since.set(Some(Instant::now()));
            }
        }
    }
}

/// `REFUSED_STREAM`, or a stream above the last id of a GOAWAY (RFC 9113 section
/// 8.7): h2 reports a peer's GOAWAY on exactly the streams above that id.
fn was_refused(error: &hyper::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
            return error.is_remote() && (refused || error.is_go_away());
        }
        cause = error.source();
    }
    false
}
