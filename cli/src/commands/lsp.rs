//! `mesh lsp`: what editors ask, over standard input and output.
//!
//! One thread reads messages, the other answers them in order. While changes wait, none is
//! compiled: only what stands at the end of them is. A message that is none is answered
//! with an error, or passed over where nobody waits for an answer; nothing that an editor
//! sends ends the server but `exit` and the end of its input.

mod answer;
mod files;
mod findings;
mod framing;
mod message;
mod session;

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;
use framing::Received;
use session::{Next, Session};

/// Arguments of `mesh lsp`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The directory of intents, below the folder that the editor has open
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Speak over standard input and output, as is always done
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Serves until `exit`, or until the editor is gone.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let (sender, receiver) = mpsc::channel();
    // Ends with the process: it may wait for input that never comes.
    thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let received = framing::read(&mut input);
            let is_end = matches!(received, Received::End);
            if sender.send(received).is_err() || is_end {
                return;
            }
        }
    });
    let mut session = Session::new(args.path.clone());
    let mut waiting = None;
    loop {
        let next = match waiting.take() {
            Some(next) => next,
            None => match receiver.try_recv() {
                Ok(next) => next,
                Err(mpsc::TryRecvError::Disconnected) => Received::End,
                // Nothing waits: now is the time to compile.
                Err(mpsc::TryRecvError::Empty) => {
                    write(terminal, session.settle())?;
                    waiting = Some(receiver.recv().unwrap_or(Received::End));
                    continue;
                }
            },
        };
        let text = match next {
            Received::Message(text) => text,
            Received::TooLarge => {
                write(terminal, vec![message::refused_unread()])?;
                continue;
            }
            Received::End => return Ok(Exit::Findings),
        };
        let (answers, next) = session.take(&text);
        write(terminal, answers)?;
        if let Next::Exit(exit) = next {
            return Ok(exit);
        }
    }
}

fn write(terminal: &mut Terminal, messages: Vec<serde_json::Value>) -> Result<(), Failure> {
    for message in messages {
        let body = message.to_string();
        write!(terminal.out, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    }
    Ok(terminal.out.flush()?)
}
