//! Remotes that are slow, silent or large: the operator waits for none of them, keeps
//! its memory, and writes nothing outside its state directory.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use mesh_tests::processes::{children, has_ended, highest_memory};
use mesh_tests::{
    GitServer, LoneOperator, Repository, eventually, eventually_some, hostile, need_tool, serve,
};

/// What stands around a state directory when nothing was written outside it.
const UNTOUCHED: [&str; 6] = [
    "here",
    "home",
    "log",
    "state",
    "state/home/.gitconfig",
    "tmp",
];

#[track_caller]
fn has_written_nothing_outside(operator: &LoneOperator) {
    let expected: Vec<_> = UNTOUCHED.iter().map(std::path::PathBuf::from).collect();
    assert_eq!(operator.surroundings(), expected);
}

/// The operator gives up each look at its deadline, says so, and lives.
fn is_given_up(remote: SocketAddr) {
    let url = format!("http://{remote}/policies.git");
    let operator = LoneOperator::start(&url, &["--fetch-deadline", "2", "--poll", "1"]);
    let reader = eventually_some("a process reads the remote", || {
        children(operator.pid()).pop()
    });
    let before = highest_memory(operator.pid()).unwrap();
    eventually("status says that the look was stopped", || {
        let source = &operator.status()["source"];
        let message = source["message"].as_str().unwrap_or_default();
        source["ok"] == false && message.contains("longer than 2s")
    });
    eventually("the process that read is gone", || has_ended(reader));
    let ready = operator.api("/readyz");
    let text = String::from_utf8_lossy(&ready.body).into_owned();
    assert_eq!(ready.status, 503);
    assert!(
        text.contains("no commit is live yet: unreachable: "),
        "{text}"
    );
    assert_eq!(operator.api("/healthz").status, 200);
    eventually("it tries again", || {
        children(operator.pid())
            .iter()
            .any(|child| *child != reader)
    });
    assert!(children(operator.pid()).len() <= 1, "one look at a time");
    let grown = highest_memory(operator.pid()).unwrap() - before;
    assert!(grown < 32, "memory grew by {grown} MiB");
    has_written_nothing_outside(&operator);
    let last = children(operator.pid());
    drop(operator);
    eventually("no process is left behind", || {
        last.iter().all(|pid| has_ended(*pid))
    });
}

#[test]
fn a_remote_that_says_nothing_is_given_up_at_the_deadline() {
    is_given_up(serve(|mut stream: TcpStream| {
        let mut request = [0; 1024];
        while stream.read(&mut request).is_ok_and(|read| read > 0) {}
    }));
}

#[test]
fn a_remote_that_sends_a_byte_a_second_is_given_up_at_the_deadline() {
    is_given_up(serve(|mut stream: TcpStream| {
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n";
        for byte in head.bytes().cycle() {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    }));
}

fn outcome(operator: &LoneOperator, commit: &str) -> Option<serde_json::Value> {
    let status = operator.status();
    let commits = status["commits"].as_array()?;
    commits.iter().find(|entry| entry["id"] == commit).cloned()
}

#[test]
fn a_large_blob_that_is_pushed_is_refused_with_bounded_memory() {
    if !need_tool("git", "it serves the repository") {
        return;
    }
    let repository = Repository::of_shop();
    let good = repository
        .git()
        .head()
        .unwrap()
        .target()
        .unwrap()
        .to_string();
    let server = GitServer::start(repository.path());
    let operator = LoneOperator::start(&server.url(".git"), &["--poll", "1"]);
    let entry = eventually_some("the good commit is decided", || outcome(&operator, &good));
    assert_eq!(entry["outcome"], "live", "{entry}");
    assert_eq!(operator.api("/readyz").status, 200);

    let before = highest_memory(operator.pid()).unwrap();
    let zeros = hostile::trees()
        .into_iter()
        .find(|case| case.what == "a blob of 600 MB of zeros")
        .unwrap();
    let bad = zeros.commit(&repository);
    let mut reader = 0;
    let entry = eventually_some("the large commit is decided", || {
        let memory = children(operator.pid())
            .into_iter()
            .filter_map(highest_memory);
        reader = memory.chain([reader]).max().unwrap_or_default();
        outcome(&operator, &bad)
    });
    assert_eq!(entry["outcome"], "rejected", "{entry}");
    assert_eq!(entry["diagnostics"][0]["file"], "zz.yaml");
    let message = entry["diagnostics"][0]["message"].as_str().unwrap();
    assert!(message.contains("629145600 bytes"), "{message}");
    let grown = highest_memory(operator.pid()).unwrap() - before;
    assert!(grown < 32, "the operator's memory grew by {grown} MiB");
    assert!(reader < 512, "the process that reads had {reader} MiB");
    assert_eq!(operator.api("/readyz").status, 200, "what ran goes on");
    has_written_nothing_outside(&operator);
}
