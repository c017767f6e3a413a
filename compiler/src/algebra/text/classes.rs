use std::sync::LazyLock;

use super::super::intern::Interner;
use super::machine::Languages;
use super::nfa::Label;
use super::symbol::Symbol;

/// How many symbols there are.
const SYMBOLS: usize = 512;

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
        static BY_RANK: LazyLock<Vec<Symbol>> = LazyLock::new(|| {
            let mut symbols: Vec<Symbol> = (0..512).map(Symbol).collect();
            symbols.sort_by_key(|symbol| symbol.rank());
            symbols
        });
        let named = Named::of(all);
        let bytes = byte_classes(all);
        let mut known = Interner::default();
        let mut classes = Self {
            representatives: vec![],
            of: vec![u16::MAX; SYMBOLS],
        };
        for symbol in BY_RANK.iter().copied() {
            let Some(kind) = kind(symbol) else { continue };
            let [is, folded, slash] = named.see(symbol);
            let [first, second, third, decoded] = regexes_see(symbol, &bytes);
            let seen = [kind, is, folded, slash, first, second, third, decoded];
            let (class, is_new) = known.intern(&seen);
            if is_new {
                classes.representatives.push(symbol);
            }
            classes.of[usize::from(symbol.0)] =
                u16::try_from(class).expect("there are 512 symbols");
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

/// Symbols and bytes that labels name.
struct Named {
    symbols: [bool; SYMBOLS],
    /// Without case.
    folded: [bool; 256],
}

impl Named {
    fn of(all: &[Languages]) -> Self {
        let mut named = Self {
            symbols: [false; SYMBOLS],
            folded: [false; 256],
        };
        for label in all.iter().flat_map(|it| it.nfa.labels()) {
            match label {
                Label::Is(symbol) => named.symbols[usize::from(symbol.0)] = true,
                Label::Folded(byte) => named.folded[usize::from(byte)] = true,
                Label::InSegment | Label::Any => {}
            }
        }
        named
    }

    /// What the labels can tell of a symbol: which it is, which byte without case, and
    /// whether it is a slash.
    fn see(&self, symbol: Symbol) -> [u32; 3] {
        let folded = symbol.decoded().to_ascii_lowercase();
        let number = |is_named: bool, number: u32| if is_named { number } else { u32::MAX };
        [
            number(self.symbols[usize::from(symbol.0)], u32::from(symbol.0)),
            number(self.folded[usize::from(folded)], u32::from(folded)),
            u32::from(symbol == Symbol::SLASH),
        ]
    }
}

/// By byte: a number that two bytes share where no regex tells them apart.
fn byte_classes(all: &[Languages]) -> Vec<u32> {
    let mut classes = vec![0; 256];
    for regex in all.iter().flat_map(|it| &it.regexes) {
        let mut known = Interner::default();
        for (byte, class) in (0..=255).zip(&mut classes) {
            *class = known.intern(&[*class, u32::from(regex.class(byte))]).0;
        }
    }
    classes
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
