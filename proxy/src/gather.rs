use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll};

use smallvec::SmallVec;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes up to which copying them together costs less than having the kernel gather them.
const SMALL: usize = 1024;

/// Writes several pieces: few bytes, or one piece, as one.
pub(crate) fn poll_write<S: AsyncWrite>(
    io: Pin<&mut S>,
    cx: &mut Context<'_>,
    pieces: &[IoSlice<'_>],
) -> Poll<Result<usize>> {
    if let [whole] = pieces {
        return io.poll_write(cx, whole);
    }
    if pieces.iter().map(|piece| piece.len()).sum::<usize>() > SMALL {
        return io.poll_write_vectored(cx, pieces);
    }
    let mut together: SmallVec<[u8; SMALL]> = SmallVec::new();
    for piece in pieces {
        together.extend_from_slice(piece);
    }
    io.poll_write(cx, &together)
}

/// A socket that is written to by [`poll_write`].
pub(crate) struct Gathered<S>(pub(crate) S);

impl<S: AsyncRead + Unpin> AsyncRead for Gathered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gathered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        poll_write(Pin::new(&mut self.0), cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes how it was written to, and takes everything.
    #[derive(Default)]
    struct Noted(Vec<(&'static str, Vec<u8>)>);

    impl AsyncWrite for Noted {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<Result<usize>> {
            self.0.push(("one", buf.to_vec()));
            Poll::Ready(Ok(buf.len()))
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<Result<usize>> {
            let all: Vec<u8> = bufs.iter().flat_map(|buf| buf.iter().copied()).collect();
            let length = all.len();
            self.0.push(("several", all));
            Poll::Ready(Ok(length))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn written(pieces: &[&[u8]]) -> (&'static str, Vec<u8>) {
        let mut noted = Noted::default();
        let slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let all = pieces.concat();
        let polled = poll_write(Pin::new(&mut noted), &mut cx, &slices);
        assert!(matches!(polled, Poll::Ready(Ok(n)) if n == all.len()));
        assert_eq!(noted.0[0].1, all);
        noted.0.remove(0)
    }

    #[test]
    fn few_bytes_or_one_piece_are_written_as_one() {
        let large = vec![7; SMALL + 1];
        assert_eq!(written(&[b"head", b"body"]).0, "one");
        assert_eq!(written(&[&large]).0, "one");
        assert_eq!(written(&[]).0, "one");
        assert_eq!(written(&[b"head", &large]).0, "several");
    }
}
