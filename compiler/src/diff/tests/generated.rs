use std::collections::BTreeSet;

use mesh_ir::{Mesh, Name, ServiceRef, SpiffeId, Subject};

use super::super::words;
use super::*;
use crate::simulate::{Head, Message, Outcome, Question, Simulator, Verdict};

/// Xorshift: the same numbers for the same seed, everywhere.
pub(super) struct Draw(pub(super) u64);

impl Draw {
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % count
    }

    pub(super) fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    pub(super) fn often(&mut self) -> bool {
        self.below(3) > 0
    }
}

const FROM: [&str; 5] = [
    "{service: page}",
    "{service: other}",
    "{namespace: shop}",
    "{authenticated: true, not: [{service: page}]}",
    "{authenticated: true}",
];

pub(super) fn matching(draw: &mut Draw) -> String {
    let mut fields = vec![];
    if draw.often() {
        let paths = [
            "/a",
            "/a/*",
            "/a/**",
            "/b",
            "/**",
            "/a/",
            "{regex: '/a[bx]?'}",
            "/a/x",
        ];
        fields.push(format!("paths: [{}]", draw.one(&paths)));
    }
    if draw.often() {
        let methods = ["GET", "POST", "GET, POST", "DELETE", "HEAD"];
        fields.push(format!("methods: [{}]", draw.one(&methods)));
    }
    if !draw.often() {
        let values = ["'1'", "{present: true}", "{present: false}", "{prefix: a}"];
        fields.push(format!("headers: {{x-a: {}}}", draw.one(&values)));
    }
    if !draw.often() {
        fields.push(format!(
            "query: {{q: {}}}",
            draw.one(&["'1'", "{present: true}"])
        ));
    }
    if !draw.often() {
        fields.push("not: [{paths: [/a/x]}]".to_owned());
    }
    if fields.is_empty() {
        fields.push("paths: [/**]".to_owned());
    }
    format!("{{{}}}", fields.join(", "))
}

fn access(draw: &mut Draw, name: &str) -> String {
    let entry = |draw: &mut Draw| {
        let from = draw.one(&FROM);
        format!("{{from: [{from}], match: [{}]}}", matching(draw))
    };
    let mut lists = vec![format!("allow: [{}, {}]", entry(draw), entry(draw))];
    if draw.often() {
        lists.push(format!("deny: [{}]", entry(draw)));
    }
    if !draw.often() {
        lists.push(format!("audit: [{}]", entry(draw)));
    }
    if !draw.often() {
        lists.push("shadow: true".to_owned());
    }
    format!(
        "kind: Access\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{service: reviews, {}}}\n---\n",
        lists.join(", ")
    )
}

fn limit(draw: &mut Draw) -> String {
    let rate = draw.one(&["10/s", "20/s", "600/m"]);
    let shadow = draw.one(&["true", "false"]);
    let from = draw.one(&FROM);
    format!(
        "kind: RateLimit\nmetadata: {{name: l, namespace: shop}}\nspec: {{service: reviews, limits: [{{from: [{from}], match: [{}], rate: {rate}, shadow: {shadow}}}]}}\n---\n",
        matching(draw)
    )
}

fn route(draw: &mut Draw) -> String {
    let rule = |draw: &mut Draw, priority: usize| {
        let to = draw.one(&[
            "to: [{version: v1}]",
            "to: [{version: v1, weight: 1}, {version: v2, weight: 3}]",
            "to: [{service: ratings}], timeout: 1s",
            "to: [{version: v2}], timeout: 2s",
            "respond: {status: 200, body: ok}",
            "to: [{version: v2}], rewrite: {path: /b}",
        ]);
        let matching = matching(draw);
        format!("{{priority: {priority}, match: [{matching}], {to}}}")
    };
    let rules: Vec<_> = (0..=draw.below(3)).map(|it| rule(draw, it)).collect();
    format!(
        "kind: Route\nmetadata: {{name: r, namespace: shop}}\nspec: {{service: reviews, rules: [{}]}}\n---\n",
        rules.join(", ")
    )
}

/// The documents of a repository, some of them as another repository has them.
fn repository(draw: &mut Draw, like: Option<&[String]>) -> Vec<String> {
    let mut documents = vec![
        access(draw, "one"),
        access(draw, "two"),
        limit(draw),
        route(draw),
    ];
    for (at, document) in documents.iter_mut().enumerate() {
        if let Some(like) = like
            && draw.often()
        {
            document.clone_from(&like[at]);
        }
    }
    documents
}

pub(super) fn request(draw: &mut Draw) -> Head {
    let paths = [
        "/a", "/a/", "/a/x", "/A", "/a//x", "/a;p/x", "/b", "/c", "/a/x/y", "/ab", "/", "/a/%78",
    ];
    let mut target = draw.one(&paths).to_owned();
    target.push_str(draw.one(&["", "", "?q=1", "?q=2", "?q=2&q=1"]));
    let mut headers = vec![("host".to_owned(), b"reviews.shop".to_vec())];
    match draw.below(4) {
        0 => headers.push(("x-a".to_owned(), b"1".to_vec())),
        1 => headers.push(("x-a".to_owned(), b"ab".to_vec())),
        _ => {}
    }
    let method = draw.one(&["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]);
    Head {
        method: method.as_bytes().to_vec(),
        target: target.into_bytes(),
        headers,
    }
}

/// What is compared of a verdict of the callee.
#[derive(Debug, PartialEq, Eq)]
struct Received {
    admitted: bool,
    limits: BTreeSet<String>,
    tried_limits: BTreeSet<String>,
    noted: bool,
    shadow: &'static str,
}

fn received(mesh: &Mesh, verdict: &Verdict) -> Received {
    let admitted = verdict.outcome == Outcome::Forward;
    let all = mesh.limits.values();
    let all = all.flat_map(|it| it.limits.iter());
    let counting = |shadow: bool| {
        let counts = all.clone().filter(|it| {
            let lines = verdict.limits.iter().map(|it| it.line);
            admitted && it.shadow == shadow && lines.into_iter().any(|line| line == it.origin.line)
        });
        counts.map(|it| words::limit(it, None)).collect()
    };
    let shadow = verdict.shadow.as_ref().map_or(admitted, |it| it.allows);
    Received {
        admitted,
        limits: counting(false),
        tried_limits: counting(true),
        noted: !verdict.audited.is_empty(),
        shadow: match (admitted, shadow) {
            (true, false) => "would be refused",
            (false, true) => "would be let in",
            _ => "as enforced",
        },
    }
}

/// Where the caller's own proxy sends a request.
fn sent(simulator: &Simulator<'_>, verdict: &Verdict) -> String {
    let rule = verdict.rules.first().or(verdict.rule.as_ref());
    let rule = rule.and_then(|report| simulator.route_rule(report));
    let Some(rule) = rule else {
        return match verdict.outcome {
            Outcome::NoRoute | Outcome::NotVisible => verdict.outcome.to_string(),
            _ => "to every version".to_owned(),
        };
    };
    let time = match &rule.action {
        mesh_ir::Action::Forward(it) => words::bound(it.timeout),
        _ => String::new(),
    };
    // Ratings are in nobody's view.
    let is_seen = |it: &mesh_ir::BackendTarget| !matches!(it, mesh_ir::BackendTarget::Other { .. });
    format!("{}, timeout {time}", words::action(rule, is_seen))
}

struct Pair<'m> {
    meshes: [&'m Mesh; 2],
    simulators: [Simulator<'m>; 2],
    found: Diff,
}

impl Pair<'_> {
    fn has(&self, kinds: &[ChangeKind]) -> bool {
        let mut changes = self.found.changes.iter();
        changes.any(|it| kinds.contains(&it.kind) && it.to == "reviews.shop")
    }

    /// What differs of a request that no change is reported of.
    fn unreported(&self, identity: &SpiffeId, head: &Head) -> Option<String> {
        use ChangeKind::{Audited, Closed, Opened, Relimited, Rerouted, Retimed, Shadowed};
        let reviews = ServiceRef {
            namespace: Name::parse("shop").unwrap(),
            name: Name::parse("reviews").unwrap(),
        };
        let port = Name::parse("http").unwrap();
        let ask = |simulator: &Simulator<'_>| {
            let caller = simulator.caller(identity.clone());
            let message = Message::Request(head.clone());
            let question = Question::new(caller, message, NOW);
            let arrives = simulator.received(Subject::Service(&reviews), &port, &question);
            (arrives.unwrap(), simulator.ask(&question).unwrap())
        };
        let [(old, old_course), (new, new_course)] = [0, 1].map(|at| ask(&self.simulators[at]));
        if old.outcome == Outcome::BadRequest || new.outcome == Outcome::BadRequest {
            return None;
        }
        let (before, after) = (
            received(self.meshes[0], &old),
            received(self.meshes[1], &new),
        );
        let admitted = (before.admitted, after.admitted);
        let missing = match admitted {
            (false, true) => !self.has(&[Opened]),
            (true, false) => !self.has(&[Closed]),
            (true, true) => {
                (before.limits != after.limits && !self.has(&[Relimited]))
                    || (before.tried_limits != after.tried_limits && !self.has(&[Shadowed]))
            }
            (false, false) => false,
        };
        let missing = missing
            || (before.noted != after.noted && !self.has(&[Audited]))
            || (before.shadow != after.shadow && !self.has(&[Shadowed]));
        let sees = |verdict: &Verdict| verdict.outcome != Outcome::NotVisible;
        let ways = [
            sent(&self.simulators[0], &old_course),
            sent(&self.simulators[1], &new_course),
        ];
        let both_see = sees(&old_course) && sees(&new_course);
        let routed =
            both_see && ways[0] != ways[1] && !self.has(&[Rerouted, Retimed, Opened, Closed]);
        (missing || routed).then(|| format!("{before:?}\n{after:?}\n{ways:?}"))
    }
}

#[test]
fn what_is_not_reported_does_not_differ() {
    let contract = serde_json::from_str(include_str!("../diff.schema.json")).unwrap();
    let contract = jsonschema::validator_for(&contract).unwrap();
    let (mut compiled, mut changed, mut asked) = (0, 0, 0);
    for seed in 1..=150_u64 {
        let mut draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let before = repository(&mut draw, None);
        let after = repository(&mut draw, Some(&before));
        let texts = [&before, &after].map(|it| format!("{SHOP}{}", it.concat()));
        let (Ok(base), Ok(head)) = (mesh(&texts[0]), mesh(&texts[1])) else {
            continue;
        };
        compiled += 1;
        let found = diff(&base, &head, NOW);
        assert_eq!(found.undecided, [], "seed {seed}: {:#?}", said(&found));
        changed += found.changes.len();
        let json = serde_json::to_value(&found).unwrap();
        assert!(contract.is_valid(&json), "{json:#}");
        let pair = Pair {
            meshes: [&base, &head],
            simulators: [Simulator::new(&base), Simulator::new(&head)],
            found,
        };
        for _ in 0..160 {
            let identity = draw.one(&["page", "other", "reviews", "ratings"]);
            let identity = format!("spiffe://test.example/ns/shop/sa/{identity}");
            let identity = SpiffeId::parse(&identity).unwrap();
            let head = request(&mut draw);
            asked += 1;
            if let Some(what) = pair.unreported(&identity, &head) {
                let target = String::from_utf8_lossy(&head.target).into_owned();
                panic!(
                    "seed {seed}: {identity} {target} {:?} {:?}\n{what}\n{:#?}\n{}\n{}",
                    String::from_utf8_lossy(&head.method),
                    head.headers,
                    said(&pair.found),
                    texts[0],
                    texts[1],
                );
            }
        }
    }
    assert!(compiled >= 60, "{compiled} pairs of repositories compile");
    assert!(changed >= 200, "{changed} changes");
    assert!(asked >= 10_000, "{asked} requests");
}
