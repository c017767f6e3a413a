//! The algebra held to two oracles on small universes: a naive evaluation of each
//! rule, and `mesh-decide` itself. Random, with fixed seeds; a failing case prints
//! its seed. `MESH_ALGEBRA_ROUNDS` makes it longer.

mod decided;
mod draw;
mod held;
mod naive;
mod point;
mod written;

use mesh_ir::Protocol;

use super::{Bounds, Mode, RuleId, Set, Side, Space, SpaceBuilder, Undecided, Universe};
use decided::Judge;
pub(super) use draw::Draw;
pub(crate) use held::{path, regex, sets};
pub(super) use naive::takes;
pub(super) use written::{Request, Written, trust_domain};

/// Rounds of the short form, each with its own rules.
const ROUNDS: u64 = 150;
/// Requests asked about in a round.
const REQUESTS: usize = 350;

/// How many rounds, from the environment where somebody has time.
#[expect(
    clippy::disallowed_methods,
    reason = "a test may be asked for more than its short form"
)]
pub(super) fn rounds(short: u64) -> u64 {
    let written = std::env::var("MESH_ALGEBRA_ROUNDS").ok();
    written.and_then(|text| text.parse().ok()).unwrap_or(short)
}

fn space(rules: &[Written], encoded_slash: bool) -> Space {
    let bounds = Bounds::default();
    built(rules, encoded_slash, bounds).expect("small rules are decided")
}

fn built(rules: &[Written], encoded_slash: bool, bounds: Bounds) -> Result<Space, Undecided> {
    let identities = written::identities();
    let domain = trust_domain();
    let universe = Universe {
        side: Side::Callee,
        protocol: Protocol::Http,
        encoded_slash,
        hosts: &[],
        identities: &identities,
    };
    let mut builder = SpaceBuilder::new(universe, bounds);
    for rule in rules {
        builder.rule(rule.rule(&domain));
    }
    builder.build()
}

#[test]
fn a_request_is_in_a_set_exactly_where_mesh_decide_says_so() {
    let mut cases = 0;
    for seed in 0..rounds(ROUNDS) {
        let mut draw = Draw::new(seed);
        let encoded_slash = draw.one_in(3);
        let rules: Vec<Written> = (0..3).map(|_| Written::draw(&mut draw)).collect();
        let space = space(&rules, encoded_slash);
        let judges: Vec<Judge> = rules
            .iter()
            .map(|it| Judge::new(it, encoded_slash))
            .collect();
        let points = point::Points::new(&rules, &space);
        for _ in 0..REQUESTS {
            let request = Request::draw(&mut draw);
            for (index, judge) in judges.iter().enumerate() {
                let Some(decided) = judge.decides(&request) else {
                    continue;
                };
                cases += 1;
                let naive = takes(&rules[index], &request);
                let of = || format!("seed {seed}: {request:?}\n{:?}", rules[index]);
                assert_eq!(naive, decided, "naively, {}", of());
                let set = space.set(RuleId(index));
                assert_eq!(points.has(set, &request), decided, "in the space, {}", of());
            }
        }
    }
    assert!(cases > 670 * rounds(ROUNDS), "only {cases} cases");
}

/// Two rules, what an operation should make of them, and its result.
type Made = (&'static str, fn(bool, bool) -> bool, Set);

#[test]
fn every_witness_is_where_mesh_decide_puts_it() {
    for seed in 0..rounds(ROUNDS) {
        let mut draw = Draw::new(seed ^ 0xa11ce);
        let encoded_slash = draw.one_in(3);
        let rules: Vec<Written> = (0..2).map(|_| Written::draw(&mut draw)).collect();
        let space = space(&rules, encoded_slash);
        let judges: Vec<Judge> = rules
            .iter()
            .map(|it| Judge::new(it, encoded_slash))
            .collect();
        let (a, b) = (space.set(RuleId(0)), space.set(RuleId(1)));
        let made: [Made; 5] = [
            ("a", |a, _| a, a),
            ("a or b", |a, b| a || b, space.union(a, b).unwrap()),
            ("a and b", |a, b| a && b, space.intersect(a, b).unwrap()),
            ("a without b", |a, b| a && !b, space.subtract(a, b).unwrap()),
            ("not a", |a, _| !a, space.complement(a).unwrap()),
        ];
        for (name, expected, set) in made {
            let witness = space.witness(set);
            assert_eq!(witness.is_none(), space.is_empty(set));
            let Some(witness) = witness else { continue };
            let request = Request::from(&witness);
            let decided = judges.iter().map(|judge| {
                let found = judge.decides(&request);
                found.unwrap_or_else(|| panic!("seed {seed}, {name}: {request:?} is refused"))
            });
            let decided: Vec<bool> = decided.collect();
            let holds = expected(decided[0], decided[1]);
            assert!(holds, "seed {seed}, {name}: {request:?}\n{rules:?}");
        }
    }
}

#[test]
fn a_header_that_overrides_the_method_is_judged_in_every_reading() {
    for seed in 0..rounds(ROUNDS / 4) {
        let mut draw = Draw::new(seed ^ 0x0dd);
        let mut rule = Written::draw(&mut draw);
        rule.mode = Mode::Allow;
        rule.read_override(&mut draw);
        let rules = [rule];
        let space = space(&rules, false);
        let judge = Judge::new(&rules[0], false);
        let points = point::Points::new(&rules, &space);
        let admitted = space.in_every_reading(space.set(RuleId(0))).unwrap();
        for _ in 0..REQUESTS {
            let mut request = Request::draw(&mut draw);
            request.override_method(&mut draw);
            if request.target == "*" {
                continue;
            }
            let Some(decided) = judge.decides(&request) else {
                continue;
            };
            let found = points.has(admitted, &request);
            assert_eq!(found, decided, "seed {seed}: {request:?}\n{:?}", rules[0]);
        }
    }
}

#[test]
fn a_point_that_a_look_finds_is_where_the_space_has_it() {
    let domain = trust_domain();
    for seed in 0..rounds(ROUNDS) {
        let mut draw = Draw::new(seed ^ 0x9017);
        let rules: Vec<Written> = (0..2).map(|_| Written::draw(&mut draw)).collect();
        let [one, other] = [0, 1].map(|at: usize| rules[at].rule(&domain));
        let points = super::quick::Point::of(&one, Side::Callee);
        let looks: Vec<_> = points.iter().map(|point| point.is_in(&other)).collect();
        let space = space(&rules, false);
        let (one, other) = (space.set(RuleId(0)), space.set(RuleId(1)));
        let of = || format!("seed {seed}: {points:?}\n{rules:?}");
        assert!(points.is_empty() || !space.is_empty(one), "{}", of());
        if looks.contains(&Some(false)) {
            assert!(!space.contains(other, one).unwrap(), "{}", of());
        }
        if looks.contains(&Some(true)) {
            let both = space.intersect(one, other).unwrap();
            assert!(!space.is_empty(both), "{}", of());
        }
    }
}

/// What structure proves is so, where it is asked: of rules judged in the plain way,
/// and of one that closes and one that opens.
#[test]
fn what_structure_proves_is_so() {
    let domain = trust_domain();
    for seed in 0..rounds(ROUNDS) {
        let mut draw = Draw::new(seed ^ 0x57ac);
        let mut rules: Vec<Written> = (0..2).map(|_| Written::draw(&mut draw)).collect();
        let modes = draw.of(&[[Mode::Plain, Mode::Plain], [Mode::Deny, Mode::Allow]]);
        for (rule, mode) in rules.iter_mut().zip(modes) {
            (rule.mode, rule.hosts) = (mode, vec![]);
        }
        let set = |it: &Written| super::RuleSet::of(&it.from, &it.matches, &domain);
        let (wide, narrow) = (set(&rules[0]), set(&rules[1]));
        let apart = modes[0] == Mode::Plain && wide.is_disjoint(&narrow);
        if !apart && !wide.contains(&narrow) {
            continue;
        }
        let space = space(&rules, draw.one_in(2));
        let (a, b) = (space.set(RuleId(0)), space.set(RuleId(1)));
        if wide.contains(&narrow) {
            assert!(space.contains(a, b).unwrap(), "seed {seed}: {rules:?}");
        } else {
            let both = space.intersect(a, b).unwrap();
            assert!(space.is_empty(both), "seed {seed}: {rules:?}");
        }
    }
}
