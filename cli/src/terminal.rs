//! Where a command writes.

use std::io::{self, IsTerminal as _, Write};

/// Standard output and standard error of one run, or stand-ins for them.
pub(crate) struct Terminal {
    /// Answers: what a pipe gets.
    pub(crate) out: Box<dyn Write>,
    /// Findings and progress: what a person sees beside it.
    pub(crate) err: Box<dyn Write>,
    /// How answers are drawn.
    pub(crate) style: Style,
    /// Whether a person watches `err`.
    pub(crate) watched: bool,
}

/// Whether escape sequences may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Text alone.
    Plain,
    /// With ANSI colours.
    Colour,
}

impl Terminal {
    /// The process's own streams. Colour only where a person looks, and never
    /// against `NO_COLOR`.
    pub(crate) fn standard() -> Self {
        let (out, err) = (anstream::stdout(), anstream::stderr());
        let style = match out.current_choice() {
            anstream::ColorChoice::Never => Style::Plain,
            _ => Style::Colour,
        };
        Self {
            style,
            out: Box::new(out),
            err: Box::new(err),
            watched: io::stderr().is_terminal(),
        }
    }
}

#[cfg(test)]
pub(crate) mod recorded {
    //! A terminal that remembers.

    use super::{Style, Terminal};
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    /// What was written to one stream.
    #[derive(Clone, Default)]
    pub(crate) struct Recording(Arc<Mutex<Vec<u8>>>);

    impl Recording {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Recording {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A plain terminal, its output and its errors.
    pub(crate) fn terminal() -> (Terminal, Recording, Recording) {
        let (out, err) = (Recording::default(), Recording::default());
        let terminal = Terminal {
            out: Box::new(out.clone()),
            err: Box::new(err.clone()),
            style: Style::Plain,
            watched: false,
        };
        (terminal, out, err)
    }
}
