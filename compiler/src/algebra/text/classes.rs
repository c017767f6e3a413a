use std::collections::{BTreeMap, BTreeSet};

use super::machine::Languages;
use super::nfa::Label;
use super::regex::Regex;
use super::symbol::Symbol;

/// Symbols that nothing tells apart, each class by one that stands for it; the
/// one that is gladly shown first.
#[derive(Debug)]
pub(super) struct SymbolClasses {
    representatives: Vec<Symbol>,
    /// By symbol; `u16::MAX` for one that cannot arrive.
    of: Vec<u16>,
}

impl SymbolClasses {
    /// `kind` is what else tells symbols apart; `None` where one cannot arrive.
    pub(super) fn new(all: &[Languages], kind: &dyn Fn(Symbol) -> Option<u32>) -> Self {
        let labels = all.iter().flat_map(|it| it.nfa.labels()).collect();
        let bytes = byte_classes(all);
        let mut symbols: Vec<Symbol> = (0..512).map(Symbol).collect();
        symbols.sort_by_key(|symbol| symbol.rank());
        let mut known = BTreeMap::new();
        let mut classes = Self {
            representatives: vec![],
            of: vec![u16::MAX; 512],
        };
        for symbol in symbols {
            let Some(kind) = kind(symbol) else { continue };
            let seen = (kind, label_of(symbol, &labels), regexes_see(symbol, &bytes));
            let next = u16::try_from(known.len()).expect("there are 512 symbols");
            let class = *known.entry(seen).or_insert(next);
            if class == next {
                classes.representatives.push(symbol);
            }
            classes.of[usize::from(symbol.0)] = class;
        }
        classes
    }

    /// Every class.
    pub(super) fn all(&self) -> impl Iterator<Item = u16> + use<> {
        0..u16::try_from(self.representatives.len()).expect("there are 512 symbols")
    }

    pub(super) fn of(&self, symbol: Symbol) -> u16 {
        self.of[usize::from(symbol.0)]
    }

    pub(super) fn symbol(&self, class: u16) -> Symbol {
        self.representatives[usize::from(class)]
    }
}

/// What the labels can tell of a symbol: which it is, which byte without case, and
/// whether it is a slash.
fn label_of(symbol: Symbol, labels: &BTreeSet<Label>) -> (Option<Symbol>, Option<u8>, bool) {
    let folded = symbol.decoded().to_ascii_lowercase();
    (
        Some(symbol).filter(|it| labels.contains(&Label::Is(*it))),
        Some(folded).filter(|it| labels.contains(&Label::Folded(*it))),
        symbol == Symbol::SLASH,
    )
}

/// By byte: a number that two bytes share where no regex tells them apart.
fn byte_classes(all: &[Languages]) -> Vec<u32> {
    let regexes: Vec<&Regex> = all.iter().flat_map(|it| &it.regexes).collect();
    let mut known = BTreeMap::new();
    (0..=255)
        .map(|byte| {
            let seen: Vec<u8> = regexes.iter().map(|regex| regex.class(byte)).collect();
            let next = known.len();
            super::super::intern::to_u32(*known.entry(seen).or_insert(next))
        })
        .collect()
}

/// What regexes see of a symbol, as it is written and decoded.
fn regexes_see(symbol: Symbol, classes: &[u32]) -> [u32; 4] {
    let class = |byte: u8| classes[usize::from(byte)];
    let (written, length) = symbol.written();
    let at = |index: usize| {
        if index < length {
            class(written[index])
        } else {
            u32::MAX
        }
    };
    [at(0), at(1), at(2), class(symbol.decoded())]
}
