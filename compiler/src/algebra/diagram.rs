use super::bits::{self, Bits};
use super::bounds::{Bounds, Undecided};
use super::intern::{Interner, to_u32};

/// Nothing.
pub(super) const FALSE: u32 = 0;
/// Everything.
pub(super) const TRUE: u32 = 1;

/// Decision diagrams over variables with finitely many values: reduced, ordered and
/// each kept once, so that equal sets are one node.
///
/// A node is a list: its variable, then pairs of a set of values and where they
/// lead. The sets of a node are disjoint and together all values; children differ
/// and are in ascending order.
#[derive(Debug)]
pub(super) struct Diagram {
    /// How many values each variable has.
    domains: Vec<usize>,
    nodes: Interner,
    values: Interner,
    /// Operation and operands of what is known already.
    asked: Interner,
    answers: Vec<u32>,
    bound: usize,
}

/// What two sets make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// In either.
    Or,
    /// In both.
    And,
    /// In the first alone.
    Minus,
}

impl Diagram {
    /// Over variables with so many values each.
    pub(super) fn new(domains: Vec<usize>, bounds: Bounds) -> Self {
        let mut nodes = Interner::default();
        // No node has a variable of these numbers.
        nodes.intern(&[u32::MAX, FALSE]);
        nodes.intern(&[u32::MAX, TRUE]);
        Self {
            domains,
            nodes,
            values: Interner::default(),
            asked: Interner::default(),
            answers: vec![],
            bound: bounds.nodes,
        }
    }

    /// Where a variable has one of these values.
    pub(super) fn is_in(&mut self, variable: usize, values: &Bits) -> Result<u32, Undecided> {
        let rest = Bits::all(self.domains[variable]).without(values);
        self.node(variable, vec![(FALSE, rest.0), (TRUE, values.0.clone())])
    }

    /// What an operation makes of two nodes.
    pub(super) fn apply(&mut self, operation: Operation, a: u32, b: u32) -> Result<u32, Undecided> {
        if let Some(known) = trivial(operation, a, b) {
            return Ok(known);
        }
        let (question, is_new) = self.asked.intern(&[operation as u32, a, b]);
        if !is_new && self.answers[question as usize] != u32::MAX {
            return Ok(self.answers[question as usize]);
        }
        if is_new {
            self.answers.push(u32::MAX);
        }
        let variable = self.variable(a).min(self.variable(b));
        let (left, right) = (self.edges(a, variable), self.edges(b, variable));
        let mut edges: Vec<(u32, Vec<u32>)> = Vec::with_capacity(left.len() + right.len());
        for (mine, to) in &left {
            for (theirs, other) in &right {
                let Some(both) = bits::meet(mine, theirs) else {
                    continue;
                };
                let child = self.apply(operation, *to, *other)?;
                edges.push((child, both));
            }
        }
        let answer = self.node(variable, edges)?;
        self.answers[question as usize] = answer;
        Ok(answer)
    }

    /// The node that chooses among `pairs` by the value of a variable above theirs.
    pub(super) fn node(
        &mut self,
        variable: usize,
        mut pairs: Vec<(u32, Vec<u32>)>,
    ) -> Result<u32, Undecided> {
        pairs.retain(|(_, values)| values.iter().any(|word| *word != 0));
        pairs.sort_by_key(|(child, _)| *child);
        pairs.dedup_by(|(child, values), (kept, into)| {
            let same = child == kept;
            if same {
                into.iter_mut().zip(values).for_each(|(a, b)| *a |= *b);
            }
            same
        });
        if let [(only, _)] = pairs.as_slice() {
            return Ok(*only);
        }
        let mut list = Vec::with_capacity(1 + pairs.len() * 2);
        list.push(to_u32(variable));
        for (child, values) in pairs {
            list.extend([self.values.intern(&values).0, child]);
        }
        let (node, is_new) = self.nodes.intern(&list);
        // Wide nodes count for what they hold, and so do answers, which are kept too.
        let size = self.nodes.volume() / 16 + self.values.volume() / 64 + self.asked.len() / 16;
        if is_new && size > self.bound {
            return Err(Undecided::Nodes(self.bound));
        }
        Ok(node)
    }

    /// The variable on which a node decides; above all of them for a leaf.
    pub(super) fn variable(&self, node: u32) -> usize {
        self.nodes.get(node)[0] as usize
    }

    /// Sets of values of a variable that is not below the node's own, and where
    /// they lead.
    pub(super) fn edges(&self, node: u32, variable: usize) -> Vec<(Vec<u32>, u32)> {
        if self.variable(node) != variable {
            return vec![(Bits::all(self.domains[variable]).0, node)];
        }
        let list = &self.nodes.get(node)[1..];
        let edge = |pair: &[u32]| (self.values.get(pair[0]).to_vec(), pair[1]);
        list.chunks_exact(2).map(edge).collect()
    }
}

fn trivial(operation: Operation, a: u32, b: u32) -> Option<u32> {
    use Operation::{And, Minus, Or};
    match (operation, a, b) {
        (Or, TRUE, _) | (Or, _, TRUE) => Some(TRUE),
        (And | Minus, FALSE, _) | (And, _, FALSE) | (Minus, _, TRUE) => Some(FALSE),
        (Or, FALSE, other)
        | (And, TRUE, other)
        | (And, other, TRUE)
        | (Or | Minus, other, FALSE) => Some(other),
        (Minus, a, b) if a == b => Some(FALSE),
        (Or | And, a, b) if a == b => Some(a),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(size: usize, atoms: &[usize]) -> Bits {
        atoms.iter().fold(Bits::none(size), |mut bits, atom| {
            bits.insert(*atom);
            bits
        })
    }

    #[test]
    fn equal_sets_are_one_node() {
        let mut all = Diagram::new(vec![3, 40], Bounds::default());
        let a = all.is_in(0, &bits(3, &[0, 1])).unwrap();
        let b = all.is_in(1, &bits(40, &[5, 39])).unwrap();
        let both = all.apply(Operation::And, a, b).unwrap();
        let alone = all.apply(Operation::Minus, a, b).unwrap();
        let again = all.apply(Operation::Or, both, alone).unwrap();
        assert_eq!(again, a);
        assert_eq!(all.apply(Operation::Minus, both, a).unwrap(), FALSE);
        let not_a = all.is_in(0, &bits(3, &[2])).unwrap();
        assert_eq!(all.apply(Operation::Or, a, not_a).unwrap(), TRUE);
        assert_eq!(all.is_in(0, &bits(3, &[0, 1, 2])).unwrap(), TRUE);
        assert_eq!(all.is_in(0, &bits(3, &[])).unwrap(), FALSE);
    }

    #[test]
    fn too_many_pieces_are_not_decided() {
        let bounds = Bounds {
            nodes: 10,
            ..Bounds::default()
        };
        let mut all = Diagram::new(vec![2; 40], bounds);
        let mut parity = FALSE;
        let found = (0..40).try_for_each(|variable| {
            let one = all.is_in(variable, &bits(2, &[1]))?;
            let (a, b) = (
                all.apply(Operation::Minus, parity, one)?,
                all.apply(Operation::Minus, one, parity)?,
            );
            parity = all.apply(Operation::Or, a, b)?;
            Ok(())
        });
        assert_eq!(found, Err(Undecided::Nodes(10)));
    }
}
