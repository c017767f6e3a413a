use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::ending::Ending;

/// Bytes read and not yet written, per direction.
const BUFFER: usize = 16 * 1024;

/// What a relay did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ended {
    /// Bytes from the client.
    pub received: u64,
    /// Bytes to the client.
    pub sent: u64,
    /// Why it ended, unless both sides were done.
    pub reason: Option<&'static str>,
}

/// Carries bytes both ways until both directions have ended, one is broken, or
/// nothing moves for `idle`, or it must end. The end of one direction is passed on
/// and leaves the other open.
pub(crate) async fn relay<C, U>(
    client: &mut C,
    upstream: &mut U,
    idle: Option<Duration>,
    ending: &Ending,
) -> Ended
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    let mut up = Flow::new();
    let mut down = Flow::new();
    let mut sleep = pin!(tokio::time::sleep(idle.unwrap_or_default()));
    let mut seen = 0;
    let mut reason = None;
    std::future::poll_fn(|cx| {
        if let Some(why) = ending.poll(cx) {
            reason = Some(why);
            return Poll::Ready(());
        }
        let up_done = up.poll(cx, client, upstream);
        let down_done = down.poll(cx, upstream, client);
        reason = match (&up_done, &down_done) {
            (Poll::Ready(Err(_)), _) | (_, Poll::Ready(Err(_))) => Some("connection-reset"),
            _ => None,
        };
        if reason.is_some() || (up_done.is_ready() && down_done.is_ready()) {
            return Poll::Ready(());
        }
        let Some(idle) = idle else {
            return Poll::Pending;
        };
        if up.bytes + down.bytes != seen {
            seen = up.bytes + down.bytes;
            sleep.as_mut().reset((Instant::now() + idle).into());
        }
        ready!(sleep.as_mut().poll(cx));
        reason = Some("idle");
        Poll::Ready(())
    })
    .await;
    Ended {
        received: up.bytes,
        sent: down.bytes,
        reason,
    }
}

/// One direction. The buffer exists only while it holds something.
struct Flow {
    buffer: Vec<u8>,
    from: usize,
    state: State,
    bytes: u64,
}

enum State {
    Open,
    /// The reader is done; what is left is written, then the end is passed on.
    Ending,
    Ended,
}

impl Flow {
    fn new() -> Self {
        Self {
            buffer: vec![],
            from: 0,
            state: State::Open,
            bytes: 0,
        }
    }

    fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        writer: &mut W,
    ) -> Poll<std::io::Result<()>>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        loop {
            if self.from < self.buffer.len() {
                let rest = &self.buffer[self.from..];
                let n = ready!(Pin::new(&mut *writer).poll_write(cx, rest))?;
                if n == 0 {
                    return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into()));
                }
                self.from += n;
                self.bytes += n as u64;
                continue;
            }
            match self.state {
                State::Ended => return Poll::Ready(Ok(())),
                State::Ending => {
                    ready!(Pin::new(&mut *writer).poll_shutdown(cx))?;
                    self.state = State::Ended;
                }
                State::Open => match self.poll_fill(cx, reader) {
                    Poll::Ready(filled) => filled?,
                    Poll::Pending => {
                        // What was written must not wait in a TLS buffer.
                        ready!(Pin::new(&mut *writer).poll_flush(cx))?;
                        self.buffer = vec![];
                        self.from = 0;
                        return Poll::Pending;
                    }
                },
            }
        }
    }

    fn poll_fill<R: AsyncRead + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
    ) -> Poll<std::io::Result<()>> {
        self.buffer.resize(BUFFER, 0);
        let mut buf = ReadBuf::new(&mut self.buffer);
        let polled = Pin::new(reader).poll_read(cx, &mut buf);
        let n = buf.filled().len();
        self.buffer.truncate(n);
        self.from = 0;
        ready!(polled)?;
        if n == 0 {
            self.state = State::Ending;
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn the_end_of_one_direction_leaves_the_other_open() {
        let (mut client, mut a) = duplex(64);
        let (mut b, mut server) = duplex(64);
        let ending = Ending::default();
        let carrying = relay(&mut a, &mut b, None, &ending);
        let talking = async {
            client.write_all(b"question").await.unwrap();
            client.shutdown().await.unwrap();
            let mut asked = String::new();
            server.read_to_string(&mut asked).await.unwrap();
            assert_eq!(asked, "question");
            server
                .write_all(b"the answer, after the end")
                .await
                .unwrap();
            drop(server);
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert_eq!(answer, "the answer, after the end");
        };
        let (ended, ()) = tokio::join!(carrying, talking);
        assert_eq!((ended.received, ended.sent, ended.reason), (8, 25, None));
    }

    #[tokio::test]
    async fn a_megabyte_goes_both_ways_through_a_small_pipe() {
        let (mut client, mut a) = duplex(1000);
        let (mut b, mut server) = duplex(700);
        let sent: Vec<u8> = (0..1_000_000_u32)
            .map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1])
            .collect();
        let ending = Ending::default();
        let carrying = relay(&mut a, &mut b, Some(Duration::from_secs(30)), &ending);
        let echoing = async {
            let (mut read, mut write) = tokio::io::split(&mut server);
            tokio::io::copy(&mut read, &mut write).await.unwrap();
            write.shutdown().await.unwrap();
        };
        let (mut read, mut write) = tokio::io::split(&mut client);
        let writing = async {
            write.write_all(&sent).await.unwrap();
            write.shutdown().await.unwrap();
        };
        let mut got = vec![];
        let (ended, (), (), n) =
            tokio::join!(carrying, echoing, writing, read.read_to_end(&mut got));
        assert_eq!(n.unwrap(), sent.len());
        assert!(got == sent && ended.reason.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_nothing_moves_ends() {
        let (_client, mut a) = duplex(64);
        let (mut b, _server) = duplex(64);
        let ended = relay(
            &mut a,
            &mut b,
            Some(Duration::from_mins(1)),
            &Ending::default(),
        )
        .await;
        assert_eq!(ended.reason, Some("idle"));
    }
}
