use std::cell::RefCell;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue, UPGRADE};
use http::{Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::answer::Answer;
use super::body::{Body, Bounds, Open, grpc_status};
use super::guard::Head;
use super::hop;
use crate::ending::Ending;
use crate::tcp::{Ended, relay};

/// Where a connection's upgraded upstream waits until the connection itself is.
#[derive(Default)]
pub(super) struct Slot {
    pending: RefCell<Option<Pending>>,
}

struct Pending {
    upstream: OnUpgrade,
    open: Open,
    bounds: Bounds,
}

/// Passes an upstream's answer on, its body as it comes. A `101` that was asked
/// for leaves its connection in the slot; any other is no answer.
pub(super) fn pass(
    mut response: Response<Incoming>,
    kind: Head,
    mut open: Open,
    bounds: Bounds,
    slot: &Slot,
) -> Response<Body> {
    let status = response.status();
    let switching = status == StatusCode::SWITCHING_PROTOCOLS;
    if switching && kind != Head::WebSocket {
        open.cut(502, "upstream-upgrade", "UPE");
        let answer = Answer::failure(502, "upstream-upgrade", "an upgrade that nobody asked for");
        return answer.response(false);
    }
    open.record.outcome.status = status.as_u16();
    let upgrade = switching.then(|| hyper::upgrade::on(&mut response));
    let (mut head, incoming) = response.into_parts();
    open.record.outcome.grpc = grpc_status(&head.headers);
    hop::strip(&mut head.headers);
    head.version = Version::HTTP_11;
    head.extensions.clear();
    let Some(upstream) = upgrade else {
        return Response::from_parts(head, Body::relay(incoming, open, bounds));
    };
    head.headers
        .insert(CONNECTION, HeaderValue::from_static("upgrade"));
    head.headers
        .insert(UPGRADE, HeaderValue::from_static("websocket"));
    *slot.pending.borrow_mut() = Some(Pending {
        upstream,
        open,
        bounds,
    });
    Response::from_parts(head, Body::Empty)
}

impl Slot {
    /// Carries bytes both ways, if the connection that just ended was upgraded.
    pub(super) async fn run<S>(&self, mut client: S, read: Bytes)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Some(mut pending) = self.pending.take() else {
            return;
        };
        let never = Ending::default();
        let standing = pending.open.in_flight.standing();
        let ending = standing.map_or(&never, |it| &it.ending);
        let Ok(upstream) = pending.upstream.await else {
            return pending.open.cut(502, "upstream-reset", "UC");
        };
        let mut upstream = TokioIo::new(upstream);
        let mut ended = Ended::default();
        if upstream.write_all(&read).await.is_ok() {
            ended = relay(&mut client, &mut upstream, pending.bounds.idle, ending).await;
        }
        pending.open.record.received += ended.received + read.len() as u64;
        pending.open.record.sent += ended.sent;
        pending.open.end(ended.reason);
    }
}
