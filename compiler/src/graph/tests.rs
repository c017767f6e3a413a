use super::*;
use crate::testing::mesh_of;

const SHOP: &str = "
kind: Service
metadata: {name: page, namespace: shop}
spec: {ports: {http: 80}, calls: [{service: reviews}]}
---
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}}}
---
kind: Service
metadata: {name: archive, namespace: old}
spec: {ports: {http: 80}}
---
kind: Route
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  rules:
    - {to: [{version: v1}], fallback: [{service: archive.old}]}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{service: page}]}]}
---
kind: Access
metadata: {name: archive, namespace: old}
spec: {service: archive, allow: [{from: [{authenticated: true}]}]}
---
kind: Access
metadata: {name: page, namespace: shop}
spec: {service: page, allow: [{from: [{anyone: true, reason: public}]}]}
";

fn edges(view: View) -> Vec<String> {
    let graph = graph(&mesh_of(SHOP), view);
    let name = |index: usize| graph.nodes[index].label.clone();
    let edge = |it: &Edge| {
        let arrow = match it.line {
            Line::Solid => "->",
            Line::Dashed => "..>",
            Line::Warning => "=>",
        };
        format!("{} {arrow} {} {}", name(it.from), name(it.to), it.label)
            .trim_end()
            .to_owned()
    };
    let mut edges: Vec<String> = graph.edges.iter().map(edge).collect();
    edges.sort();
    edges
}

#[test]
fn services_show_where_routes_lead() {
    assert_eq!(edges(View::Services), ["reviews ..> archive falls back"]);
}

#[test]
fn calls_show_what_may_happen_and_what_is_said_to() {
    let edges = edges(View::Calls);
    assert!(edges.contains(&"page -> reviews".to_owned()), "{edges:?}");
    assert!(edges.contains(&"anyone => page".to_owned()), "{edges:?}");
    assert!(
        !edges.iter().any(|it| it.starts_with("archive -> reviews")),
        "{edges:?}"
    );
}

#[test]
fn trust_shows_accounts_and_open_doors() {
    let edges = edges(View::Trust);
    assert!(edges.contains(&"page -> page".to_owned()), "{edges:?}");
    assert!(
        edges.contains(&"anyone => page allowed".to_owned()),
        "{edges:?}"
    );
}

/// Whatever a mesh looks like: boxes do not touch, all is inside, and it is the same twice.
#[test]
fn drawings_are_sound_and_the_same_each_time() {
    for view in [View::Services, View::Calls, View::Trust] {
        let graph = graph(&mesh_of(SHOP), view);
        let sizes = vec![(80.0, 40.0); graph.nodes.len()];
        let drawing = layout::layout(&graph, &sizes);
        for (index, a) in drawing.boxes.iter().enumerate() {
            assert!(a.x >= 0.0 && a.y >= -0.01, "{a:?}");
            assert!(
                a.x + a.width <= drawing.width + 0.01 && a.y + a.height <= drawing.height + 0.01
            );
            for b in &drawing.boxes[index + 1..] {
                let apart = a.x + a.width <= b.x
                    || b.x + b.width <= a.x
                    || a.y + a.height <= b.y
                    || b.y + b.height <= a.y;
                assert!(apart, "{a:?} {b:?}");
            }
        }
        assert_eq!(svg(&graph), svg(&graph));
    }
}

#[test]
fn circles_and_selves_are_drawn() {
    let mut circle = Graph::new("a circle");
    let nodes: Vec<usize> = ["a", "b", "c", "d"]
        .map(|name| circle.node(Shape::Service, None, name))
        .to_vec();
    for (from, to) in [(0, 1), (1, 2), (2, 0), (3, 3), (0, 3), (2, 3)] {
        circle.edge(nodes[from], nodes[to], Line::Solid, "x");
    }
    let circle = circle.finished();
    let drawing = layout::layout(&circle, &[(60.0, 30.0); 4]);
    assert!(drawing.boxes.iter().all(|it| it.width > 0.0));
    assert!(svg(&circle).matches("marker-end").count() == 6);
}

#[test]
fn words_of_an_arrow_fit_between_its_boxes_and_stand_alone() {
    let mut doors = Graph::new("doors");
    let clients = doors.node(Shape::Outside, None, "clients");
    let edge = doors.node(Shape::Gateway, None, "edge");
    doors.edge(clients, edge, Line::Solid, "443 TLS");
    doors.edge(
        clients,
        edge,
        Line::Solid,
        "8443 mutual TLS, as the application speaks",
    );
    let doors = doors.finished();
    let [only] = doors.edges.as_slice() else {
        panic!("two arrows on one line: {:?}", doors.edges);
    };
    assert_eq!(
        only.label,
        "443 TLS, 8443 mutual TLS, as the application speaks"
    );
    let boxes = layout::layout(&doors, &[(60.0, 30.0); 2]).boxes;
    assert!(boxes[1].x - (boxes[0].x + boxes[0].width) > 51.0 * 6.0);
}

#[test]
fn labels_cannot_break_out() {
    let mut nasty = Graph::new("<a> & \"b\"");
    nasty.node(
        Shape::External,
        Some("n\"]"),
        "x\"]; y -> z; <script>`#35;`\\",
    );
    let nasty = nasty.finished();
    assert!(
        dot(&nasty).contains(r#"label="x\"]; y -> z; <script>`#35;`\\""#),
        "{}",
        dot(&nasty)
    );
    assert!(
        mermaid(&nasty).contains("x#quot;]; y -#gt; z; #lt;script#gt;"),
        "{}",
        mermaid(&nasty)
    );
    assert!(svg(&nasty).contains("&lt;script&gt;") && !svg(&nasty).contains("<script"));
}
