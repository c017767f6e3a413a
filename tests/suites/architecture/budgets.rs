//! How long files and functions may be, tests left out.

use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::sources::{PACKAGES, is_test_only, parse, root, rust_files};

/// Lines of a file that are not test-only modules.
const FILE: usize = 400;
/// Lines of a function from its signature to its last brace.
const FUNCTION: usize = 80;

/// Files over the budget, and why each is still about one thing.
const LONG_FILES: [(&str, &str); 0] = [];

#[derive(Default)]
struct Measure {
    test_lines: usize,
    long_functions: Vec<(String, usize)>,
}

fn lines(from: LineColumn, to: LineColumn) -> usize {
    to.line + 1 - from.line
}

impl Measure {
    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let length = lines(signature.span().start(), block.span().end());
        if length > FUNCTION {
            self.long_functions
                .push((signature.ident.to_string(), length));
        }
    }
}

impl<'ast> Visit<'ast> for Measure {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if is_test_only(&item.attrs) {
            self.test_lines += lines(item.span().start(), item.span().end());
        } else {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        syn::visit::visit_impl_item_fn(self, item);
    }
}

#[test]
fn files_and_functions_stay_within_their_budgets() {
    let mut over = vec![];
    for file in PACKAGES
        .iter()
        .flat_map(|package| rust_files(&root().join(package).join("src")))
    {
        let name = file
            .strip_prefix(root())
            .expect("below the root")
            .display()
            .to_string();
        let mut measure = Measure::default();
        measure.visit_file(&parse(&file));
        let total = std::fs::read_to_string(&file)
            .expect("a readable source file")
            .lines()
            .count();
        let length = total.saturating_sub(measure.test_lines);
        if length > FILE && !LONG_FILES.iter().any(|(allowed, _)| *allowed == name) {
            over.push(format!("{name}: {length} lines, at most {FILE}"));
        }
        over.extend(
            measure
                .long_functions
                .iter()
                .map(|(f, n)| format!("{name}: fn {f} has {n} lines, at most {FUNCTION}")),
        );
    }
    assert!(
        over.is_empty(),
        "split these, or give a reason:\n{}",
        over.join("\n")
    );
}

#[test]
fn the_list_of_exceptions_names_only_files_that_are_long() {
    for (name, reason) in LONG_FILES {
        let text = std::fs::read_to_string(root().join(name)).unwrap_or_default();
        assert!(
            text.lines().count() > FILE,
            "{name} is no exception any more ({reason})"
        );
    }
}
