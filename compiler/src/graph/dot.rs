use std::fmt::Write as _;

use super::model::{Graph, Line, Node, Shape};

/// The graph in the language of Graphviz.
pub fn dot(graph: &Graph) -> String {
    let mut text = String::new();
    let mut add = |line: String| writeln!(text, "{line}").expect("strings take text");
    add("digraph mesh {".to_owned());
    add(format!("  label={};", quoted(&graph.title)));
    add("  rankdir=LR; node [fontname=\"sans-serif\"]; edge [fontname=\"sans-serif\"];".to_owned());
    for (index, (group, nodes)) in graph.groups().into_iter().enumerate() {
        let indent = if group.is_some() { "    " } else { "  " };
        if let Some(group) = group {
            add(format!("  subgraph cluster_{index} {{"));
            add(format!("    label={};", quoted(group)));
        }
        for place in nodes {
            add(format!(
                "{indent}n{place} [{}];",
                attributes(&graph.nodes[place])
            ));
        }
        if group.is_some() {
            add("  }".to_owned());
        }
    }
    for edge in &graph.edges {
        let style = match edge.line {
            Line::Solid => "style=solid",
            Line::Dashed => "style=dashed",
            Line::Warning => "style=bold, color=\"#c0392b\"",
        };
        let (from, to, label) = (edge.from, edge.to, quoted(&edge.label));
        add(format!("  n{from} -> n{to} [{style}, label={label}];"));
    }
    add("}".to_owned());
    text
}

fn attributes(node: &Node) -> String {
    let label = if node.detail.is_empty() {
        node.label.clone()
    } else {
        format!("{}\n{}", node.label, node.detail)
    };
    let shape = match node.shape {
        Shape::Service => "box",
        Shape::Gateway => "hexagon",
        Shape::External => "component",
        Shape::Account => "ellipse",
        Shape::Outside => "plaintext",
    };
    format!("shape={shape}, label={}", quoted(&label))
}

/// A string of the language: only quotes, backslashes and line ends mean something in it.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n"))
}
