//! How a command ends.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::terminal::Terminal;

/// The answer of a command that could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Yes: 0.
    Success,
    /// There are findings: 1.
    Findings,
    /// It is not known: 2.
    Undecided,
}

/// Why a command could not do its work: exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Its answer could not be written.
    #[error("cannot write the answer")]
    Write(#[from] io::Error),
    /// A file could not be read or written.
    #[error("cannot {verb} {path}")]
    File {
        /// `read`, `write`.
        verb: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The intents could not be read.
    #[error(transparent)]
    Intents(#[from] crate::intents::IntentsError),
    /// The operator gave no answer.
    #[error(transparent)]
    Operator(#[from] crate::operator_api::OperatorError),
    /// The question names something that is not there.
    #[error("{0}")]
    Question(String),
    /// Something that runs until it is stopped ended by itself.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// Why `mesh up`, `mesh operator`, `mesh proxy` or the sample application ended.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct ServerError(pub(crate) Box<dyn Error + Send + Sync>);

impl Failure {
    /// Names the file that an operation was about.
    pub(crate) fn file(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { verb, path, source }
    }
}

/// Tells of a failure, with everything that led to it, and gives the exit code.
///
/// A reader that left (`mesh check | head`) is no failure of ours.
pub(crate) fn report(outcome: Result<Exit, Failure>, terminal: &mut Terminal) -> ExitCode {
    match outcome.and_then(|exit| terminal.out.flush().map(|()| exit).map_err(Failure::from)) {
        Ok(Exit::Success) => ExitCode::SUCCESS,
        Ok(Exit::Findings) => ExitCode::from(1),
        Ok(Exit::Undecided) => ExitCode::from(2),
        Err(Failure::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            // Where even this cannot be written, the exit code remains.
            drop(writeln!(terminal.err, "error: {}", chain(&failure)));
            ExitCode::from(2)
        }
    }
}

/// An error and its causes, outermost first.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(text, ": {error}").expect("strings take text");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::recorded;

    fn code(outcome: Result<Exit, Failure>) -> (ExitCode, String) {
        let (mut terminal, _, errors) = recorded::terminal();
        (report(outcome, &mut terminal), errors.text())
    }

    #[test]
    fn a_failure_names_its_causes() {
        let missing = io::Error::new(io::ErrorKind::NotFound, "not there");
        let failure = Failure::file("read", Path::new("/x/inventory.yaml"))(missing);
        let (exit, text) = code(Err(failure));
        assert_eq!(exit, ExitCode::from(2));
        assert_eq!(text, "error: cannot read /x/inventory.yaml: not there\n");
    }

    #[test]
    fn a_reader_that_left_is_no_failure() {
        let broken = io::Error::new(io::ErrorKind::BrokenPipe, "gone");
        assert_eq!(code(Err(broken.into())), (ExitCode::SUCCESS, String::new()));
        assert_eq!(code(Ok(Exit::Findings)).0, ExitCode::from(1));
    }
}
