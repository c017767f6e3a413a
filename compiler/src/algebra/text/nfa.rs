use std::collections::BTreeMap;

use mesh_ir::{PathPattern, Segment};

use super::symbol::{Symbol, escaped_byte};

/// Many languages of literals, prefixes, suffixes and segment patterns in one
/// nondeterministic automaton. What begins alike shares its states.
#[derive(Debug)]
pub(super) struct Nfa {
    states: Vec<State>,
    /// Edges that several languages may take: what leads on from them differs.
    shared: BTreeMap<(u32, Label), u32>,
    /// Where everything below a path is accepted, by the state of the path.
    below: BTreeMap<u32, u32>,
    starts: Vec<u32>,
    /// Before any text, over and over: where suffixes begin.
    anywhere: Option<u32>,
}

#[derive(Debug, Default)]
struct State {
    edges: Vec<(Label, u32)>,
    accepts: Vec<u32>,
}

/// Which symbols an edge takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label {
    /// This one.
    Is(Symbol),
    /// Any but `/` that stands for this byte, without case.
    Folded(u8),
    /// Any but `/`.
    InSegment,
    /// Any.
    Any,
}

impl Label {
    pub(super) fn takes(self, symbol: Symbol) -> bool {
        match self {
            Self::Is(this) => this == symbol,
            Self::Folded(byte) => {
                symbol != Symbol::SLASH && symbol.decoded().to_ascii_lowercase() == byte
            }
            Self::InSegment => symbol != Symbol::SLASH,
            Self::Any => true,
        }
    }
}

impl Nfa {
    pub(super) fn new() -> Self {
        Self {
            states: vec![State::default()],
            shared: BTreeMap::new(),
            below: BTreeMap::new(),
            starts: vec![0],
            anywhere: None,
        }
    }

    /// Texts that are this one.
    pub(super) fn exact(&mut self, language: u32, text: &[u8]) {
        let end = self.literal(0, text);
        self.accept(end, language);
    }

    /// Texts that start with this one.
    pub(super) fn prefix(&mut self, language: u32, text: &[u8]) {
        let end = self.literal(0, text);
        self.accept(end, language);
        let rest = self.loop_after(end, Label::Any);
        self.accept(rest, language);
    }

    /// Texts that end with this one.
    pub(super) fn suffix(&mut self, language: u32, text: &[u8]) {
        let anywhere = self.anywhere.unwrap_or_else(|| {
            let state = self.add();
            self.edge(state, Label::Any, state);
            self.starts.push(state);
            state
        });
        self.anywhere = Some(anywhere);
        let end = self.literal(anywhere, text);
        self.accept(end, language);
    }

    /// Paths of a segment pattern, exactly or as what closes compares them.
    pub(super) fn segments(&mut self, language: u32, pattern: &PathPattern, folded: bool) {
        let PathPattern::Segments {
            segments,
            below,
            slash,
        } = pattern
        else {
            return;
        };
        let Some(end) = self.path(segments, folded) else {
            return;
        };
        if segments.is_empty() {
            let slash = self.step(0, Label::Is(Symbol::SLASH));
            self.accept(slash, language);
            if *below {
                self.everything_below(0, language);
                if folded {
                    // `OPTIONS *`: what closes every path closes it too.
                    let star = self.step(0, Label::Is(Symbol::byte(b'*')));
                    self.accept(star, language);
                }
            }
            return;
        }
        if *below {
            self.accept(end, language);
            self.everything_below(end, language);
            return;
        }
        if !*slash || folded {
            self.accept(end, language);
        }
        if *slash || folded {
            let slash = self.step(end, Label::Is(Symbol::SLASH));
            self.accept(slash, language);
        }
    }

    fn path(&mut self, segments: &[Segment], folded: bool) -> Option<u32> {
        let mut at = 0;
        for segment in segments {
            at = self.step(at, Label::Is(Symbol::SLASH));
            at = match segment {
                Segment::One => self.loop_after(at, Label::InSegment),
                Segment::Literal(text) if folded => decoded(text.as_bytes())
                    .into_iter()
                    .fold(at, |at, byte| self.step(at, Label::Folded(byte))),
                Segment::Literal(text) => Symbol::all_of(text.as_bytes())?
                    .into_iter()
                    .fold(at, |at, symbol| self.step(at, Label::Is(symbol))),
            };
        }
        Some(at)
    }

    fn everything_below(&mut self, path: u32, language: u32) {
        let state = self.below.get(&path).copied().unwrap_or_else(|| {
            let state = self.add();
            self.edge(path, Label::Is(Symbol::SLASH), state);
            self.edge(state, Label::Any, state);
            state
        });
        self.below.insert(path, state);
        self.accept(state, language);
    }

    fn literal(&mut self, from: u32, text: &[u8]) -> u32 {
        let symbols = text.iter().map(|byte| Label::Is(Symbol::byte(*byte)));
        symbols.fold(from, |at, label| self.step(at, label))
    }

    fn step(&mut self, from: u32, label: Label) -> u32 {
        if let Some(to) = self.shared.get(&(from, label)) {
            return *to;
        }
        let to = self.add();
        self.edge(from, label, to);
        self.shared.insert((from, label), to);
        to
    }

    /// One or more of a label.
    fn loop_after(&mut self, from: u32, label: Label) -> u32 {
        let known = self.states.len();
        let to = self.step(from, label);
        if to as usize == known {
            self.edge(to, label, to);
        }
        to
    }

    fn add(&mut self) -> u32 {
        self.states.push(State::default());
        super::super::intern::to_u32(self.states.len() - 1)
    }

    fn edge(&mut self, from: u32, label: Label, to: u32) {
        self.states[from as usize].edges.push((label, to));
    }

    fn accept(&mut self, state: u32, language: u32) {
        self.states[state as usize].accepts.push(language);
    }

    pub(super) fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The states after a symbol, sorted.
    pub(super) fn after(&self, states: &[u32], symbol: Symbol, out: &mut Vec<u32>) {
        let from = out.len();
        for state in states {
            for (label, to) in &self.states[*state as usize].edges {
                if label.takes(symbol) {
                    out.push(*to);
                }
            }
        }
        out[from..].sort_unstable();
        let mut tail = out.split_off(from);
        tail.dedup();
        out.extend(tail);
    }

    /// Calls `f` with every language that one of the states accepts.
    pub(super) fn accepted(&self, states: &[u32], f: &mut dyn FnMut(u32)) {
        for state in states {
            self.states[*state as usize]
                .accepts
                .iter()
                .copied()
                .for_each(&mut *f);
        }
    }

    /// The label of every edge.
    pub(super) fn labels(&self) -> impl Iterator<Item = Label> {
        let edges = self.states.iter().flat_map(|state| &state.edges);
        edges.map(|(label, _)| *label)
    }
}

/// With every escape decoded, in lower case.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let escaped = escaped_byte(rest);
        out.push(escaped.unwrap_or(*first).to_ascii_lowercase());
        rest = if escaped.is_some() { &rest[3..] } else { after };
    }
    out
}
