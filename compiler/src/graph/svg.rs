use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::layout::{Layout, Rect, layout};
use super::model::{Edge, Graph, Line, Node, Shape};

const MARGIN: f64 = 24.0;
const HEADER: f64 = 44.0;
const LEGEND: f64 = 40.0;

/// Of a character of the label and of the line below it: fonts differ, so a little more.
const LABEL_WIDTH: f64 = 8.4;
const DETAIL_WIDTH: f64 = 6.4;

/// Fills of namespaces, in their order, again from the start after the last.
const COLOURS: [&str; 10] = [
    "#dbeafe", "#dcfce7", "#fef3c7", "#fce7f3", "#ede9fe", "#cffafe", "#ffedd5", "#e5e7eb",
    "#f7fee7", "#ffe4e6",
];

/// The graph as a picture that needs no other program.
pub fn svg(graph: &Graph) -> String {
    let sizes: Vec<(f64, f64)> = graph.nodes.iter().map(size).collect();
    let drawing = layout(graph, &sizes);
    let legend = legend(graph);
    let legend_width: f64 = legend.iter().map(|(_, name)| entry_width(name)).sum();
    let title = width_of(&graph.title, 11.5);
    let width = drawing.width.max(legend_width).max(title) + 2.0 * MARGIN;
    let height = drawing.height + HEADER + LEGEND + 2.0 * MARGIN;
    let mut text = String::new();
    let mut add = |line: &str| writeln!(text, "{line}").expect("strings take text");
    add(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" font-family=\"system-ui, sans-serif\">"
    ));
    add(&format!("<title>{}</title>", escaped(&graph.title)));
    add("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
    add(MARKERS);
    add(&format!(
        "<text x=\"{MARGIN}\" y=\"36\" font-size=\"18\" font-weight=\"600\" fill=\"#111827\">{}</text>",
        escaped(&graph.title)
    ));
    let top = HEADER + MARGIN;
    add(&format!("<g transform=\"translate({MARGIN} {top})\">"));
    for (edge, points) in graph.edges.iter().zip(&drawing.paths) {
        add(&arrow(edge, points));
    }
    let colours: BTreeMap<&str, &str> = legend
        .iter()
        .map(|(colour, name)| (*name, *colour))
        .collect();
    for (node, rect) in graph.nodes.iter().zip(&drawing.boxes) {
        let group = node.group.as_deref();
        let fill = group.and_then(|it| colours.get(it)).copied();
        add(&shape(node, *rect, fill.unwrap_or("#ffffff")));
    }
    for (edge, points) in graph.edges.iter().zip(&drawing.paths) {
        add(&words(edge, points));
    }
    add("</g>");
    add(&legend_text(&legend, &drawing));
    add("</svg>");
    text.lines()
        .filter(|line| !line.is_empty())
        .fold(String::new(), |mut all, line| {
            all.push_str(line);
            all.push('\n');
            all
        })
}

const MARKERS: &str = "<defs>\
<marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#6b7280\"/></marker>\
<marker id=\"warning\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#c0392b\"/></marker>\
</defs>";

fn size(node: &Node) -> (f64, f64) {
    let label = width_of(&node.label, LABEL_WIDTH);
    let detail = width_of(&node.detail, DETAIL_WIDTH);
    let height = if node.detail.is_empty() { 34.0 } else { 48.0 };
    (label.max(detail).max(50.0) + 28.0, height)
}

fn width_of(text: &str, character: f64) -> f64 {
    let characters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    f64::from(characters) * character
}

fn shape(node: &Node, rect: Rect, fill: &str) -> String {
    let Rect {
        x,
        y,
        width,
        height,
    } = rect;
    let stroke = "stroke=\"#374151\" stroke-width=\"1.2\"";
    let outline = match node.shape {
        Shape::Service => {
            format!(
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"5\" fill=\"{fill}\" {stroke}/>"
            )
        }
        Shape::Account => {
            let rx = height / 2.0;
            format!(
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{rx:.1}\" fill=\"{fill}\" {stroke}/>"
            )
        }
        Shape::External => {
            format!(
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\" {stroke} stroke-dasharray=\"5 3\"/>"
            )
        }
        Shape::Gateway => {
            let (right, bottom, middle) = (x + width, y + height, y + height / 2.0);
            let (left_in, right_in) = (x + 11.0, right - 11.0);
            format!(
                "<path d=\"M{left_in:.1} {y:.1}H{right_in:.1}L{right:.1} {middle:.1}L{right_in:.1} {bottom:.1}H{left_in:.1}L{x:.1} {middle:.1}z\" fill=\"{fill}\" {stroke}/>"
            )
        }
        Shape::Outside => {
            format!(
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"5\" fill=\"#ffffff\" stroke=\"#9ca3af\" stroke-dasharray=\"2 3\"/>"
            )
        }
    };
    let middle = x + width / 2.0;
    let base = if node.detail.is_empty() {
        y + height / 2.0 + 5.0
    } else {
        y + 21.0
    };
    let mut text = format!(
        "{outline}<text x=\"{middle:.1}\" y=\"{base:.1}\" font-size=\"14\" text-anchor=\"middle\" fill=\"#111827\">{}</text>",
        escaped(&node.label)
    );
    if !node.detail.is_empty() {
        let below = base + 17.0;
        let detail = format!(
            "<text x=\"{middle:.1}\" y=\"{below:.1}\" font-size=\"11\" text-anchor=\"middle\" fill=\"#4b5563\">{}</text>",
            escaped(&node.detail)
        );
        text.push_str(&detail);
    }
    text
}

/// A curve that leaves and enters boxes at their sides.
fn arrow(edge: &Edge, points: &[(f64, f64)]) -> String {
    let Some(((x, y), rest)) = points.split_first() else {
        return String::new();
    };
    let mut path = format!("M{x:.1} {y:.1}");
    let (mut before, is_own) = ((*x, *y), edge.from == edge.to);
    if is_own {
        let (right, low, high) = (x + 34.0, y + 26.0, y - 26.0);
        path = format!(
            "M{x:.1} {y:.1}C{right:.1} {high:.1} {right:.1} {low:.1} {x:.1} {:.1}",
            y + 6.0
        );
    }
    for (x, y) in rest.iter().filter(|_| !is_own) {
        let bend = before.0 + (x - before.0) / 2.0;
        let curve = format!("C{bend:.1} {:.1} {bend:.1} {y:.1} {x:.1} {y:.1}", before.1);
        path.push_str(&curve);
        before = (*x, *y);
    }
    let style = match edge.line {
        Line::Solid => "stroke=\"#6b7280\" stroke-width=\"1.4\" marker-end=\"url(#arrow)\"",
        Line::Dashed => {
            "stroke=\"#9ca3af\" stroke-width=\"1.2\" stroke-dasharray=\"5 4\" marker-end=\"url(#arrow)\""
        }
        Line::Warning => "stroke=\"#c0392b\" stroke-width=\"1.8\" marker-end=\"url(#warning)\"",
    };
    format!("<path d=\"{path}\" fill=\"none\" {style}/>")
}

/// The words of an arrow, on white over its middle: an outline, and over it the words, since
/// not every viewer knows `paint-order`.
fn words(edge: &Edge, points: &[(f64, f64)]) -> String {
    let (Some(first), Some(second)) = (points.first(), points.get(1)) else {
        return String::new();
    };
    if edge.label.is_empty() {
        return String::new();
    }
    let (x, y) = (first.0.midpoint(second.0), first.1.midpoint(second.1));
    let base = y - 3.0;
    let place = format!("x=\"{x:.1}\" y=\"{base:.1}\" font-size=\"11\" text-anchor=\"middle\"");
    let label = escaped(&edge.label);
    let outline = "fill=\"#ffffff\" stroke=\"#ffffff\" stroke-width=\"3\" aria-hidden=\"true\"";
    format!("<text {place} {outline}>{label}</text><text {place} fill=\"#374151\">{label}</text>")
}

/// The namespaces with their fills.
fn legend(graph: &Graph) -> Vec<(&'static str, &str)> {
    let groups = graph.groups();
    let names = groups.keys().copied().flatten();
    COLOURS.into_iter().cycle().zip(names).collect()
}

fn entry_width(name: &str) -> f64 {
    width_of(name, 7.2) + 40.0
}

fn legend_text(legend: &[(&str, &str)], drawing: &Layout) -> String {
    let y = drawing.height + HEADER + MARGIN + LEGEND;
    let mut x = MARGIN;
    let mut text = String::new();
    for (colour, name) in legend {
        let (top, words) = (y - 11.0, x + 20.0);
        let entry = format!(
            "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"14\" height=\"14\" rx=\"3\" fill=\"{colour}\" stroke=\"#374151\" stroke-width=\"0.8\"/><text x=\"{words:.1}\" y=\"{y:.1}\" font-size=\"12\" fill=\"#374151\">{}</text>\n",
            escaped(name)
        );
        text.push_str(&entry);
        x += entry_width(name);
    }
    text
}

/// A text inside an element.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
