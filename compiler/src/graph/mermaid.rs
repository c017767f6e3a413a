use std::fmt::Write as _;

use super::model::{Graph, Line, Node, Shape};

/// The graph as a Mermaid flowchart: what forges draw inside Markdown.
pub fn mermaid(graph: &Graph) -> String {
    let mut text = String::new();
    let mut add = |line: String| writeln!(text, "{line}").expect("strings take text");
    add(format!("---\ntitle: \"{}\"\n---", escaped(&graph.title)));
    add("flowchart LR".to_owned());
    for (index, (group, nodes)) in graph.groups().into_iter().enumerate() {
        if let Some(group) = group {
            add(format!("  subgraph g{index}[\"{}\"]", escaped(group)));
        }
        for place in nodes {
            add(format!("    n{place}{}", shape(&graph.nodes[place])));
        }
        if group.is_some() {
            add("  end".to_owned());
        }
    }
    let mut warnings = Vec::new();
    for (index, edge) in graph.edges.iter().enumerate() {
        let arrow = match edge.line {
            Line::Solid => "-->",
            Line::Dashed => "-.->",
            Line::Warning => {
                warnings.push(index.to_string());
                "==>"
            }
        };
        let label = if edge.label.is_empty() {
            String::new()
        } else {
            format!("|\"{}\"|", escaped(&edge.label))
        };
        add(format!("  n{} {arrow}{label} n{}", edge.from, edge.to));
    }
    if !warnings.is_empty() {
        add(format!("  linkStyle {} stroke:#c0392b", warnings.join(",")));
    }
    text
}

fn shape(node: &Node) -> String {
    let label = if node.detail.is_empty() {
        escaped(&node.label)
    } else {
        format!("{}<br/>{}", escaped(&node.label), escaped(&node.detail))
    };
    match node.shape {
        Shape::Service => format!("[\"{label}\"]"),
        Shape::Gateway => format!("{{{{\"{label}\"}}}}"),
        Shape::External => format!("[[\"{label}\"]]"),
        Shape::Account => format!("([\"{label}\"])"),
        Shape::Outside => format!("((\"{label}\"))"),
    }
}

/// A text between quotes, with what Mermaid or HTML would read as entities.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' => out.push_str("#35;"),
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '`' => out.push_str("#96;"),
            '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
