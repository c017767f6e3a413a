use std::cell::{Cell, RefCell};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::Notify;

/// A chunk is handed to the writer when it is this large, or when [`super`] says so.
const CHUNK: usize = 32 * 1024;
/// Chunks that may wait for a slow disk; what comes beyond is dropped and counted.
const WAITING: usize = 128;

/// Where access log lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AccessLogTarget {
    /// Nowhere.
    Off,
    /// Standard output.
    Stdout,
    /// Appended to a file, made if it is not there.
    File(PathBuf),
}

/// Lines of one worker on their way to a file.
///
/// Writing happens on a thread of its own: a disk or pipe that blocks never
/// holds up a request. Each chunk is whole lines in one write, so that several
/// workers may append to one file.
pub(crate) struct AccessLog {
    buffer: RefCell<Vec<u8>>,
    /// Rings when the buffer is no longer empty.
    pub(crate) waiting: Notify,
    dropped: Cell<u64>,
    writer: Option<Writer>,
    /// The second that was written last, and its text.
    second: Cell<(u64, [u8; 24])>,
}

struct Writer {
    chunks: SyncSender<Vec<u8>>,
    thread: JoinHandle<()>,
}

impl AccessLog {
    /// Opens the target; fails where a file cannot be opened.
    pub(crate) fn open(target: &AccessLogTarget) -> std::io::Result<Self> {
        let sink: Option<Box<dyn Write + Send>> = match target {
            AccessLogTarget::Off => None,
            AccessLogTarget::Stdout => Some(Box::new(std::io::stdout())),
            AccessLogTarget::File(path) => Some(Box::new(
                OpenOptions::new().create(true).append(true).open(path)?,
            )),
        };
        Ok(Self {
            buffer: RefCell::default(),
            waiting: Notify::new(),
            dropped: Cell::new(0),
            second: Cell::new((u64::MAX, *b"1970-01-01T00:00:00.000Z")),
            writer: sink.map(Writer::start).transpose()?,
        })
    }

    /// Appends a line by `write`, which ends it.
    pub(crate) fn line(&self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.writer.is_none() {
            return;
        }
        let mut buffer = self.buffer.borrow_mut();
        if buffer.is_empty() {
            self.waiting.notify_one();
        }
        write(&mut buffer);
        let full = buffer.len() >= CHUNK;
        drop(buffer);
        if full {
            self.flush();
        }
    }

    /// Hands what there is to the writer.
    pub(crate) fn flush(&self) {
        let chunk = std::mem::take(&mut *self.buffer.borrow_mut());
        let Some(writer) = &self.writer else { return };
        if chunk.is_empty() {
            return;
        }
        if let Err(TrySendError::Full(chunk) | TrySendError::Disconnected(chunk)) =
            writer.chunks.try_send(chunk)
        {
            let lines = chunk.split(|byte| *byte == b'\n').count() - 1;
            self.dropped
                .set(self.dropped.get() + u64::try_from(lines).unwrap_or(u64::MAX));
        }
    }

    /// RFC 3339 to the millisecond, in UTC.
    pub(super) fn stamp(&self, since_epoch: Duration) -> [u8; 24] {
        let (mut second, mut text) = self.second.get();
        if second != since_epoch.as_secs() {
            second = since_epoch.as_secs();
            let seconds = i64::try_from(second).unwrap_or(i64::MAX);
            let instant = jiff::Timestamp::from_second(seconds).unwrap_or_default();
            let written = instant.to_string();
            text[..19].copy_from_slice(&written.as_bytes()[..19]);
            self.second.set((second, text));
        }
        let mut millis = since_epoch.subsec_millis();
        for digit in text[20..23].iter_mut().rev() {
            *digit = b"0123456789"[usize::try_from(millis % 10).expect("a digit")];
            millis /= 10;
        }
        text
    }

    /// Lines that were dropped because the target was too slow.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.get()
    }
}

/// Everything is written before it is gone.
impl Drop for AccessLog {
    fn drop(&mut self) {
        self.flush();
        if let Some(Writer { chunks, thread }) = self.writer.take() {
            drop(chunks);
            thread.join().ok();
        }
    }
}

impl Writer {
    fn start(mut sink: Box<dyn Write + Send>) -> std::io::Result<Self> {
        let (chunks, waiting) = sync_channel::<Vec<u8>>(WAITING);
        let thread = std::thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || {
                for chunk in waiting {
                    let written = sink.write_all(&chunk).and_then(|()| sink.flush());
                    if let Err(error) = written {
                        tracing::warn!(%error, "the access log cannot be written");
                    }
                }
            })?;
        Ok(Self { chunks, thread })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_in_utc() {
        let log = AccessLog::open(&AccessLogTarget::Off).unwrap();
        let at = |millis| String::from_utf8(log.stamp(Duration::from_millis(millis)).to_vec());
        assert_eq!(at(0).unwrap(), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(1_795_382_119_007).unwrap(), "2026-11-22T21:15:19.007Z");
        assert_eq!(at(1_795_382_119_999).unwrap(), "2026-11-22T21:15:19.999Z");
    }

    #[test]
    fn what_was_logged_is_in_the_file_once_the_log_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("access.log");
        let log = AccessLog::open(&AccessLogTarget::File(path.clone())).unwrap();
        for n in 0..10_000 {
            log.line(|out| writeln!(out, "{{\"n\":{n}}}").unwrap());
        }
        drop(log);
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().count(), 10_000);
        assert_eq!(text.lines().last(), Some("{\"n\":9999}"));
    }
}
