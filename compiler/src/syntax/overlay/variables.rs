use std::borrow::Cow;
use std::collections::BTreeMap;

use mesh_ir::Name;

use super::codes::{too_much_text, unknown_variable};
use crate::diagnostic::Span;
use crate::sources::Trace;
use crate::syntax::node::{Node, NodeKind, Scalar};
use crate::syntax::report::{Read, Report};

/// How much text the variables of one file may add.
const MAX_GROWTH: usize = 16 << 20;

/// Puts the values of variables where texts name them: `$(name)`; `$$(` stands for `$(`.
///
/// What comes out is text, as if it were quoted: a variable is no number and no boolean.
pub(super) struct Variables<'t, 'e> {
    known: &'t BTreeMap<&'e str, (&'e str, Span)>,
    report: &'t mut Report,
    trace: &'t mut Trace,
}

impl<'t, 'e> Variables<'t, 'e> {
    pub(super) fn new(
        known: &'t BTreeMap<&'e str, (&'e str, Span)>,
        report: &'t mut Report,
        trace: &'t mut Trace,
    ) -> Self {
        Self {
            known,
            report,
            trace,
        }
    }

    pub(super) fn replace_in(&mut self, node: &mut Node<'_>) {
        match &mut node.kind {
            NodeKind::Scalar(scalar) if scalar.text.contains("$(") => {
                match self.replaced(node.span, &scalar.text) {
                    Ok(text) => {
                        *scalar = Scalar {
                            text: Cow::Owned(text),
                            plain: false,
                        };
                    }
                    Err(_) => node.kind = NodeKind::Reported,
                }
            }
            NodeKind::Scalar(_) | NodeKind::Reported => {}
            NodeKind::List(items) => items.iter_mut().for_each(|item| self.replace_in(item)),
            NodeKind::Map(entries) => {
                for entry in entries {
                    self.replace_in(&mut entry.value);
                }
            }
        }
    }

    fn replaced(&mut self, at: Span, text: &str) -> Read<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("$(") {
            let (before, after) = rest.split_at(start);
            if let Some(before) = before.strip_suffix('$') {
                out.push_str(before);
                out.push_str("$(");
                rest = &after[2..];
                continue;
            }
            out.push_str(before);
            let Some((name, behind)) = after[2..].split_once(')') else {
                return Err(self.report.push(unknown_variable::open(at)));
            };
            out.push_str(self.value(at, name)?);
            rest = behind;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn value(&mut self, at: Span, name: &str) -> Read<&'e str> {
        if Name::parse(name).is_err() {
            return Err(self.report.push(unknown_variable::no_name(at, name)));
        }
        let Some((value, from)) = self.known.get(name) else {
            let known = self.known.keys().copied();
            return Err(self.report.push(unknown_variable::error(at, name, known)));
        };
        self.trace.variables.insert(name.to_owned());
        self.trace.merged.insert(at, *from);
        self.trace.grown = self.trace.grown.saturating_add(value.len());
        if self.trace.grown > MAX_GROWTH {
            return Err(self.report.push(too_much_text::error(at, MAX_GROWTH)));
        }
        Ok(value)
    }
}
