use std::rc::Rc;

use super::super::bits::Bits;
use super::super::bounds::Undecided;
use super::super::intern::{Interner, to_u32};
use super::classes::SymbolClasses;
use super::nfa::Nfa;
use super::regex::Regex;
use super::symbol::Symbol;

const UNKNOWN: u32 = u32::MAX;
/// Of a regex that takes a slash more or less: no slash ends the text.
const NO_SLASH: u32 = u32::MAX;
/// The text is a slash, which stays.
const ONLY_SLASH: u32 = u32::MAX - 1;

/// Many languages over one kind of text, run at once and made deterministic where
/// somebody goes.
#[derive(Debug)]
pub(super) struct Machine {
    nfa: Nfa,
    regexes: Vec<Regex>,
    runs: Vec<Run>,
    pub(super) classes: Rc<SymbolClasses>,
    /// Which test each language is of, and how many tests there are.
    tests: Vec<usize>,
    count: usize,
    /// Each state: whether no symbol came yet, two numbers for each run, and the
    /// states of the NFA.
    states: Interner,
    steps: Vec<u32>,
    accepted: Vec<Option<Bits>>,
}

/// Languages of a kind of text, to be compiled into a [`Machine`].
#[derive(Debug)]
pub(super) struct Languages {
    pub(super) nfa: Nfa,
    pub(super) regexes: Vec<Regex>,
    runs: Vec<Run>,
    tests: Vec<usize>,
}

/// A regex over one way of reading the symbols.
#[derive(Debug, Clone, Copy)]
struct Run {
    regex: usize,
    language: u32,
    stream: Stream,
    slash: TrailingSlash,
}

/// Which bytes a regex gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// As written.
    Written,
    /// With escapes decoded.
    Decoded,
}

/// How a slash at the end counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrailingSlash {
    /// As any other byte.
    Counts,
    /// One more or less makes no difference.
    Optional,
}

impl Languages {
    pub(super) fn new() -> Self {
        Self {
            nfa: Nfa::new(),
            regexes: vec![],
            runs: vec![],
            tests: vec![],
        }
    }

    /// A new language, of nothing yet: what a test asks for.
    pub(super) fn add(&mut self, test: usize) -> u32 {
        self.tests.push(test);
        to_u32(self.tests.len() - 1)
    }

    /// The tests that were added.
    pub(super) fn tests(&self) -> &[usize] {
        &self.tests
    }

    /// Adds what a regex covers to a language.
    pub(super) fn regex(
        &mut self,
        language: u32,
        pattern: &str,
        folded: bool,
        readings: &[(Stream, TrailingSlash)],
    ) -> Result<(), Undecided> {
        let regex = self.regexes.len();
        self.regexes.push(Regex::new(pattern, folded)?);
        self.runs.extend(readings.iter().map(|(stream, slash)| Run {
            regex,
            language,
            stream: *stream,
            slash: *slash,
        }));
        Ok(())
    }
}

impl Machine {
    /// Of some of the languages that the classes were made for, and so many tests.
    pub(super) fn new(languages: Languages, classes: Rc<SymbolClasses>, count: usize) -> Self {
        let Languages {
            nfa,
            regexes,
            runs,
            tests,
        } = languages;
        Self {
            classes,
            nfa,
            regexes,
            runs,
            tests,
            count,
            states: Interner::default(),
            steps: vec![],
            accepted: vec![],
        }
    }

    /// Before any symbol.
    pub(super) fn start(&mut self) -> u32 {
        let mut state = vec![1];
        for run in &self.runs {
            state.extend([self.regexes[run.regex].start(), NO_SLASH]);
        }
        state.extend_from_slice(self.nfa.starts());
        self.add(&state)
    }

    /// After a symbol of a class.
    pub(super) fn step(&mut self, state: u32, class: u16) -> u32 {
        let width = self.classes.all().count();
        let at = state as usize * width + usize::from(class);
        if self.steps[at] != UNKNOWN {
            return self.steps[at];
        }
        let symbol = self.classes.symbol(class);
        let from = self.states.get(state);
        let is_first = from[0] == 1;
        let mut to = vec![0];
        for (index, run) in self.runs.iter().enumerate() {
            to.extend(self.run(*run, (from[1 + 2 * index], is_first), symbol));
        }
        self.nfa
            .after(&from[1 + 2 * self.runs.len()..], symbol, &mut to);
        let to = self.add(&to);
        self.steps[at] = to;
        to
    }

    fn run(&self, run: Run, (state, is_first): (u32, bool), symbol: Symbol) -> [u32; 2] {
        let regex = &self.regexes[run.regex];
        let (written, length) = symbol.written();
        let decoded = [symbol.decoded()];
        let bytes = match run.stream {
            Stream::Written => &written[..length],
            Stream::Decoded => &decoded[..],
        };
        let next = bytes
            .iter()
            .fold(state, |state, byte| regex.next(state, *byte));
        let before = match (run.slash, bytes) {
            (TrailingSlash::Optional, b"/") if is_first => ONLY_SLASH,
            (TrailingSlash::Optional, b"/") => state,
            _ => NO_SLASH,
        };
        [next, before]
    }

    /// The tests whose language has the text that led here.
    pub(super) fn accepts(&mut self, state: u32) -> &Bits {
        if self.accepted[state as usize].is_none() {
            self.accepted[state as usize] = Some(self.judge(state));
        }
        self.accepted[state as usize]
            .as_ref()
            .expect("it was filled just now")
    }

    fn judge(&self, state: u32) -> Bits {
        let mut accepted = Bits::none(self.count);
        let list = self.states.get(state);
        let (runs, nfa) = list[1..].split_at(2 * self.runs.len());
        let mut add = |language: u32| accepted.insert(self.tests[language as usize]);
        self.nfa.accepted(nfa, &mut add);
        for (run, at) in self.runs.iter().zip(runs.chunks_exact(2)) {
            let regex = &self.regexes[run.regex];
            let slash = || match (run.slash, at[1]) {
                (TrailingSlash::Counts, _) | (TrailingSlash::Optional, ONLY_SLASH) => false,
                (TrailingSlash::Optional, NO_SLASH) => regex.accepts(regex.next(at[0], b'/')),
                (TrailingSlash::Optional, before) => regex.accepts(before),
            };
            if regex.accepts(at[0]) || slash() {
                add(run.language);
            }
        }
        accepted
    }

    fn add(&mut self, list: &[u32]) -> u32 {
        let (state, is_new) = self.states.intern(list);
        if is_new {
            let width = self.classes.all().count();
            self.steps.resize(self.steps.len() + width, UNKNOWN);
            self.accepted.push(None);
        }
        state
    }
}
