use std::collections::BTreeSet;

use super::super::model::Graph;

/// The column of each node; `None` for one without arrows.
pub(super) fn columns(graph: &Graph) -> Vec<Option<usize>> {
    let count = graph.nodes.len();
    let mut next: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    let mut is_used = vec![false; count];
    for edge in &graph.edges {
        is_used[edge.from] = true;
        is_used[edge.to] = true;
        if edge.from != edge.to {
            next[edge.from].insert(edge.to);
        }
    }
    let order = opened(&next);
    let mut place = vec![0; count];
    for (index, node) in order.iter().enumerate() {
        place[*node] = index;
    }
    let mut column = vec![0; count];
    for from in order {
        for to in &next[from] {
            if place[*to] > place[from] {
                column[*to] = column[*to].max(column[from] + 1);
            }
        }
    }
    let all = is_used.into_iter().zip(column);
    all.map(|(used, column)| used.then_some(column)).collect()
}

/// The nodes in an order in which as few arrows as this finds lead back (Eades, Lin and
/// Smyth): again and again those that lead nowhere come last, those that nothing leads to
/// first, and of the rest the one that more leaves than enters.
fn opened(next: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut before: Vec<Vec<usize>> = vec![vec![]; next.len()];
    for (from, all) in next.iter().enumerate() {
        for to in all {
            before[*to].push(from);
        }
    }
    let mut leaving: Vec<usize> = next.iter().map(BTreeSet::len).collect();
    let mut entering: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut left: BTreeSet<usize> = (0..next.len()).collect();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        let sink = left.iter().copied().find(|it| leaving[*it] == 0);
        let source = || left.iter().copied().find(|it| entering[*it] == 0);
        // Of equals the first: `max_by_key` would give the last.
        let gain = |it: &usize| (leaving[*it] + next.len()) - entering[*it];
        let Some(chosen) = sink
            .or_else(source)
            .or_else(|| left.iter().copied().rev().max_by_key(gain))
        else {
            break;
        };
        left.remove(&chosen);
        for to in &next[chosen] {
            entering[*to] -= 1;
        }
        for from in &before[chosen] {
            leaving[*from] -= 1;
        }
        if sink.is_some() {
            last.push(chosen);
        } else {
            first.push(chosen);
        }
    }
    last.reverse();
    first.extend(last);
    first
}
