use std::rc::Rc;

use mesh_ir::PathPattern;

use super::super::bits::Bits;
use super::super::bounds::{Bounds, Undecided};
use super::super::mode::Mode;
use super::Classes;
use super::classes::SymbolClasses;
use super::explore::{Walk, explore};
use super::machine::{Languages, Machine, Stream, TrailingSlash};
use super::moore::together;
use super::symbol::{Symbol, is_unreserved};

/// Whether a path is in any of some patterns, as a mode reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct PathTest<'a> {
    pub(in super::super) patterns: &'a [PathPattern],
    pub(in super::super) mode: Mode,
}

/// The classes of the paths that are not answered 400, in canonical escapes: every
/// reading is one of those. Where `*` of `OPTIONS *` is a class, it is the last.
pub(in super::super) fn classes(
    tests: &[PathTest<'_>],
    encoded_slash: bool,
    bounds: Bounds,
) -> Result<Classes, Undecided> {
    let mut all: Vec<Group> = vec![];
    for (index, test) in tests.iter().enumerate() {
        let into = Group::of(&mut all, test);
        let language = all[into].languages.add(index);
        for pattern in test.patterns {
            add(&mut all[into].languages, language, pattern, test.mode)?;
        }
    }
    if all.is_empty() {
        all.push(Group::new(Mode::Plain));
    }
    let (modes, languages): (Vec<Mode>, Vec<Languages>) =
        all.into_iter().map(|it| (it.mode, it.languages)).unzip();
    let symbols = SymbolClasses::new(&languages, &|symbol| kind(symbol, encoded_slash));
    let symbols = Rc::new(symbols);
    let mut automata = Vec::with_capacity(languages.len());
    let mut star = Bits::none(tests.len());
    for (mode, languages) in modes.into_iter().zip(languages) {
        let walk = PathWalk {
            readings: readings(mode, encoded_slash),
            mode,
        };
        let mut machine = Machine::new(languages, Rc::clone(&symbols), tests.len());
        automata.push(explore(&walk, &mut machine, bounds, "paths")?);
        let start = machine.start();
        let state = machine.step(start, symbols.of(Symbol::byte(b'*')));
        star.or(machine.accepts(state));
    }
    let mut classes = match together(automata, bounds, "paths")? {
        Some(automaton) => automaton.classes(&symbols, bounds, "paths")?,
        None => Classes::default(),
    };
    classes.texts.push(b"*".to_vec());
    classes.holds.push(star);
    Ok(classes)
}

/// Tests that are made an automaton together. What one reading decides shares all
/// of it; where several count, few tests go together, since their ways part.
struct Group {
    mode: Mode,
    languages: Languages,
    has_regex: bool,
}

impl Group {
    /// The most tests that judge several readings.
    const MOST: usize = 4;

    fn new(mode: Mode) -> Self {
        Self {
            mode,
            languages: Languages::new(),
            has_regex: false,
        }
    }

    /// The place of a group for a test.
    fn of(all: &mut Vec<Self>, test: &PathTest<'_>) -> usize {
        let is_regex = |pattern: &PathPattern| matches!(pattern, PathPattern::Regex(_));
        let has_regex = test.patterns.iter().any(is_regex);
        let fits = |group: &Self| {
            let has_room = test.mode == Mode::Plain || group.languages.tests().len() < Self::MOST;
            group.mode == test.mode && !group.has_regex && !has_regex && has_room
        };
        all.iter().rposition(fits).unwrap_or_else(|| {
            all.push(Self {
                has_regex,
                ..Self::new(test.mode)
            });
            all.len() - 1
        })
    }
}

fn add(
    languages: &mut Languages,
    language: u32,
    pattern: &PathPattern,
    mode: Mode,
) -> Result<(), Undecided> {
    let folded = mode == Mode::Deny;
    match pattern {
        PathPattern::Regex(regex) if folded => {
            let optional = TrailingSlash::Optional;
            let readings = [(Stream::Written, optional), (Stream::Decoded, optional)];
            languages.regex(language, regex, true, &readings)?;
        }
        PathPattern::Regex(regex) => {
            let readings = [(Stream::Written, TrailingSlash::Counts)];
            languages.regex(language, regex, false, &readings)?;
        }
        segments @ PathPattern::Segments { .. } => {
            languages.nfa.segments(language, segments, folded);
        }
    }
    Ok(())
}

/// One way in which an application may read a path.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// Without what follows a semicolon.
    stripped: bool,
    /// Without repeated slashes.
    merged: bool,
    /// With `%2F` as a slash.
    slashed: bool,
}

/// As `mesh-decide` reads; the plain reading first.
fn readings(mode: Mode, encoded_slash: bool) -> Vec<Reading> {
    let four = |slashed| {
        [(true, true), (false, true), (true, false), (false, false)].map(|(stripped, merged)| {
            Reading {
                stripped,
                merged,
                slashed,
            }
        })
    };
    let mut readings = four(false).to_vec();
    if encoded_slash {
        readings.extend(four(true));
    }
    if mode == Mode::Plain {
        readings.truncate(1);
    }
    readings
}

const OTHER: u32 = 0;
const SLASH: u32 = 1;
const SEMICOLON: u32 = 2;
const ENCODED_SEMICOLON: u32 = 3;
const DOT: u32 = 4;
const ENCODED_SLASH: u32 = 5;

fn kind(symbol: Symbol, encoded_slash: bool) -> Option<u32> {
    let byte = symbol.decoded();
    if symbol.is_escape() {
        return match byte {
            b'/' => encoded_slash.then_some(ENCODED_SLASH),
            b';' => Some(ENCODED_SEMICOLON),
            0 | b'\\' => None,
            _ => (!is_unreserved(byte)).then_some(OTHER),
        };
    }
    match byte {
        b'/' => Some(SLASH),
        b';' => Some(SEMICOLON),
        b'.' => Some(DOT),
        b'%' | b'\\' | b'#' | b'?' => None,
        _ => byte.is_ascii_graphic().then_some(OTHER),
    }
}

/// What was seen of a segment: no reading may have a dot segment.
mod segment {
    pub(super) const EMPTY: u32 = 0;
    pub(super) const ONE_DOT: u32 = 1;
    pub(super) const TWO_DOTS: u32 = 2;
    /// One or two dots and parameters.
    pub(super) const DOTS: u32 = 3;
    pub(super) const NAME: u32 = 4;
    /// Before the first slash.
    pub(super) const NOTHING: u32 = 5;
}

/// A state: what was seen of the segment, then of each reading the state of the
/// machine, and whether it is in parameters (2) and after a slash (1).
struct PathWalk {
    readings: Vec<Reading>,
    mode: Mode,
}

impl Walk for PathWalk {
    fn start(&self, machine: &mut Machine) -> Vec<u32> {
        let start = machine.start();
        let each = self.readings.iter().flat_map(|_| [start, 0]);
        std::iter::once(segment::NOTHING).chain(each).collect()
    }

    fn step(
        &self,
        machine: &mut Machine,
        state: &[u32],
        class: u16,
        next: &mut Vec<u32>,
    ) -> Option<()> {
        let kind = kind(machine.classes.symbol(class), true).unwrap_or(OTHER);
        next.push(seen(state[0], kind)?);
        for (reading, at) in self.readings.iter().zip(state[1..].chunks_exact(2)) {
            next.extend(read(*reading, machine, at, (class, kind)));
        }
        Some(())
    }

    fn end(&self, machine: &mut Machine, state: &[u32]) -> Option<Bits> {
        let may_end = matches!(state[0], segment::EMPTY | segment::NAME);
        if !may_end {
            return None;
        }
        let mut states = state[1..].iter().copied().step_by(2);
        let mut holds = machine.accepts(states.next()?).clone();
        for state in states {
            let found = machine.accepts(state);
            if self.mode == Mode::Allow {
                holds.and(found);
            } else {
                holds.or(found);
            }
        }
        Some(holds)
    }
}

/// One symbol in one reading.
fn read(
    reading: Reading,
    machine: &mut Machine,
    at: &[u32],
    (class, kind): (u16, u32),
) -> [u32; 2] {
    let is_slash = kind == SLASH || (kind == ENCODED_SLASH && reading.slashed);
    let in_parameters = !is_slash && (kind == SEMICOLON || at[1] & 2 != 0);
    let flags = if reading.stripped && in_parameters {
        return [at[0], (at[1] & 1) | 2];
    } else {
        u32::from(is_slash && reading.merged)
    };
    if is_slash && at[1] & 1 != 0 {
        return [at[0], flags];
    }
    let class = if is_slash {
        machine.classes.of(Symbol::SLASH)
    } else {
        class
    };
    [machine.step(at[0], class), flags]
}

/// As `mesh-decide` looks for dot segments.
fn seen(before: u32, kind: u32) -> Option<u32> {
    use segment::{DOTS, EMPTY, NAME, NOTHING, ONE_DOT, TWO_DOTS};
    match (kind, before) {
        (SLASH, NOTHING) => Some(EMPTY),
        (_, NOTHING) | (SLASH | ENCODED_SLASH, ONE_DOT | TWO_DOTS | DOTS) => None,
        (SLASH | ENCODED_SLASH, _) => Some(EMPTY),
        (SEMICOLON | ENCODED_SEMICOLON, ONE_DOT | TWO_DOTS) | (_, DOTS) => Some(DOTS),
        (DOT, EMPTY) => Some(ONE_DOT),
        (DOT, ONE_DOT) => Some(TWO_DOTS),
        _ => Some(NAME),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mode: Mode, patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<_> = patterns
            .iter()
            .map(|text| PathPattern::parse(text).unwrap())
            .collect();
        let tests: Vec<_> = patterns
            .chunks(1)
            .map(|patterns| PathTest { patterns, mode })
            .collect();
        let found = classes(&tests, false, Bounds::default()).unwrap();
        let text = |text: &Vec<u8>| String::from_utf8_lossy(text).into_owned();
        found.texts.iter().map(text).collect()
    }

    #[test]
    fn each_class_is_shown_by_a_shortest_path() {
        assert_eq!(
            shown(Mode::Plain, &["/a/*", "/a/**", "/b"]),
            ["/", "/a", "/b", "/a/x", "*"]
        );
    }

    #[test]
    fn to_open_every_reading_counts() {
        assert_eq!(shown(Mode::Allow, &["/a"]), ["/", "/a", "*"]);
    }

    #[test]
    fn a_path_that_only_some_readings_match_is_a_class() {
        let pattern = [PathPattern::parse("/a/**").unwrap()];
        let test = |mode| PathTest {
            patterns: &pattern,
            mode,
        };
        let tests = [test(Mode::Plain), test(Mode::Allow), test(Mode::Deny)];
        let found = classes(&tests, true, Bounds::default()).unwrap();
        let text = |text: &Vec<u8>| String::from_utf8_lossy(text).into_owned();
        let texts: Vec<_> = found.texts.iter().map(text).collect();
        assert_eq!(texts, ["/", "/a", "/A", "/a;", "*"]);
    }
}
