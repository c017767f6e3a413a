//! Which environment a compilation is for, and what it changes in the documents.
//!
//! An environment acts before anything is decoded: its patches and variables change the
//! trees of documents ([`crate::syntax::Overlay`]), and files that it excludes say nothing.
//! So a patched document is judged like any other, and what is wrong with it is found at
//! the line of the patch.

mod excludes_nothing;
mod merged;
mod patch_without_effect;
mod patched_twice;
mod unknown_target;
mod unused_variable;
mod which;

pub use merged::merged;

use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_ir::Name;

use crate::diagnostic::{CodeInfo, Diagnostic};
use crate::sources::{Sources, Trace};
use crate::syntax::ast::{Document, Environment, Global};
use crate::syntax::{OVERLAY_CODES, Overlaid, Overlay, Parsed, Patch};

/// The codes of this phase.
pub(crate) const CODES: &[&[CodeInfo]] = &[
    OVERLAY_CODES,
    &[
        which::INFO,
        unknown_target::INFO,
        patched_twice::INFO,
        unused_variable::INFO,
        excludes_nothing::INFO,
        patch_without_effect::INFO,
    ],
];

/// What a compilation for one environment starts from.
#[derive(Debug)]
pub(crate) struct Applied {
    /// The documents as they are there.
    pub(crate) parsed: Parsed,
    /// Where their values came from.
    pub(crate) trace: Trace,
    /// Which environment; `None` is the base.
    pub(crate) name: Option<Name>,
    /// What is wrong with it.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What was made for each environment before, so that only what has changed is made again.
#[derive(Debug, Default)]
pub(crate) struct Memory(BTreeMap<Name, (Arc<Global<Environment>>, Overlaid)>);

impl Memory {
    fn of(&mut self, environment: Declared<'_>) -> &mut Overlaid {
        let name = environment.name.value.clone();
        let fresh = || (Arc::clone(environment), Overlaid::default());
        let known = self.0.entry(name).or_insert_with(fresh);
        if !Arc::ptr_eq(&known.0, environment) {
            *known = fresh();
        }
        &mut known.1
    }
}

type Declared<'p> = &'p Arc<Global<Environment>>;

/// Every environment that the documents declare, sorted.
pub(crate) fn declared(parsed: &Parsed) -> Vec<Name> {
    let mut names: Vec<Name> = documents(parsed).map(|it| it.name.value.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn documents(parsed: &Parsed) -> impl Iterator<Item = Declared<'_>> {
    parsed.documents().filter_map(|document| match document {
        Document::Environment(it) => Some(it),
        _ => None,
    })
}

/// Changes the documents as an environment says: the one that is wanted, or the only one.
pub(crate) fn apply(
    parsed: Parsed,
    sources: &Sources,
    wanted: Option<&Name>,
    memory: &mut Memory,
) -> Applied {
    memory
        .0
        .retain(|name, _| documents(&parsed).any(|it| it.name.value == *name));
    let chosen = which::choose(&parsed, wanted);
    let (chosen, mut diagnostics) = match chosen {
        Ok(Some(chosen)) => (Arc::clone(chosen), vec![]),
        Ok(None) => return base(parsed, vec![]),
        Err(found) => return base(parsed.without_variables(), vec![*found]),
    };
    let overlay = overlay(&chosen, &mut diagnostics);
    let spec = &chosen.spec;
    let is_excluded = |path: &str| spec.exclude.iter().any(|glob| glob.value.matches(path));
    let (changed, trace) = parsed.under(&overlay, sources, is_excluded, memory.of(&chosen));
    unknown_target::check(spec, &changed, &trace, &mut diagnostics);
    unused_variable::check(spec, &trace, &mut diagnostics);
    excludes_nothing::check(spec, sources, &mut diagnostics);
    patch_without_effect::check(spec, &trace, &mut diagnostics);
    Applied {
        parsed: changed,
        trace,
        name: Some(chosen.name.value.clone()),
        diagnostics,
    }
}

fn base(parsed: Parsed, diagnostics: Vec<Diagnostic>) -> Applied {
    Applied {
        parsed,
        trace: Trace::default(),
        name: None,
        diagnostics,
    }
}

fn overlay<'e>(chosen: &'e Global<Environment>, out: &mut Vec<Diagnostic>) -> Overlay<'e> {
    let mut overlay = Overlay::default();
    for variable in &chosen.spec.variables {
        overlay.variable(
            &variable.name.value,
            &variable.value.value,
            variable.name.span,
        );
    }
    for patch in &chosen.spec.patches {
        let namespace = patch.namespace.as_ref().map(|it| it.value.as_str());
        let target = (
            patch.kind.value.as_str(),
            namespace,
            patch.name.value.as_str(),
        );
        let of_tree = Patch {
            at: patch.span,
            merge: &patch.merge,
        };
        if let Some(first) = overlay.patch(target, of_tree) {
            out.push(patched_twice::found(patch, first.at));
        }
    }
    overlay
}

#[cfg(test)]
mod tests;
