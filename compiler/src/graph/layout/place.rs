use std::collections::BTreeMap;

use super::super::model::Graph;
use super::order::Ordered;
use super::{Layout, Rect, Slot};

/// Between columns: arrows and their words need room.
const COLUMN_GAP: f64 = 110.0;

/// A character of an arrow's words, which stand between two columns.
const WORDS_WIDTH: f64 = 6.4;

/// Beside the words of an arrow.
const WORDS_MARGIN: f64 = 30.0;

/// Between boxes of one column.
const ROW_GAP: f64 = 22.0;

/// What a passing arrow takes.
const PASS: f64 = 10.0;

/// How often boxes move towards their neighbours.
const ROUNDS: usize = 8;

/// The widest row of boxes without arrows.
const ROW_WIDTH: f64 = 900.0;

/// Coordinates of everything.
pub(super) fn place(graph: &Graph, ordered: &Ordered, sizes: &[(f64, f64)]) -> Layout {
    let height = |slot: &Slot| match slot {
        Slot::Node(node) => sizes[*node].1,
        Slot::Pass(_) => PASS,
    };
    let mut tops: Vec<Vec<f64>> = ordered
        .columns
        .iter()
        .map(|column| stacked(column, &height))
        .collect();
    for round in 0..ROUNDS {
        relax(ordered, &height, &mut tops, round % 2 == 0);
    }
    let lowest = tops.iter().flatten().copied().fold(f64::MAX, f64::min);
    let mut layout = Layout {
        boxes: vec![Rect::default(); graph.nodes.len()],
        ..Layout::default()
    };
    let words = graph.edges.iter().map(|it| it.label.chars().count());
    let longest = words.max().and_then(|it| u32::try_from(it).ok());
    let gap = f64::from(longest.unwrap_or(0)) * WORDS_WIDTH + WORDS_MARGIN;
    let gap = gap.max(COLUMN_GAP);
    let mut x = 0.0;
    let mut passes: BTreeMap<(usize, usize), (f64, f64, f64)> = BTreeMap::new();
    for (index, column) in ordered.columns.iter().enumerate() {
        let widths = column.iter().map(|slot| match slot {
            Slot::Node(node) => sizes[*node].0,
            Slot::Pass(_) => 0.0,
        });
        let width = widths.fold(0.0, f64::max);
        for (slot, top) in column.iter().zip(&tops[index]) {
            let y = top - lowest;
            match slot {
                Slot::Node(node) => {
                    let (own, height) = sizes[*node];
                    layout.boxes[*node] = Rect {
                        x: x + (width - own) / 2.0,
                        y,
                        width: own,
                        height,
                    };
                }
                Slot::Pass(edge) => {
                    passes.insert((*edge, index), (x, x + width, y + PASS / 2.0));
                }
            }
            layout.height = layout.height.max(y + height(slot));
        }
        layout.width = x + width;
        x += width + gap;
    }
    alone(&ordered.alone, sizes, &mut layout);
    layout.paths = paths(graph, &layout.boxes, &passes);
    layout
}

/// One below the other.
fn stacked(column: &[Slot], height: &impl Fn(&Slot) -> f64) -> Vec<f64> {
    let total: f64 = column.iter().map(|slot| height(slot) + ROW_GAP).sum();
    let mut y = -total / 2.0;
    let mut tops = Vec::with_capacity(column.len());
    for slot in column {
        tops.push(y);
        y += height(slot) + ROW_GAP;
    }
    tops
}

/// Moves every slot towards the middle of its neighbours on one side, in its order and
/// without touching.
fn relax(
    ordered: &Ordered,
    height: &impl Fn(&Slot) -> f64,
    tops: &mut [Vec<f64>],
    rightwards: bool,
) {
    let count = ordered.columns.len();
    let indices: Vec<usize> = if rightwards {
        (1..count).collect()
    } else {
        (0..count.saturating_sub(1)).rev().collect()
    };
    for index in indices {
        let other = if rightwards { index - 1 } else { index + 1 };
        let middles: Vec<f64> = ordered.columns[other]
            .iter()
            .zip(&tops[other])
            .map(|(slot, top)| top + height(slot) / 2.0)
            .collect();
        let column = &ordered.columns[index];
        let neighbours = ordered.neighbours(index, other);
        let wanted: Vec<f64> = column
            .iter()
            .zip(&tops[index])
            .zip(&neighbours)
            .map(|((slot, top), near)| match &near[..] {
                [] => *top,
                near => mean(near.iter().map(|it| middles[*it])) - height(slot) / 2.0,
            })
            .collect();
        tops[index] = apart(column, &wanted, height);
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |it, value| (it.0 + value, it.1 + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// The nearest tops to those wanted without overlap: pushed down, then the whole moved so
/// that the mean stays.
fn apart(column: &[Slot], wanted: &[f64], height: &impl Fn(&Slot) -> f64) -> Vec<f64> {
    let mut tops = Vec::with_capacity(column.len());
    let mut free = f64::MIN;
    for (slot, wanted) in column.iter().zip(wanted) {
        let top = wanted.max(free);
        tops.push(top);
        free = top + height(slot) + ROW_GAP;
    }
    let shift = mean(tops.iter().zip(wanted).map(|(is, was)| was - is));
    for top in &mut tops {
        *top += shift;
    }
    tops
}

/// Rows of boxes without arrows, below the drawing.
fn alone(nodes: &[usize], sizes: &[(f64, f64)], layout: &mut Layout) {
    let start = if layout.height > 0.0 {
        layout.height + 2.0 * ROW_GAP
    } else {
        0.0
    };
    let limit = layout.width.max(ROW_WIDTH);
    let (mut x, mut y, mut lowest) = (0.0, start, start);
    for node in nodes {
        let (width, height) = sizes[*node];
        if x > 0.0 && x + width > limit {
            (x, y) = (0.0, lowest + ROW_GAP);
        }
        layout.boxes[*node] = Rect {
            x,
            y,
            width,
            height,
        };
        layout.width = layout.width.max(x + width);
        lowest = f64::max(lowest, y + height);
        layout.height = lowest;
        x += width + ROW_GAP;
    }
}

/// From the side of one box to the side of the other, through the places kept for it.
fn paths(
    graph: &Graph,
    boxes: &[Rect],
    passes: &BTreeMap<(usize, usize), (f64, f64, f64)>,
) -> Vec<Vec<(f64, f64)>> {
    let path = |(index, edge): (usize, &super::super::model::Edge)| {
        let (from, to) = (boxes[edge.from], boxes[edge.to]);
        let forwards = from.x <= to.x;
        let own = passes
            .range((index, 0)..=(index, usize::MAX))
            .map(|(_, it)| *it);
        let mut inner: Vec<(f64, f64)> = own
            .flat_map(|(left, right, y)| [(left, y), (right, y)])
            .collect();
        if !forwards {
            inner.reverse();
        }
        let side = |rect: Rect, right: bool| {
            let x = if right { rect.x + rect.width } else { rect.x };
            (x, rect.y + rect.height / 2.0)
        };
        let mut points = vec![side(from, forwards)];
        points.extend(inner);
        points.push(side(to, !forwards));
        points
    };
    graph.edges.iter().enumerate().map(path).collect()
}
