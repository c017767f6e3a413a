use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::protocol::{self, Answer, MAX_OVERHEAD, Request};

/// The most that is kept of what a child says on standard error.
const MAX_WORDS: u64 = 2 << 10;

/// Starts one child per look and reads its answer.
#[derive(Debug, Clone)]
pub(crate) struct ChildReader {
    program: PathBuf,
    home: PathBuf,
    deadline: Duration,
    git_ca: Option<PathBuf>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The child could not be started or talked to.
    #[error("cannot start the process that reads the repository: {0}")]
    Start(#[source] io::Error),
    /// It took too long and was killed.
    #[error("reading the repository took longer than {0:?} and was stopped")]
    Deadline(Duration),
    /// It sent more than was asked for and was killed.
    #[error("reading the repository gave more than {0} bytes and was stopped")]
    TooLarge(u64),
    /// It ended without an answer: a limit of its own, or a defect.
    #[error(
        "the process that reads the repository ended with {status}{}",
        said(words)
    )]
    Died {
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        words: String,
    },
    /// It answered that the repository cannot be read.
    #[error("{0}")]
    Refused(String),
}

fn said(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!(": {}", words.escape_debug())
    }
}

/// A reason may quote a remote: nothing in it steers a terminal.
fn shown(reason: &str) -> String {
    let escaped = |character: char| {
        let plain = (!character.is_control()).then_some(character);
        let escape = plain.is_none().then(|| character.escape_default());
        plain.into_iter().chain(escape.into_iter().flatten())
    };
    reason.chars().flat_map(escaped).collect()
}

impl ChildReader {
    /// `home` becomes the child's home: a directory that only holds the settings
    /// below.
    pub(crate) fn new(
        program: PathBuf,
        home: PathBuf,
        deadline: Duration,
        git_ca: Option<PathBuf>,
    ) -> io::Result<Self> {
        write_home(&home)?;
        Ok(Self {
            program,
            home,
            deadline,
            git_ca,
        })
    }

    /// Asks once. The child is gone when this returns, or is dropped.
    pub(crate) async fn look(&self, request: &Request) -> Result<Answer, FetchError> {
        let mut child = self.start().map_err(FetchError::Start)?;
        let limit = request.limits.total_size + MAX_OVERHEAD;
        let talk = talk(&mut child, request, limit);
        let result = match tokio::time::timeout(self.deadline, talk).await {
            Ok(result) => result,
            Err(_) => Err(FetchError::Deadline(self.deadline)),
        };
        if result.is_err() {
            let _ = child.kill().await;
        }
        match result? {
            Answer::Refused(reason) => Err(FetchError::Refused(shown(&reason))),
            answer @ Answer::Head(..) => Ok(answer),
        }
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .arg(super::ARGUMENT)
            .env_clear()
            .env("HOME", &self.home)
            // The allocator would set a gigabyte aside, which the limits count.
            .env("MIMALLOC_ARENA_RESERVE", "0")
            .current_dir(&self.home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(file) = &self.git_ca {
            command.env("SSL_CERT_FILE", file);
        }
        command.spawn()
    }
}

async fn talk(child: &mut Child, request: &Request, limit: u64) -> Result<Answer, FetchError> {
    let piped = || FetchError::Start(io::Error::other("its pipes are missing"));
    let mut stdin = child.stdin.take().ok_or_else(piped)?;
    let stdout = child.stdout.take().ok_or_else(piped)?;
    let stderr = child.stderr.take().ok_or_else(piped)?;
    let request = serde_json::to_vec(request).map_err(|error| FetchError::Start(error.into()))?;
    let ask = async {
        // A child that ends early is told by its status, not by a broken pipe.
        let _ = stdin.write_all(&request).await;
        drop(stdin);
    };
    let (mut bytes, mut words) = (Vec::new(), Vec::new());
    let answer = async { stdout.take(limit + 1).read_to_end(&mut bytes).await };
    let complaint = async { stderr.take(MAX_WORDS).read_to_end(&mut words).await };
    let ((), read, _) = tokio::join!(ask, answer, complaint);
    read.map_err(FetchError::Start)?;
    if bytes.len() as u64 > limit {
        return Err(FetchError::TooLarge(limit));
    }
    let status = child.wait().await.map_err(FetchError::Start)?;
    match protocol::read(&bytes) {
        Some(answer) if status.success() => Ok(answer),
        _ => Err(FetchError::Died {
            status,
            words: String::from_utf8_lossy(&words).trim().to_owned(),
        }),
    }
}

/// A repository may belong to another user than the operator: libgit2 asks for this
/// word before it opens one. Nothing of a repository is executed, so it is given.
fn write_home(home: &Path) -> io::Result<()> {
    std::fs::create_dir_all(home)?;
    std::fs::write(home.join(".gitconfig"), "[safe]\n\tdirectory = *\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use mesh_source::{FetchLimits, Limits};

    use super::super::protocol::Origin;
    use super::*;

    fn request() -> Request {
        Request {
            parent: std::process::id(),
            origin: Origin::Local("/nowhere".into()),
            branch: None,
            directory: String::new(),
            known: None,
            again: false,
            accept_rewrite: false,
            limits: Limits {
                total_size: 0,
                ..Limits::default()
            },
            fetch: FetchLimits::default(),
        }
    }

    async fn look_with(script: &str) -> Result<Answer, FetchError> {
        let root = tempfile::tempdir().unwrap();
        let program = root.path().join("child");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let home = root.path().join("home");
        let reader = ChildReader::new(program, home, Duration::from_secs(2), None).unwrap();
        reader.look(&request()).await
    }

    #[tokio::test]
    async fn a_child_that_hangs_is_stopped_at_the_deadline() {
        let result = look_with("exec /bin/sleep 600").await;
        assert!(matches!(result, Err(FetchError::Deadline(_))), "{result:?}");
    }

    #[tokio::test]
    async fn a_child_that_talks_without_end_is_stopped_at_the_limit() {
        let result = look_with("exec /bin/cat /dev/zero").await;
        assert!(matches!(result, Err(FetchError::TooLarge(_))), "{result:?}");
    }

    #[tokio::test]
    async fn a_child_that_dies_is_an_error_with_its_last_words() {
        let result = look_with("echo 'out of memory' >&2; kill -9 $$").await;
        let Err(error) = result else {
            panic!("{result:?}");
        };
        assert!(error.to_string().contains("out of memory"), "{error}");
    }

    #[tokio::test]
    async fn a_child_that_talks_nonsense_is_an_error() {
        let result = look_with("echo hello").await;
        assert!(matches!(result, Err(FetchError::Died { .. })), "{result:?}");
    }
}
