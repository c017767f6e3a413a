use std::collections::BTreeMap;

use super::super::model::Graph;
use super::Slot;

/// How often columns are ordered again.
const SWEEPS: usize = 12;

/// Columns with their slots from top to bottom, and the nodes without arrows.
#[derive(Debug)]
pub(super) struct Ordered {
    pub(super) columns: Vec<Vec<Slot>>,
    pub(super) alone: Vec<usize>,
    /// Pairs of slots of a column and the next, for each column.
    links: Vec<Vec<(Slot, Slot)>>,
}

/// Puts every slot into its column, then orders columns by their neighbours.
pub(super) fn ordered(graph: &Graph, columns: &[Option<usize>]) -> Ordered {
    let count = columns.iter().flatten().max().map_or(0, |it| it + 1);
    let mut ordered = Ordered {
        columns: vec![Vec::new(); count],
        alone: Vec::new(),
        links: vec![Vec::new(); count],
    };
    // Nodes of one namespace begin beside each other.
    let mut nodes: Vec<usize> = (0..graph.nodes.len()).collect();
    nodes.sort_by_key(|it| (graph.nodes[*it].group.clone(), *it));
    for node in nodes {
        match columns[node] {
            Some(column) => ordered.columns[column].push(Slot::Node(node)),
            None => ordered.alone.push(node),
        }
    }
    for (index, edge) in graph.edges.iter().enumerate() {
        let (Some(from), Some(to)) = (columns[edge.from], columns[edge.to]) else {
            continue;
        };
        // An arrow that leads back is passed through the same columns.
        let (start, end, first, last) = if from <= to {
            (from, to, edge.from, edge.to)
        } else {
            (to, from, edge.to, edge.from)
        };
        let mut before = Slot::Node(first);
        for column in start + 1..end {
            let pass = Slot::Pass(index);
            ordered.columns[column].push(pass);
            ordered.links[column - 1].push((before, pass));
            before = pass;
        }
        if start < end {
            ordered.links[end - 1].push((before, Slot::Node(last)));
        }
    }
    ordered.improve();
    ordered
}

impl Ordered {
    fn improve(&mut self) {
        let mut best = (self.crossings(), self.columns.clone());
        for sweep in 0..SWEEPS {
            if sweep % 2 == 0 {
                for column in 1..self.columns.len() {
                    self.sort(column, column - 1);
                }
            } else {
                for column in (1..self.columns.len()).rev() {
                    self.sort(column - 1, column);
                }
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    /// Orders a column by the mean place of its neighbours in another; what has none
    /// stays where it is.
    fn sort(&mut self, column: usize, by: usize) {
        // Means as fractions over a common scale, so that they compare exactly.
        let scale = 5040;
        let neighbours = self.neighbours(column, by);
        let mean = |index: usize| match &neighbours[index][..] {
            [] => index * scale,
            near => near.iter().sum::<usize>() * scale / near.len(),
        };
        let slots = self.columns[column].iter().copied().enumerate();
        let mut ranked: Vec<(usize, Slot)> = slots.map(|(index, it)| (mean(index), it)).collect();
        ranked.sort_by_key(|(mean, _)| *mean);
        self.columns[column] = ranked.into_iter().map(|it| it.1).collect();
    }

    /// How many pairs of arrows cross.
    fn crossings(&self) -> usize {
        let between = |index: usize| {
            let (left, right) = (
                places(&self.columns[index]),
                places(&self.columns[index + 1]),
            );
            let place = |it: &(Slot, Slot)| (left[&key(it.0)], right[&key(it.1)]);
            let mut pairs: Vec<(usize, usize)> = self.links[index].iter().map(place).collect();
            pairs.sort_unstable();
            inversions(&mut pairs.into_iter().map(|it| it.1).collect::<Vec<_>>())
        };
        (0..self.columns.len().saturating_sub(1)).map(between).sum()
    }

    /// The places, in a column beside another, of what each slot of that other is joined to.
    pub(super) fn neighbours(&self, column: usize, beside: usize) -> Vec<Vec<usize>> {
        let (own, other) = (places(&self.columns[column]), places(&self.columns[beside]));
        let mut found = vec![Vec::new(); self.columns[column].len()];
        for (left, right) in &self.links[column.min(beside)] {
            let (this, that) = if column < beside {
                (left, right)
            } else {
                (right, left)
            };
            found[own[&key(*this)]].push(other[&key(*that)]);
        }
        found
    }
}

/// A slot as something that has an order.
type Key = (bool, usize);

fn key(slot: Slot) -> Key {
    match slot {
        Slot::Node(node) => (false, node),
        Slot::Pass(edge) => (true, edge),
    }
}

fn places(column: &[Slot]) -> BTreeMap<Key, usize> {
    let places = column.iter().enumerate();
    places.map(|(index, slot)| (key(*slot), index)).collect()
}

/// How many pairs stand the wrong way round; sorts them.
fn inversions(values: &mut [usize]) -> usize {
    let middle = values.len() / 2;
    if middle == 0 {
        return 0;
    }
    let (left, right) = values.split_at_mut(middle);
    let mut count = inversions(left) + inversions(right);
    let mut smaller = 0;
    for value in left.iter() {
        while smaller < right.len() && right[smaller] < *value {
            smaller += 1;
        }
        count += smaller;
    }
    values.sort_unstable();
    count
}
