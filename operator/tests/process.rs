//! The operator as a process of its own: the child that reads repositories, and the
//! control socket.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_mesh-operator");

/// Killed when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn fetch_child() -> Process {
    let child = Command::new(BINARY)
        .arg("__fetch")
        .env_clear()
        .env("MIMALLOC_ARENA_RESERVE", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    Process(child.expect("the binary was built"))
}

fn operator(root: &Path, state: &str) -> Process {
    let child = Command::new(BINARY)
        .args(["--repo", "repository", "--files", "--state-dir", state])
        .args(["--xds", "127.0.0.1:0", "--api", "127.0.0.1:0"])
        .current_dir(root)
        .stderr(Stdio::piped())
        .spawn();
    Process(child.expect("the binary was built"))
}

fn within_ten_seconds<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn get(socket: &Path, path: &str) -> Option<String> {
    let mut stream = UnixStream::connect(socket).ok()?;
    let request = format!("GET {path} HTTP/1.0\r\nhost: operator\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn ended(process: &mut Process) -> (bool, String) {
    let status = process.0.wait().expect("it is our child");
    let mut words = String::new();
    if let Some(stderr) = &mut process.0.stderr {
        stderr
            .read_to_string(&mut words)
            .expect("its words are UTF-8");
    }
    (status.success(), words)
}

#[test]
fn the_child_is_confined_before_it_reads_a_byte() {
    let child = fetch_child();
    let path = format!("/proc/{}/limits", child.0.id());
    // Its standard input stays open: it waits for its request, confined already.
    let confined = [
        "Max data size             536870912",
        "Max cpu time              60",
    ];
    within_ten_seconds("the child has no limits", || {
        let limits = std::fs::read_to_string(&path).ok()?;
        confined
            .iter()
            .all(|line| limits.contains(line))
            .then_some(())
    });
}

#[test]
fn the_child_answers_nonsense_with_an_error() {
    let mut child = fetch_child();
    let mut stdin = child.0.stdin.take().unwrap();
    stdin.write_all(b"{\"origin\": [[[[").unwrap();
    drop(stdin);
    let (success, words) = ended(&mut child);
    assert!(!success);
    assert!(!words.contains("panicked"), "{words}");
}

#[test]
fn files_are_followed_and_a_second_operator_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let intents = root.path().join("repository");
    std::fs::create_dir(&intents).unwrap();
    let mesh = "apiVersion: meshwright.dev/v1\nkind: Mesh\nmetadata: {name: m}\nspec: {trustDomain: m.example}\n";
    std::fs::write(intents.join("mesh.yaml"), mesh).unwrap();
    let _first = operator(root.path(), "state");
    let socket = root.path().join("state/operator.sock");
    let status = || get(&socket, "/v1/status");
    within_ten_seconds("no commit is live", || {
        status().filter(|status| status.contains("\"outcome\":\"live\""))
    });
    let mut second = operator(root.path(), "state");
    let (success, words) = ended(&mut second);
    assert!(
        !success && words.contains("is an operator running"),
        "{words}"
    );
    std::fs::write(intents.join("mesh.yaml"), "kind: Nonsense\n").unwrap();
    within_ten_seconds("the saved file is not noticed", || {
        status().filter(|status| status.contains("\"outcome\":\"rejected\""))
    });
}
