use std::collections::BTreeMap;

/// Nodes and the edges between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    /// What it shows, as a sentence.
    pub title: String,
    /// In the order in which they were first named.
    pub nodes: Vec<Node>,
    /// Sorted; no two are alike.
    pub edges: Vec<Edge>,
    /// Where each node is, by what it stands for.
    places: BTreeMap<Key, usize>,
}

/// What a node stands for: its group, its shape and its name.
type Key = (Option<String>, Shape, String);

/// One box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its first line.
    pub label: String,
    /// Its second line, perhaps empty.
    pub detail: String,
    /// The namespace that it is of.
    pub group: Option<String>,
    /// What kind of thing it is.
    pub shape: Shape,
}

/// What kind of thing a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// A service.
    Service,
    /// A gateway.
    Gateway,
    /// A destination without a proxy of the mesh.
    External,
    /// An identity.
    Account,
    /// Whoever is not of the mesh.
    Outside,
}

/// An arrow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The index of a node.
    pub from: usize,
    /// The index of a node.
    pub to: usize,
    /// How it is drawn.
    pub line: Line,
    /// A word or two, perhaps none.
    pub label: String,
}

/// How an arrow is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// What is said to happen.
    Solid,
    /// What may happen.
    Dashed,
    /// What somebody should look at.
    Warning,
}

impl Graph {
    /// Without nodes yet.
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// The index of a node, which is made when it is first named.
    pub(super) fn node(&mut self, shape: Shape, group: Option<&str>, label: &str) -> usize {
        let key = (group.map(str::to_owned), shape, label.to_owned());
        let next = self.nodes.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.nodes.push(Node {
                label: label.to_owned(),
                detail: String::new(),
                group: group.map(str::to_owned),
                shape,
            });
        }
        place
    }

    /// An arrow; one that is there is not drawn again.
    pub(super) fn edge(&mut self, from: usize, to: usize, line: Line, label: &str) {
        let edge = Edge {
            from,
            to,
            line,
            label: label.to_owned(),
        };
        self.edges.push(edge);
    }

    /// With its edges in order, each once; what several edges of one kind between the same
    /// nodes say is said by one.
    pub(super) fn finished(mut self) -> Self {
        self.edges.sort();
        self.edges.dedup();
        self.edges.dedup_by(|next, kept| {
            let same = (next.from, next.to, next.line) == (kept.from, kept.to, kept.line);
            if same && !kept.label.is_empty() {
                kept.label.push_str(", ");
            }
            if same {
                kept.label.push_str(&next.label);
            }
            same
        });
        self
    }

    /// The groups of its nodes, sorted, each with its nodes.
    pub(super) fn groups(&self) -> BTreeMap<Option<&str>, Vec<usize>> {
        let mut groups: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            groups.entry(node.group.as_deref()).or_default().push(index);
        }
        groups
    }
}
