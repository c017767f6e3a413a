//! Where boxes and arrows of a layered drawing are: columns from left to right, so that
//! arrows lead to the right, but for those that would close a circle.
//!
//! After Sugiyama: circles are opened, each node gets the first column behind all that
//! lead to it, arrows over several columns pass each on a place of their own, and columns
//! are ordered by the middle of their neighbours until that stops helping.

mod columns;
mod order;
mod place;

use super::model::Graph;

/// A drawing, in pixels.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Of each node.
    pub(super) boxes: Vec<Rect>,
    /// Of each edge: the points that it passes, from node to node.
    pub(super) paths: Vec<Vec<(f64, f64)>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Where a node stands, or an arrow passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Node(usize),
    /// An edge.
    Pass(usize),
}

/// Sizes of boxes are given; the drawing begins at 0, 0.
pub(super) fn layout(graph: &Graph, sizes: &[(f64, f64)]) -> Layout {
    let columns = columns::columns(graph);
    let ordered = order::ordered(graph, &columns);
    place::place(graph, &ordered, sizes)
}
