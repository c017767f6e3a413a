use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a socket may stay silent before the request counts as failed.
const SILENCE: Duration = Duration::from_secs(20);

/// An answer to a request, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first value under a name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// One HTTP/1.1 connection that is kept alive; it sends bytes as they are given,
/// so that a test can write what a library would refuse.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    pub fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(SILENCE))?;
        stream.set_write_timeout(Some(SILENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Sends a request without a body and reads the answer.
    pub fn send(
        &mut self,
        method: &str,
        host: &str,
        target: &str,
        headers: &[(&str, &str)],
    ) -> io::Result<Answer> {
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n").into_bytes();
        for (name, value) in headers {
            head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        if matches!(method, "POST" | "PUT" | "PATCH") {
            head.extend_from_slice(b"content-length: 0\r\n");
        }
        head.extend_from_slice(b"\r\n");
        self.send_bytes(&head, method == "HEAD")
    }

    /// Sends bytes and reads one answer; `head` says that it has no body.
    pub fn send_bytes(&mut self, request: &[u8], head: bool) -> io::Result<Answer> {
        self.stream.get_mut().write_all(request)?;
        read_answer(&mut self.stream, head)
    }
}

fn bad(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut text = String::new();
    if stream.read_line(&mut text)? == 0 {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "closed before an answer",
        ));
    }
    Ok(text.trim_end().to_owned())
}

fn read_answer(stream: &mut impl BufRead, head: bool) -> io::Result<Answer> {
    loop {
        let first = line(stream)?;
        let status = first
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .ok_or_else(|| bad(first.clone()))?;
        let mut headers = vec![];
        loop {
            let text = line(stream)?;
            if text.is_empty() {
                break;
            }
            let (name, value) = text.split_once(':').ok_or_else(|| bad(text.clone()))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer {
            status,
            headers,
            body: vec![],
        };
        if status / 100 == 1 {
            continue;
        }
        if !head && !matches!(status, 204 | 304) {
            answer.body = read_body(stream, &answer)?;
        }
        return Ok(answer);
    }
}

fn read_body(stream: &mut impl BufRead, answer: &Answer) -> io::Result<Vec<u8>> {
    if answer
        .header("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    {
        return read_chunks(stream);
    }
    let mut body = vec![];
    match answer.header("content-length") {
        Some(length) => {
            body.resize(length.parse().map_err(|_| bad("content-length"))?, 0);
            stream.read_exact(&mut body)?;
        }
        None => {
            stream.read_to_end(&mut body)?;
        }
    }
    Ok(body)
}

fn read_chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = vec![];
    loop {
        let size = usize::from_str_radix(&line(stream)?, 16).map_err(|_| bad("chunk size"))?;
        if size == 0 {
            while !line(stream)?.is_empty() {}
            return Ok(body);
        }
        let start = body.len();
        body.resize(start + size, 0);
        stream.read_exact(&mut body[start..])?;
        line(stream)?;
    }
}

/// One request on a connection of its own.
pub fn send(
    address: &str,
    method: &str,
    host: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> io::Result<Answer> {
    Connection::open(address)?.send(method, host, target, headers)
}

/// A `GET` on a connection of its own.
#[track_caller]
pub fn get(address: &str, host: &str, target: &str) -> Answer {
    send(address, "GET", host, target, &[])
        .unwrap_or_else(|error| panic!("GET {host}{target} at {address}: {error}"))
}
