use std::rc::Rc;

use mesh_ir::{HostPattern, ValueMatch};

use super::super::bits::Bits;
use super::super::bounds::{Bounds, Undecided};
use super::Classes;
use super::classes::SymbolClasses;
use super::explore::{Walk, explore};
use super::machine::{Languages, Machine, Stream, TrailingSlash};
use super::moore::together;
use super::symbol::Symbol;

/// Which texts can stand in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Place {
    /// A header's value (RFC 9110 section 5.5), without spaces around it.
    Header,
    /// The value of a header that names a method.
    Method,
    /// A cookie's value: as a header's, without semicolons.
    Cookie,
    /// A query parameter's value, decoded: any bytes.
    Query,
    /// A host in canonical form.
    Host,
    /// A value of a claim: any text in UTF-8.
    Claim,
    /// A word of the claim `scope`.
    Word,
}

/// What a text is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum TextTest<'a> {
    /// A condition on one value, other than on its presence; folded is without
    /// case where it is a regex.
    Value {
        /// The condition.
        test: &'a ValueMatch,
        /// Whether it closes.
        folded: bool,
    },
    /// Any of these hosts.
    Hosts(&'a [HostPattern]),
}

/// The classes of the texts of a place.
pub(in super::super) fn classes(
    place: Place,
    tests: &[TextTest<'_>],
    bounds: Bounds,
    what: &str,
) -> Result<Classes, Undecided> {
    // Literals go together; a regex alone, before all are made one.
    let mut all = vec![Languages::new()];
    for (index, test) in tests.iter().enumerate() {
        let is_regex = |test: &ValueMatch| matches!(test, ValueMatch::Regex(_));
        let into = match test {
            TextTest::Value { test, .. } if is_regex(test) => {
                all.push(Languages::new());
                all.len() - 1
            }
            _ => 0,
        };
        let language = all[into].add(index);
        match test {
            TextTest::Value { test, folded } => {
                add_value(&mut all[into], language, test, *folded)?;
            }
            TextTest::Hosts(hosts) => add_hosts(&mut all[into], language, hosts),
        }
    }
    let symbols = Rc::new(SymbolClasses::new(&all, &|symbol| kind(place, symbol)));
    let mut automata = Vec::with_capacity(all.len());
    for languages in all {
        let mut machine = Machine::new(languages, Rc::clone(&symbols), tests.len());
        automata.push(explore(&ValueWalk(place), &mut machine, bounds, what)?);
    }
    match together(automata, bounds, what)? {
        Some(automaton) => automaton.classes(&symbols, bounds, what),
        None => Ok(Classes::default()),
    }
}

fn add_value(
    languages: &mut Languages,
    language: u32,
    test: &ValueMatch,
    folded: bool,
) -> Result<(), Undecided> {
    let nfa = &mut languages.nfa;
    match test {
        ValueMatch::Exact(text) => nfa.exact(language, text.as_bytes()),
        ValueMatch::Prefix(text) => nfa.prefix(language, text.as_bytes()),
        ValueMatch::Suffix(text) => nfa.suffix(language, text.as_bytes()),
        ValueMatch::In(texts) => {
            for text in texts {
                nfa.exact(language, text.as_bytes());
            }
        }
        ValueMatch::Regex(regex) => {
            let reading = [(Stream::Written, TrailingSlash::Counts)];
            languages.regex(language, regex, folded, &reading)?;
        }
        // Whether there is a value is asked beside what it is.
        ValueMatch::Present => nfa.prefix(language, b""),
        ValueMatch::Absent => {}
    }
    Ok(())
}

fn add_hosts(languages: &mut Languages, language: u32, hosts: &[HostPattern]) {
    for host in hosts {
        match host {
            HostPattern::Exact(host) => languages.nfa.exact(language, host.as_str().as_bytes()),
            // No host begins with a dot, so that a label is before it.
            HostPattern::Below(base) => {
                languages
                    .nfa
                    .suffix(language, format!(".{base}").as_bytes());
            }
        }
    }
}

/// Bytes that stand for something in a place, and those that cannot stand in it.
fn kind(place: Place, symbol: Symbol) -> Option<u32> {
    if symbol.is_escape() {
        return None;
    }
    let byte = symbol.decoded();
    let is_space = matches!(byte, b' ' | b'\t');
    let in_header = is_space || byte.is_ascii_graphic() || byte >= 0x80;
    match place {
        Place::Query => Some(0),
        Place::Word if matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c) => None,
        Place::Claim | Place::Word => utf8::kind(byte),
        Place::Header if in_header => Some(u32::from(is_space)),
        Place::Cookie if in_header && byte != b';' => Some(u32::from(is_space)),
        Place::Method if byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte) => {
            Some(0)
        }
        Place::Host if byte == b'.' => Some(1),
        Place::Host
            if byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_~".contains(&byte) =>
        {
            Some(0)
        }
        Place::Header | Place::Cookie | Place::Method | Place::Host => None,
    }
}

/// What can come next of a character in several bytes (RFC 3629 section 4).
mod utf8 {
    /// Which byte it is of a character; `None` for one that is of none.
    pub(super) fn kind(byte: u8) -> Option<u32> {
        Some(match byte {
            0..0x80 => 0,
            0x80..0x90 => 1,
            0x90..0xa0 => 2,
            0xa0..0xc0 => 3,
            0xc2..0xe0 => 4,
            0xe0 => 5,
            0xed => 6,
            0xe1..0xf0 => 7,
            0xf0 => 8,
            0xf1..0xf4 => 9,
            0xf4 => 10,
            _ => return None,
        })
    }

    /// Between characters.
    pub(super) const BETWEEN: u32 = 10;

    /// What is wanted after a byte of a kind: so many more bytes, and above 3 which
    /// the next one may be.
    pub(super) fn after(wanted: u32, kind: u32) -> Option<u32> {
        match (wanted, kind) {
            (BETWEEN, 0) | (1, 1..=3) => Some(BETWEEN),
            (BETWEEN, 4) | (2, 1..=3) | (4, 3) | (5, 1 | 2) => Some(1),
            (BETWEEN, 5) => Some(4),
            (BETWEEN, 6) => Some(5),
            (BETWEEN, 7) | (3, 1..=3) | (6, 2 | 3) | (7, 1) => Some(2),
            (BETWEEN, 8) => Some(6),
            (BETWEEN, 9) => Some(3),
            (BETWEEN, 10) => Some(7),
            _ => None,
        }
    }
}

const NOTHING: u32 = 0;
const TEXT: u32 = 1;
/// A space or, in a host, a dot: neither begins nor ends a text.
const BETWEEN: u32 = 2;

/// A state: that of the machine, what the last symbol was, and what is wanted of a
/// character in several bytes.
struct ValueWalk(Place);

impl Walk for ValueWalk {
    fn start(&self, machine: &mut Machine) -> Vec<u32> {
        vec![machine.start(), NOTHING, utf8::BETWEEN]
    }

    fn step(
        &self,
        machine: &mut Machine,
        state: &[u32],
        class: u16,
        next: &mut Vec<u32>,
    ) -> Option<()> {
        let kind = kind(self.0, machine.classes.symbol(class))?;
        if matches!(self.0, Place::Claim | Place::Word) {
            let wanted = utf8::after(state[2], kind)?;
            next.extend([machine.step(state[0], class), TEXT, wanted]);
            return Some(());
        }
        let last = if kind == 0 { TEXT } else { BETWEEN };
        let goes_on = match (self.0, state[1], last) {
            (_, _, TEXT) | (_, TEXT, _) => true,
            (Place::Host, ..) | (_, NOTHING, _) => false,
            _ => true,
        };
        goes_on.then(|| next.extend([machine.step(state[0], class), last, utf8::BETWEEN]))
    }

    fn end(&self, machine: &mut Machine, state: &[u32]) -> Option<Bits> {
        let may_end = match (self.0, state[1]) {
            (_, BETWEEN) | (Place::Host | Place::Method | Place::Word, NOTHING) => false,
            _ if state[2] != utf8::BETWEEN => false,
            _ => true,
        };
        may_end.then(|| machine.accepts(state[0]).clone())
    }
}

#[cfg(test)]
mod tests {
    use mesh_ir::Host;

    use super::*;

    fn texts(place: Place, tests: &[TextTest<'_>]) -> Vec<String> {
        let found = classes(place, tests, Bounds::default(), "a test").unwrap();
        let text = |text: &Vec<u8>| String::from_utf8_lossy(text).into_owned();
        found.texts.iter().map(text).collect()
    }

    #[test]
    fn each_class_is_shown_by_a_shortest_text() {
        let tests = [
            ValueMatch::Exact("jason".into()),
            ValueMatch::Prefix("ja".into()),
            ValueMatch::Suffix("n".into()),
            ValueMatch::Regex("[0-9]+".into()),
        ];
        let tests: Vec<_> = tests
            .iter()
            .map(|test| TextTest::Value {
                test,
                folded: false,
            })
            .collect();
        assert_eq!(
            texts(Place::Header, &tests),
            ["", "n", "0", "ja", "jan", "jason"]
        );
    }

    #[test]
    fn a_regex_that_closes_has_no_case_and_what_cannot_arrive_is_no_class() {
        let (word, line) = (
            ValueMatch::Regex("a".into()),
            ValueMatch::Exact("\n".into()),
        );
        let test = |test, folded| TextTest::Value { test, folded };
        let tests = [test(&word, false), test(&word, true), test(&line, false)];
        assert_eq!(texts(Place::Header, &tests), ["", "a", "A"]);
        assert_eq!(texts(Place::Query, &tests), ["", "a", "A", "\n"]);
    }

    #[test]
    fn hosts_are_those_that_a_request_can_name() {
        let exact = [HostPattern::Exact(Host::parse("a.b").unwrap())];
        let below = [HostPattern::Below(Host::parse("b").unwrap())];
        let found = texts(
            Place::Host,
            &[TextTest::Hosts(&exact), TextTest::Hosts(&below)],
        );
        assert_eq!(found, ["x", "x.b", "a.b"]);
    }
}
