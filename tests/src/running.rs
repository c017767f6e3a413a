use std::process::{Child, Command, Stdio};

/// A child process that is killed when this value goes, a failing test included.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Starts a command without input and output; its error output is the command's choice.
    pub fn start(command: &mut Command) -> Self {
        Self(
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .spawn()
                .expect("the command starts"),
        )
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
