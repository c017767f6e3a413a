use std::collections::BTreeMap;

use super::atoms::{Atoms, OVERRIDES};
use super::bits::Bits;
use super::bounds::Undecided;
use super::compile::Compiled;
use super::diagram::{Diagram, Operation};
use super::layout::{Layout, METHOD};

/// A header by which a client asks an application to read another method.
#[derive(Debug)]
pub(super) struct Override {
    variable: usize,
    /// For each value the methods that an application may read, as it is and in
    /// upper case.
    methods: Vec<[usize; 2]>,
}

impl Override {
    /// Those that a rule reads.
    pub(super) fn all(atoms: &Atoms<'_>) -> Vec<Self> {
        let class = |method: &[u8]| {
            let named = atoms.methods.iter().position(|it| it.as_bytes() == method);
            named.unwrap_or(atoms.other_method)
        };
        let headers = atoms.headers.iter().enumerate();
        let headers = headers.filter(|(_, (name, _))| OVERRIDES.contains(&name.as_str()));
        let of = |(index, (_, texts)): (usize, &(String, super::atoms::Texts<_>))| {
            let methods = texts.texts.iter();
            Self {
                variable: Layout::header(index),
                methods: methods
                    .map(|text| [class(text), class(&text.to_ascii_uppercase())])
                    .collect(),
            }
        };
        headers.map(of).collect()
    }
}

impl Compiled {
    /// See [`super::Space::in_every_reading`].
    pub(super) fn in_every_reading(&mut self, allowed: u32) -> Result<u32, Undecided> {
        let mut all = allowed;
        for header in &self.overrides {
            for (value, methods) in header.methods.iter().enumerate() {
                let mut this = Bits::none(header.methods.len() + 1);
                this.insert(value + 1);
                let this = self.diagram.is_in(header.variable, &this)?;
                for method in methods {
                    let as_method = with_method(&mut self.diagram, allowed, *method)?;
                    let refused = self.diagram.apply(Operation::Minus, this, as_method)?;
                    all = self.diagram.apply(Operation::Minus, all, refused)?;
                }
            }
        }
        Ok(all)
    }
}

/// The requests of whatever method that would be in the set by this one.
fn with_method(diagram: &mut Diagram, set: u32, method: usize) -> Result<u32, Undecided> {
    fn replace(
        diagram: &mut Diagram,
        node: u32,
        method: usize,
        known: &mut BTreeMap<u32, u32>,
    ) -> Result<u32, Undecided> {
        let variable = diagram.variable(node);
        if variable > METHOD {
            return Ok(node);
        }
        if let Some(done) = known.get(&node) {
            return Ok(*done);
        }
        let edges = diagram.edges(node, variable);
        let done = if variable == METHOD {
            let taken = edges
                .iter()
                .find(|(values, _)| Bits(values.clone()).has(method));
            taken.map_or(node, |(_, child)| *child)
        } else {
            let mut pairs = vec![];
            for (values, child) in edges {
                pairs.push((replace(diagram, child, method, known)?, values));
            }
            diagram.node(variable, pairs)?
        };
        known.insert(node, done);
        Ok(done)
    }
    replace(diagram, set, method, &mut BTreeMap::new())
}
