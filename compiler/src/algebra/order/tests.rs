use mesh_ir::{Name, NamedValue, PathPattern, Protocol, RequestMatch, TrustDomain, ValueMatch};

use super::super::tests::{Draw, Request, Written, takes};
use super::super::{Mode, Side};
use super::*;

/// Where routes are decided.
fn universe() -> Universe<'static> {
    Universe {
        side: Side::Caller,
        protocol: Protocol::Http,
        encoded_slash: false,
        hosts: &[],
        identities: &[],
    }
}

/// Each rule: words, priority, outcome.
fn ordered(rules: &[(&str, i32, u8)]) -> Order {
    let ports = [Name::parse("http").unwrap()];
    let domain = TrustDomain::parse("a").unwrap();
    let matches: Vec<_> = rules.iter().map(|(text, ..)| [entry(text)]).collect();
    let ranked: Vec<Ranked<'_>> = rules
        .iter()
        .zip(&matches)
        .map(|((_, priority, _), matches)| Ranked {
            rule: Rule {
                from: &[],
                hosts: &[],
                matches,
                mode: Mode::Plain,
                trust_domain: &domain,
            },
            priority: *priority,
            ports: &ports,
        })
        .collect();
    order(&ranked, universe(), |a, b| rules[a].2 == rules[b].2)
}

/// Words: a path, `~` and a regex of paths, a method, or `name=value` for a header.
fn entry(text: &str) -> RequestMatch {
    let mut entry = RequestMatch::default();
    for word in text.split_whitespace() {
        if word.starts_with('/') {
            entry.paths.push(PathPattern::parse(word).unwrap());
        } else if let Some(regex) = word.strip_prefix('~') {
            entry.paths.push(PathPattern::Regex(regex.to_owned()));
        } else if let Some((name, value)) = word.split_once('=') {
            entry.headers.push(NamedValue {
                name: name.into(),
                value: ValueMatch::Exact(value.into()),
            });
        } else {
            entry.methods.push(word.into());
        }
    }
    entry
}

#[test]
fn the_more_specific_rule_is_deeper() {
    let order = ordered(&[("/**", 0, 1), ("/a/**", 0, 2), ("/a/b", 0, 3), ("/c", 0, 4)]);
    assert_eq!(order.depth, [0, 1, 2, 1]);
    assert_eq!(order.findings, []);
}

#[test]
fn regexes_are_compared_exactly() {
    let rules = [
        ("~/v[0-9]+/.*", 0, 1),
        ("~/v[12]/a", 0, 2),
        ("/v1/**", 0, 3),
        ("~/v1/a", 0, 3),
    ];
    let order = ordered(&rules);
    assert_eq!(order.depth[..2], [0, 1]);
    let example = |finding: &Finding| match finding {
        Finding::Conflict {
            first,
            second,
            example: Ok(example),
            ..
        } => Some((*first, *second, example.to_string())),
        _ => None,
    };
    let found: Vec<_> = order.findings.iter().map(example).collect();
    // `/v1` alone is in no regex, so the pattern is not contained.
    assert_eq!(found, [Some((0, 2, "GET /v1/".to_owned()))]);
}

#[test]
fn an_overlap_without_inclusion_is_a_conflict_with_a_request() {
    let order = ordered(&[("/a/**", 0, 1), ("user=jason", 0, 2)]);
    let [Finding::Conflict { example, equal, .. }] = &order.findings[..] else {
        panic!("{:?}", order.findings);
    };
    let example = example.as_ref().map(ToString::to_string);
    assert_eq!(example, Ok("GET /a with user: jason".to_owned()));
    assert!(!equal);
}

#[test]
fn a_rule_for_the_overlap_settles_it() {
    let rules = [
        ("/a/**", 0, 1),
        ("user=jason", 0, 2),
        ("/a/** user=jason", 0, 3),
    ];
    assert_eq!(ordered(&rules).findings, []);
}

#[test]
fn priority_settles_an_overlap_and_equal_outcomes_need_no_order() {
    assert_eq!(
        ordered(&[("/a/**", 0, 1), ("user=jason", 1, 2)]).findings,
        []
    );
    assert_eq!(
        ordered(&[("/a/**", 0, 1), ("user=jason", 0, 1)]).findings,
        []
    );
}

#[test]
fn the_same_requests_are_redundant_or_a_conflict() {
    let findings = ordered(&[("/a", 0, 1), ("~/a", 0, 1)]).findings;
    assert_eq!(
        findings,
        [Finding::Redundant {
            first: 0,
            second: 1
        }]
    );
    let findings = ordered(&[("/a", 0, 1), ("/a", 0, 2)]).findings;
    assert!(matches!(
        findings[..],
        [Finding::Conflict { equal: true, .. }]
    ));
}

#[test]
fn a_rule_below_a_higher_one_that_contains_it_is_dead() {
    let findings = ordered(&[("/a/**", 1, 1), ("/a/b", 0, 2)]).findings;
    assert_eq!(
        findings,
        [Finding::Dead {
            rule: 1,
            by: vec![0]
        }]
    );
}

#[test]
fn a_rule_whose_parts_are_all_taken_is_dead() {
    let rules = [("GET PUT /a", 0, 1), ("GET /a", 0, 2), ("PUT /a", 0, 3)];
    let findings = ordered(&rules).findings;
    let by = vec![1, 2];
    assert_eq!(findings, [Finding::Dead { rule: 0, by }]);
}

#[test]
fn a_rule_of_no_request_is_found() {
    let findings = ordered(&[("~a/b", 0, 1)]).findings;
    assert_eq!(findings, [Finding::Empty { rule: 0 }]);
}

/// Random rules, as routes are decided.
fn drawn(draw: &mut Draw) -> Vec<(Written, i32, usize)> {
    let count = 2 + draw.below(4);
    (0..count)
        .map(|_| {
            let mut rule = Written::draw(draw);
            rule.mode = Mode::Plain;
            rule.from.clear();
            rule.hosts.clear();
            rule.matches.truncate(1);
            let priority = i32::from(draw.one_in(4));
            (rule, priority, draw.below(2))
        })
        .collect()
}

/// By definition: of the rules that match and have the highest priority, one that all
/// others contain, or any where the outcomes are the same.
#[test]
fn the_first_rule_that_matches_is_the_one_that_decides_by_definition() {
    let ports = [Name::parse("http").unwrap()];
    let domain = super::super::tests::trust_domain();
    for seed in 0..super::super::tests::rounds(200) {
        let mut draw = Draw::new(seed ^ 0x0de6);
        let rules = drawn(&mut draw);
        let ranked: Vec<Ranked<'_>> = rules
            .iter()
            .map(|(rule, priority, _)| Ranked {
                rule: rule.rule(&domain),
                priority: *priority,
                ports: &ports,
            })
            .collect();
        let order = order(&ranked, universe(), |a, b| rules[a].2 == rules[b].2);
        let conflicts: Vec<(usize, usize)> = order.findings.iter().filter_map(pair).collect();
        let mut lowered: Vec<usize> = (0..rules.len()).collect();
        lowered.sort_by_key(|it| std::cmp::Reverse((rules[*it].1, order.depth[*it])));
        let requests: Vec<Request> = (0..200).map(|_| Request::draw(&mut draw)).collect();
        let requests: Vec<_> = requests.into_iter().filter(Request::is_plain).collect();
        let taken = |rule: usize| -> Vec<bool> {
            requests
                .iter()
                .map(|it| takes(&rules[rule].0, it))
                .collect()
        };
        let taken: Vec<Vec<bool>> = (0..rules.len()).map(taken).collect();
        for (at, request) in requests.iter().enumerate() {
            let matching: Vec<usize> = lowered
                .iter()
                .copied()
                .filter(|it| taken[*it][at])
                .collect();
            let Some(first) = matching.first().copied() else {
                continue;
            };
            let of = || format!("seed {seed}: {request:?}\n{rules:?}\n{order:?}");
            for other in &matching[1..] {
                let outranked = rules[first].1 > rules[*other].1;
                let same = rules[first].2 == rules[*other].2;
                let told = conflicts.contains(&(first.min(*other), first.max(*other)));
                // On the requests at hand, the first is inside the other.
                let inside = taken[first]
                    .iter()
                    .zip(&taken[*other])
                    .all(|(a, b)| !a || *b);
                assert!(outranked || same || told || inside, "{}", of());
            }
            for finding in &order.findings {
                match finding {
                    Finding::Dead { rule, .. } => assert_ne!(first, *rule, "{}", of()),
                    Finding::Empty { rule } => assert!(!taken[*rule][at], "{}", of()),
                    Finding::Redundant { first, second } => {
                        assert_eq!(taken[*first][at], taken[*second][at], "{}", of());
                    }
                    Finding::Conflict { .. } | Finding::Open { .. } => {}
                }
            }
        }
    }
}

fn pair(finding: &Finding) -> Option<(usize, usize)> {
    match finding {
        Finding::Conflict { first, second, .. } => Some((*first, *second)),
        _ => None,
    }
}

/// The precedence of Gateway API (HTTPRouteRule): an exact path, the longest path
/// prefix, a method, the most headers.
fn gateway_api(entry: &RequestMatch) -> (bool, usize, bool, usize) {
    let path = entry.paths.first().map(ToString::to_string);
    let path = path.unwrap_or_else(|| "/**".to_owned());
    let prefix = path.strip_suffix("/**");
    (
        prefix.is_none(),
        prefix.unwrap_or(&path).len(),
        !entry.methods.is_empty(),
        entry.headers.len(),
    )
}

#[test]
fn where_inclusion_decides_gateway_api_decides_alike() {
    let paths = ["", "/**", "/a", "/a/**", "/a/b", "/a/b/**", "/b/**"];
    let methods = ["", "GET", "PUT"];
    let headers = ["", "h=1", "h=2", "h=1 i=1"];
    let mut compared = 0;
    for seed in 0..super::super::tests::rounds(2000) {
        let mut draw = Draw::new(seed ^ 0x9a7e);
        let mut rule = || [draw.of(&paths), draw.of(&methods), draw.of(&headers)].join(" ");
        let (one, other) = (rule(), rule());
        let order = ordered(&[(&one, 0, 1), (&other, 0, 2)]);
        let (inner, outer) = match order.depth[..] {
            [1, 0] => (&one, &other),
            [0, 1] => (&other, &one),
            _ => continue,
        };
        compared += 1;
        let first = gateway_api(&entry(inner)) > gateway_api(&entry(outer));
        // An empty path and `/**` differ for us by `OPTIONS *`, which Gateway API has not.
        let same = gateway_api(&entry(inner)) == gateway_api(&entry(outer));
        assert!(first || same, "seed {seed}: {inner} inside {outer}");
    }
    assert!(compared > 100, "{compared}");
}
