//! HTTP/1.1 load over keep-alive connections, at saturation or at a fixed rate.
//!
//! At a fixed rate a latency counts from when the request was due, so that a
//! stall shows in every request it delays.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const REQUEST: &[u8] =
    b"GET /reviews/7 HTTP/1.1\r\nhost: reviews.shop\r\nuser-agent: bench\r\naccept: */*\r\n\r\n";

/// How fast to send.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// As fast as answers come.
    Saturate,
    /// So many in a second over all connections.
    PerSecond(u64),
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Saturate => f.write_str("at saturation"),
            Self::PerSecond(rate) => write!(f, "at {rate} requests/s"),
        }
    }
}

/// What was seen.
pub(crate) struct Seen {
    /// In microseconds, one per good answer.
    pub(crate) latencies: Vec<f64>,
    pub(crate) failures: u64,
    /// In seconds.
    pub(crate) elapsed: f64,
}

/// Sends for so many seconds.
pub(crate) fn run(
    address: SocketAddr,
    connections: usize,
    pace: Pace,
    seconds: u64,
) -> Result<Seen, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| e.to_string())?;
    runtime.block_on(async move {
        let start = Instant::now();
        let end = start + Duration::from_secs(seconds);
        let mut clients = tokio::task::JoinSet::new();
        for index in 0..connections {
            clients.spawn(client(address, pace, connections, index, start, end));
        }
        let mut seen = Seen {
            latencies: vec![],
            failures: 0,
            elapsed: 0.0,
        };
        while let Some(result) = clients.join_next().await {
            match result {
                Ok(Ok(latencies)) => seen.latencies.extend(latencies),
                Ok(Err(_)) | Err(_) => seen.failures += 1,
            }
        }
        seen.elapsed = start.elapsed().as_secs_f64();
        Ok(seen)
    })
}

async fn client(
    address: SocketAddr,
    pace: Pace,
    connections: usize,
    index: usize,
    start: Instant,
    end: Instant,
) -> std::io::Result<Vec<f64>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 8 * 1024];
    let mut latencies = Vec::with_capacity(64 * 1024);
    let mut count = 0_u32;
    loop {
        let due = match pace {
            Pace::Saturate => Instant::now(),
            Pace::PerSecond(rate) => {
                #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                let gap = Duration::from_secs_f64(connections as f64 / rate as f64);
                #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                let offset = gap.mul_f64(index as f64 / connections as f64);
                let due = start + offset + gap * count;
                tokio::time::sleep_until(due.into()).await;
                due
            }
        };
        count += 1;
        if due >= end {
            return Ok(latencies);
        }
        stream.write_all(REQUEST).await?;
        read_answer(&mut stream, &mut buffer).await?;
        latencies.push(due.elapsed().as_secs_f64() * 1e6);
    }
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> std::io::Result<()> {
    let mut held = 0;
    loop {
        let read = stream.read(&mut buffer[held..]).await?;
        held += read;
        if read == 0 || held == buffer.len() {
            return Err(std::io::Error::other("closed, or too long an answer"));
        }
        let Some(head) = buffer[..held]
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
        else {
            continue;
        };
        if !buffer.starts_with(b"HTTP/1.1 200") {
            return Err(std::io::Error::other("not 200"));
        }
        // The backend's body has 128 bytes, whoever frames it.
        let chunked = buffer[..head]
            .windows(7)
            .any(|seven| seven.eq_ignore_ascii_case(b"chunked"));
        let complete = if chunked {
            buffer[..held].ends_with(b"0\r\n\r\n")
        } else {
            held == head + 4 + 128
        };
        if complete {
            return Ok(());
        }
    }
}
