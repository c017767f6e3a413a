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

/// A state: that of the machine, and what the last symbol was.
struct ValueWalk(Place);

const NOTHING: u32 = 0;
const TEXT: u32 = 1;
/// A space or, in a host, a dot: neither begins nor ends a text.
const BETWEEN: u32 = 2;

impl Walk for ValueWalk {
    fn start(&self, machine: &mut Machine) -> Vec<u32> {
        vec![machine.start(), NOTHING]
    }

    fn step(&self, machine: &mut Machine, state: &[u32], class: u16) -> Option<Vec<u32>> {
        let last = match kind(self.0, machine.classes.symbol(class)) {
            Some(0) => TEXT,
            _ => BETWEEN,
        };
        let goes_on = match (self.0, state[1], last) {
            (_, _, TEXT) | (_, TEXT, _) => true,
            (Place::Host, ..) | (_, NOTHING, _) => false,
            _ => true,
        };
        goes_on.then(|| vec![machine.step(state[0], class), last])
    }

    fn end(&self, machine: &mut Machine, state: &[u32]) -> Option<Bits> {
        let may_end = match (self.0, state[1]) {
            (_, BETWEEN) | (Place::Host | Place::Method, NOTHING) => false,
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
