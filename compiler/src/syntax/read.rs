//! Bytes of a file to trees of nodes, one per document that is not empty.
//!
//! Bounded: in depth, in nodes, in entries of one collection and in findings, so a
//! hostile file costs no more than time and memory linear in its size.

mod build;
mod plain;
mod text;

use granit_parser::{Event, Options, Parser, Span as YamlSpan};

pub(super) use plain::quoted;
pub(crate) use plain::{Meaning, meaning};

use super::codes::{invalid_yaml, too_deep};
use super::node::Node;
use super::report::{Read, Report, Reported};
use crate::source_set::SourceFile;
use build::Builder;

/// How deep lists and mappings may be nested.
pub(super) const MAX_DEPTH: usize = 64;

/// What one file may still hold.
pub(super) struct Budget {
    nodes: usize,
}

/// How many values one file may hold.
const MAX_NODES: usize = 200_000;

impl Budget {
    fn spend(&mut self) -> bool {
        self.nodes = self.nodes.saturating_sub(1);
        self.nodes > 0
    }
}

/// Reads a file and gives each document to `each`: a tree, or the news that it could
/// not be read. An error in one document does not hide those of the next.
pub(super) fn documents<'a>(
    file: &'a SourceFile,
    report: &mut Report,
    mut each: impl FnMut(Read<Node<'a>>, &mut Report),
) {
    let (text, base) = match text::check(&file.content, report) {
        Ok(checked) => checked,
        Err(reported) => return each(Err(reported), report),
    };
    let mut budget = Budget { nodes: MAX_NODES };
    for chunk in text::chunks(text) {
        let base = base + chunk.start;
        let findings = report.count();
        if let Err(reported) = read_chunk(chunk.text, base, report, &mut budget, &mut each) {
            debug_assert!(report.count() > findings, "an error was reported");
            each(Err(reported), report);
        }
        if budget.nodes == 0 {
            return;
        }
    }
}

/// One chunk holds one document, or several where `...` ends one.
fn read_chunk<'a>(
    text: &'a str,
    base: usize,
    report: &mut Report,
    budget: &mut Budget,
    each: &mut impl FnMut(Read<Node<'a>>, &mut Report),
) -> Read<()> {
    let (mut builder, findings, mut roots) = (Builder::new(base), report.count(), 0);
    for next in Parser::new_from_str_with_options(text, options()) {
        let (event, span): (Event<'a>, YamlSpan) = next.map_err(|error| {
            let start = error.marker().byte_offset().unwrap_or(text.len());
            let at = report.span(base + start, base + start);
            report.push(match error.kind() {
                granit_parser::ErrorKind::RecursionLimitExceeded => too_deep::error(at),
                kind => invalid_yaml::error(at, kind),
            })
        })?;
        if let Some(root) = builder.take(event, span, report, budget)? {
            roots += 1;
            each(Ok(root), report);
        }
    }
    // A document without content says nothing, unless it is an anchor or a tag alone.
    if roots == 0 && report.count() > findings {
        return Err(Reported);
    }
    Ok(())
}

fn options() -> Options {
    granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    }
}
