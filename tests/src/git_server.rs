use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Serves the repositories below a directory over HTTP, as `git http-backend` does it.
/// One request per connection; ends with the process.
pub struct GitServer {
    address: SocketAddr,
}

impl GitServer {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// When no port can be had.
    pub fn start(root: &Path) -> Self {
        let root: Arc<Path> = Arc::from(root);
        Self {
            address: serve(move |stream| {
                // A client that goes away is its own affair.
                let _ = answer(&root, stream);
            }),
        }
    }

    /// The address of a repository, by its path below the root.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }
}

/// Answers every connection on a thread of its own, on a port of this machine.
///
/// # Panics
///
/// When no port can be had.
pub fn serve(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

fn answer(root: &Path, stream: TcpStream) -> io::Result<()> {
    let mut from = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    from.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (mut length, mut kind) = (0, String::new());
    loop {
        let mut header = String::new();
        from.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "content-type" => value.trim().clone_into(&mut kind),
            _ => {}
        }
    }
    let mut backend = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", PathBuf::from(root))
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", kind)
        .env("CONTENT_LENGTH", length.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut input = backend.stdin.take().expect("a pipe");
    io::copy(&mut from.take(length), &mut input)?;
    drop(input);
    let mut output = BufReader::new(backend.stdout.take().expect("a pipe"));
    let given = pass_on(&mut output, stream);
    let _ = backend.kill();
    backend.wait()?;
    given
}

/// The head of a CGI answer as HTTP has it, and its body in chunks.
fn pass_on(output: &mut impl BufRead, mut stream: TcpStream) -> io::Result<()> {
    let (mut status, mut head) = ("200 OK".to_owned(), String::new());
    loop {
        let mut line = String::new();
        output.read_line(&mut line)?;
        match line.trim_end().strip_prefix("Status: ") {
            Some(given) => given.clone_into(&mut status),
            None if line.trim_end().is_empty() => break,
            None => head.push_str(&line),
        }
    }
    write!(
        stream,
        "HTTP/1.1 {status}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n{head}\r\n"
    )?;
    loop {
        let chunk = output.fill_buf()?;
        let length = chunk.len();
        write!(stream, "{length:x}\r\n")?;
        stream.write_all(chunk)?;
        write!(stream, "\r\n")?;
        if length == 0 {
            return Ok(());
        }
        output.consume(length);
    }
}
