use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::reserved;

/// How much of a request body is kept to be sent again.
const MAX_REPLAY: usize = 64 * 1024;

/// The body of a request on its way to an upstream.
pub(crate) struct Outgoing {
    source: Kind,
    progress: Option<Rc<Progress>>,
}

enum Kind {
    Empty,
    /// As it comes, once.
    Once(Incoming),
    /// As it comes; what was read is kept as long as it is small.
    Replay(Reader),
    /// What was read before.
    Kept(Kept),
}

/// A whole body that was read before, of at most 64 KiB.
#[derive(Clone, Default)]
pub(crate) struct Kept(VecDeque<Piece>);

/// How far a request body has come.
#[derive(Debug)]
pub(crate) struct Progress {
    /// When its last bytes went on.
    pub last: Cell<Instant>,
    /// How many there were, over all attempts.
    pub bytes: Cell<u64>,
}

impl Outgoing {
    /// No body.
    pub(crate) fn empty() -> Self {
        Self {
            source: Kind::Empty,
            progress: None,
        }
    }

    /// Whatever body there is, passed on as it comes, once; with how far it has
    /// come, where there is one.
    pub(crate) fn passing(incoming: Incoming) -> (Self, Option<Rc<Progress>>) {
        if incoming.is_end_stream() {
            return (Self::empty(), None);
        }
        let progress = Progress::new();
        (Self::once(incoming, progress.clone()), Some(progress))
    }

    /// A body that is passed on as it comes, once.
    pub(crate) fn once(incoming: Incoming, progress: Rc<Progress>) -> Self {
        Self {
            source: Kind::Once(incoming),
            progress: Some(progress),
        }
    }

    /// A body that was read before.
    pub(crate) fn kept(kept: Kept) -> Self {
        Self {
            source: Kind::Kept(kept),
            progress: None,
        }
    }

    /// A body for one of several attempts.
    pub(crate) fn replay(replay: &Replay, progress: Rc<Progress>) -> Self {
        Self {
            source: Kind::Replay(replay.reader()),
            progress: Some(progress),
        }
    }
}

impl Progress {
    /// Begins now.
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self {
            last: Cell::new(Instant::now()),
            bytes: Cell::new(0),
        })
    }
}

/// A request body that several attempts may read, one after the other.
pub(crate) struct Replay {
    source: Rc<RefCell<Source>>,
}

struct Source {
    incoming: Incoming,
    /// Everything read so far, or nothing once `lost`.
    kept: Vec<Piece>,
    bytes: usize,
    /// Too much was read to keep it, or reading failed: no attempt can begin again.
    lost: bool,
    ended: bool,
    /// The attempt that may read; those before it see an aborted body.
    attempt: u32,
    size: SizeHint,
}

#[derive(Clone)]
enum Piece {
    Data(Bytes),
    Trailers(HeaderMap),
}

/// One attempt's view of a [`Replay`].
struct Reader {
    source: Rc<RefCell<Source>>,
    attempt: u32,
    at: usize,
}

/// A later attempt has taken the body over.
#[derive(Debug, thiserror::Error)]
#[error("the attempt is over")]
struct Superseded;

impl Replay {
    /// Nothing of the body may have been read before.
    pub(crate) fn new(incoming: Incoming) -> Self {
        let size = incoming.size_hint();
        Self {
            source: Rc::new(RefCell::new(Source {
                incoming,
                kept: vec![],
                bytes: 0,
                lost: false,
                ended: false,
                attempt: 0,
                size,
            })),
        }
    }

    /// Whether another attempt would send what the first one did.
    pub(crate) fn is_whole(&self) -> bool {
        !self.source.borrow().lost
    }

    /// All of it; `None` where it is not read to its end, or too large to be kept.
    pub(crate) fn kept(&self) -> Option<Kept> {
        let source = self.source.borrow();
        let is_over = source.ended || source.incoming.is_end_stream();
        (is_over && !source.lost).then(|| Kept(source.kept.iter().cloned().collect()))
    }

    /// The body for the next attempt; whoever read before reads no more.
    fn reader(&self) -> Reader {
        let mut source = self.source.borrow_mut();
        source.attempt += 1;
        Reader {
            source: self.source.clone(),
            attempt: source.attempt,
            at: 0,
        }
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Source {
    fn poll_piece(
        &mut self,
        at: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Piece, BoxError>>> {
        if let Some(piece) = self.kept.get(at) {
            return Poll::Ready(Some(Ok(piece.clone())));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let piece = match ready!(Pin::new(&mut self.incoming).poll_frame(cx)) {
            None => {
                self.ended = true;
                return Poll::Ready(None);
            }
            Some(Err(error)) => {
                self.lost = true;
                return Poll::Ready(Some(Err(error.into())));
            }
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => Piece::Data(data),
                Err(frame) => Piece::Trailers(frame.into_trailers().unwrap_or_default()),
            },
        };
        self.keep(&piece);
        Poll::Ready(Some(Ok(piece)))
    }

    fn keep(&mut self, piece: &Piece) {
        if let Piece::Data(data) = piece {
            self.bytes += data.len();
        }
        if self.bytes > MAX_REPLAY {
            self.lost = true;
            self.kept.clear();
        }
        if !self.lost {
            self.kept.push(piece.clone());
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let mut frame = ready!(match &mut this.source {
            Kind::Empty => Poll::Ready(None),
            Kind::Once(incoming) => Pin::new(incoming).poll_frame(cx).map_err(Into::into),
            Kind::Replay(reader) => reader.poll_frame(cx),
            Kind::Kept(kept) => Poll::Ready(kept.0.pop_front().map(|piece| Ok(piece.into()))),
        });
        if let Some(Ok(frame)) = &mut frame
            && let Some(trailers) = frame.trailers_mut()
        {
            reserved::strip_trailers(trailers);
        }
        if let (Some(progress), Some(Ok(frame))) = (&this.progress, &frame) {
            let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
            progress.last.set(Instant::now());
            progress.bytes.set(progress.bytes.get() + bytes);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Kind::Empty => true,
            Kind::Once(incoming) => incoming.is_end_stream(),
            Kind::Replay(reader) => {
                let source = reader.source.borrow();
                source.ended && !source.lost && reader.at >= source.kept.len()
            }
            Kind::Kept(kept) => kept.0.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Once(incoming) => incoming.size_hint(),
            Kind::Replay(reader) => reader.source.borrow().size,
            Kind::Kept(kept) => kept.size(),
        }
    }
}

impl Reader {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut source = self.source.borrow_mut();
        if source.attempt != self.attempt {
            return Poll::Ready(Some(Err(Superseded.into())));
        }
        let piece = ready!(source.poll_piece(self.at, cx));
        self.at += 1;
        Poll::Ready(piece.map(|piece| piece.map(Into::into)))
    }
}

impl Kept {
    fn size(&self) -> SizeHint {
        let mut size = 0;
        for piece in &self.0 {
            match piece {
                Piece::Data(data) => size += data.len() as u64,
                // With trailers it cannot be told by its length.
                Piece::Trailers(_) => return SizeHint::default(),
            }
        }
        SizeHint::with_exact(size)
    }
}

impl From<Piece> for Frame<Bytes> {
    fn from(piece: Piece) -> Self {
        match piece {
            Piece::Data(data) => Self::data(data),
            Piece::Trailers(trailers) => Self::trailers(trailers),
        }
    }
}
