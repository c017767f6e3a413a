//! The same as for one service, for a service that asks for tokens, a gateway and a port
//! of bytes.

use mesh_ir::{Mesh, Name, ObjectRef, ServiceRef, SpiffeId, Subject};
use serde_json::json;

use super::generated::{Draw, matching, request};
use super::*;
use crate::simulate::{Caller, Head, Message, Outcome, Question, Simulator, Token};

const PLACES: &str = "kind: TokenIssuer
metadata: {name: corp, namespace: shop}
spec: {issuer: 'https://corp.example', audiences: [a], keys: {url: 'https://corp.example/keys'}}
---
kind: ExternalService
metadata: {name: keys, namespace: shop}
spec: {hosts: [corp.example], ports: {https: {port: 443, protocol: http}}, tls: {}}
---
kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: {tcp: 5432}}
---
";

fn caller(draw: &mut Draw) -> &'static str {
    draw.one(&[
        "{service: page}",
        "{service: other}",
        "{namespace: shop, token: {issuer: corp, claims: {role: admin}}}",
        "{service: page, token: {issuer: corp, claims: {role: [admin, user]}}}",
        "{authenticated: true, not: [{service: other}]}",
        "{gateway: edge}",
    ])
}

fn documents(draw: &mut Draw, like: Option<&[String]>) -> Vec<String> {
    let entry =
        |draw: &mut Draw| format!("{{from: [{}], match: [{}]}}", caller(draw), matching(draw));
    let reviews = format!(
        "kind: Access\nmetadata: {{name: reviews, namespace: shop}}\nspec: {{service: reviews, allow: [{}, {}], deny: [{}]}}\n---\n",
        entry(draw),
        entry(draw),
        entry(draw)
    );
    let from = [
        "{service: page}",
        "{namespace: shop}",
        "{authenticated: true}",
    ];
    let (allow, deny) = (
        draw.one(&from),
        draw.one(&["{service: other}", "{service: page}"]),
    );
    let db = format!(
        "kind: Access\nmetadata: {{name: db, namespace: shop}}\nspec: {{service: db, allow: [{{from: [{allow}]}}], deny: [{{from: [{deny}]}}]}}\n---\n"
    );
    let host = draw.one(&["a.example.com", "'*.example.com'", "b.example.com"]);
    let edge = format!(
        "kind: Gateway\nmetadata: {{name: edge, namespace: shop}}\nspec: {{listeners: [{{name: web, port: 80, hosts: [{host}]}}]}}\n---\n"
    );
    let outside = format!(
        "kind: Access\nmetadata: {{name: edge, namespace: shop}}\nspec: {{gateway: edge, allow: [{{from: [{{anyone: true, reason: public}}], match: [{}]}}]}}\n---\n",
        matching(draw)
    );
    let to = draw.one(&[
        "to: [{service: reviews}]",
        "respond: {status: 204}",
        "to: [{service: reviews}], timeout: 1s",
    ]);
    let routes = format!(
        "kind: Route\nmetadata: {{name: edge, namespace: shop}}\nspec: {{gateway: edge, hosts: ['*.example.com'], rules: [{{match: [{}], {to}}}]}}\n---\n",
        matching(draw)
    );
    let mut all = vec![reviews, db, edge, outside, routes];
    for (at, document) in all.iter_mut().enumerate() {
        if let Some(like) = like
            && draw.often()
        {
            document.clone_from(&like[at]);
        }
    }
    all
}

fn reference(name: &str) -> ServiceRef {
    ServiceRef {
        namespace: Name::parse("shop").unwrap(),
        name: Name::parse(name).unwrap(),
    }
}

/// A drawn question: what is called, its port, and what is asked there.
fn question(draw: &mut Draw) -> (&'static str, &'static str, Question) {
    let mut head: Head = request(draw);
    let place = draw.below(3);
    let host = draw.one(&["a.example.com", "b.example.com"]);
    if place == 1 {
        head.headers[0].1 = host.as_bytes().to_vec();
    }
    let connection = Message::Connection {
        service: reference("db"),
        port: 5432,
        server_name: None,
    };
    let (to, port, message) = match place {
        0 => ("reviews", "http", Message::Request(head)),
        1 => ("edge", "web", Message::Request(head)),
        _ => ("db", "tcp", connection),
    };
    let mut question = Question::new(Caller::outside(), message, NOW);
    let role = draw.one(&["", "", "admin", "user", "guest"]);
    if !role.is_empty() {
        let claims = json!({ "role": role });
        question.tokens.push(Token {
            issuer: None,
            claims: claims.as_object().unwrap().clone(),
        });
    }
    (to, port, question)
}

/// Whether it is let in, whether it is answered 400, and where a gateway sends it.
fn outcome(
    mesh: &Mesh,
    identity: &SpiffeId,
    (to, port, asked): (&str, &str, &Question),
) -> [String; 2] {
    let simulator = Simulator::new(mesh);
    let mut question = asked.clone();
    let service = reference(to);
    let gateway = ObjectRef {
        namespace: service.namespace.clone(),
        name: service.name.clone(),
    };
    let subject = if to == "edge" {
        Subject::Gateway(&gateway)
    } else {
        question.from = simulator.caller(identity.clone());
        Subject::Service(&service)
    };
    let port = Name::parse(port).unwrap();
    let received = simulator.received(subject, &port, &question);
    let admitted = match received {
        Ok(verdict) if verdict.outcome == Outcome::BadRequest => "400",
        Ok(verdict) if verdict.outcome == Outcome::Forward => "in",
        _ => "out",
    };
    let sent = if to == "edge" && admitted == "in" {
        let rules = simulator.ask(&question).map(|verdict| {
            let rule = verdict.rules.first().or(verdict.rule.as_ref());
            rule.and_then(|it| simulator.route_rule(it))
                .map(|rule| super::super::words::action(rule, |_| true))
        });
        format!("{rules:?}")
    } else {
        String::new()
    };
    [admitted.to_owned(), sent]
}

#[test]
fn nothing_differs_unreported_behind_tokens_gateways_and_ports_of_bytes() {
    let (mut compiled, mut changed, mut asked) = (0, 0, 0);
    for seed in 1..=120_u64 {
        let mut draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let before = documents(&mut draw, None);
        let after = documents(&mut draw, Some(&before));
        let texts = [&before, &after].map(|it| format!("{SHOP}{PLACES}{}", it.concat()));
        let (Ok(base), Ok(head)) = (mesh(&texts[0]), mesh(&texts[1])) else {
            continue;
        };
        compiled += 1;
        let found = diff(&base, &head, NOW);
        assert_eq!(
            found.undecided,
            [],
            "seed {seed}: {:#?}\n{}\n{}",
            said(&found),
            texts[0],
            texts[1]
        );
        changed += found.changes.len();
        for _ in 0..40 {
            let identity = draw.one(&["page", "other", "ratings", "edge"]);
            let identity =
                SpiffeId::parse(&format!("spiffe://test.example/ns/shop/sa/{identity}")).unwrap();
            let (to, port, question) = question(&mut draw);
            let [old, new] =
                [&base, &head].map(|mesh| outcome(mesh, &identity, (to, port, &question)));
            asked += 1;
            if old[0] == "400" || new[0] == "400" || old == new {
                continue;
            }
            let kinds: &[ChangeKind] = match (old[0].as_str(), new[0].as_str()) {
                ("out", _) => &[ChangeKind::Opened],
                (_, "out") => &[ChangeKind::Closed],
                _ => &[ChangeKind::Rerouted, ChangeKind::Opened, ChangeKind::Closed],
            };
            let to = format!("{to}.shop");
            let mut changes = found.changes.iter();
            assert!(
                changes.any(|it| kinds.contains(&it.kind) && it.to == to),
                "seed {seed}: {identity} {question:?}\n{old:?} {new:?}\n{:#?}\n{}\n{}",
                said(&found),
                texts[0],
                texts[1]
            );
        }
    }
    assert!(compiled >= 40, "{compiled} pairs of repositories compile");
    assert!(changed >= 60, "{changed} changes");
    assert!(asked >= 1_600, "{asked} requests");
}
