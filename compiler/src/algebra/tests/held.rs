//! What bytes that somebody chose are held to.

use mesh_ir::{NamedValue, PathPattern, RequestMatch, ValueMatch};

use super::super::text::covers;
use super::super::{Bounds, Mode, RuleId, Space, Undecided};
use super::decided::Judge;
use super::draw::Draw;
use super::written::{self, Request, Written};
use super::{naive, point};

/// Small, so that many inputs are judged.
const BOUNDS: Bounds = Bounds {
    states: 1000,
    atoms: 128,
    nodes: 4000,
};

/// Bytes of an automaton: small for the same reason.
const AUTOMATON: usize = 64 * 1024;

/// Bytes choose two rules and some requests: every set has exactly the requests that
/// `mesh-decide` and a naive evaluation put there, laws hold, and a witness is inside.
pub(crate) fn sets(bytes: &[u8]) {
    // What takes more than the bounds is passed over.
    decided(&mut Draw::of_bytes(bytes)).ok();
}

fn decided(draw: &mut Draw) -> Result<(), Undecided> {
    let (encoded_slash, are_sampled) = (draw.one_in(3), draw.one_in(4));
    let rules: Vec<Written> = (0..2).map(|_| Written::draw(draw)).collect();
    let space = super::built(&rules, encoded_slash, BOUNDS)?;
    laws(&space)?;
    let judges: Vec<Judge> = rules
        .iter()
        .map(|it| Judge::new(it, encoded_slash))
        .collect();
    let (a, b) = (space.set(RuleId(0)), space.set(RuleId(1)));
    let both = space.intersect(a, b)?;
    let (first, second) = (space.subtract(a, b)?, space.subtract(b, a)?);
    for (set, expected) in [
        (both, [true, true]),
        (first, [true, false]),
        (second, [false, true]),
    ] {
        let Some(witness) = space.witness(set) else {
            assert!(space.is_empty(set));
            continue;
        };
        let request = Request::from(&witness);
        for (index, expected) in expected.into_iter().enumerate() {
            let decided = judges[index].decides(&request);
            assert_eq!(decided, Some(expected), "{request:?}\n{:?}", rules[index]);
            assert_eq!(naive::takes(&rules[index], &request), expected);
        }
    }
    if !are_sampled {
        return Ok(());
    }
    let points = point::Points::new(&rules, &space);
    for _ in 0..4 {
        if !draw.has_more() {
            break;
        }
        let request = Request::draw(draw);
        for (index, judge) in judges.iter().enumerate() {
            let Some(decided) = judge.decides(&request) else {
                continue;
            };
            let rule = &rules[index];
            assert_eq!(
                naive::takes(rule, &request),
                decided,
                "{request:?}\n{rule:?}"
            );
            let set = space.set(RuleId(index));
            assert_eq!(points.has(set, &request), decided, "{request:?}\n{rule:?}");
        }
    }
    Ok(())
}

/// Sets are equal exactly where their handles are.
fn laws(space: &Space) -> Result<(), Undecided> {
    let (a, b) = (space.set(RuleId(0)), space.set(RuleId(1)));
    let (union, both) = (space.union(a, b)?, space.intersect(a, b)?);
    let (first, not_a) = (space.subtract(a, b)?, space.complement(a)?);
    assert_eq!(space.union(first, both)?, a, "A\\B ∪ A∩B = A");
    assert_eq!(space.union(first, b)?, union, "A\\B ∪ B = A∪B");
    assert_eq!(space.union(a, not_a)?, space.everything());
    assert_eq!(space.complement(not_a)?, a, "not not A = A");
    let not_b = space.complement(b)?;
    assert_eq!(space.intersect(a, not_b)?, first, "A∩not B = A\\B");
    let not_union = space.complement(union)?;
    assert_eq!(space.intersect(not_a, not_b)?, not_union, "De Morgan");
    assert!(space.contains(union, both)?);
    assert_eq!(space.contains(b, a)?, space.is_empty(first));
    Ok(())
}

/// A path pattern takes a path exactly where a naive reading says so, in each mode;
/// and the witness of its set is a path that it takes.
pub(crate) fn path(pattern: &PathPattern, target: &str) {
    for mode in [Mode::Plain, Mode::Allow, Mode::Deny] {
        let rule = of_request(
            mode,
            RequestMatch {
                paths: vec![pattern.clone()],
                ..RequestMatch::default()
            },
        );
        let judge = Judge::new(&rule, true);
        let mut request = request();
        target.clone_into(&mut request.target);
        if let Some(decided) = judge.decides(&request) {
            assert_eq!(naive::takes(&rule, &request), decided, "{mode:?}: {target}");
        }
    }
}

/// The automaton of a regex covers a text exactly where `mesh-decide` takes it, as it is
/// or as what closes reads it; what is a regex to `mesh-decide` is one to the automaton.
pub(crate) fn regex(pattern: &str, text: &[u8], closes: bool) {
    let mode = if closes { Mode::Deny } else { Mode::Plain };
    let condition = NamedValue {
        name: "h".into(),
        value: ValueMatch::Regex(pattern.to_owned()),
    };
    let rule = of_request(
        mode,
        RequestMatch {
            headers: vec![condition],
            ..RequestMatch::default()
        },
    );
    let mut request = request();
    request.headers.push(("h".into(), text.to_vec()));
    let judge = Judge::of(&rule, false);
    match (covers(AUTOMATON, pattern, closes, text), judge) {
        (Ok(covers), Some(judge)) => {
            let decided = judge.decides(&request);
            assert_eq!(decided, Some(covers), "{mode:?}: `{pattern}` on {text:?}");
        }
        (_, None) | (Err(Undecided::Regex(_)), Some(_)) => {}
        (Err(other), Some(_)) => panic!("`{pattern}` is decided: {other}"),
    }
}

fn of_request(mode: Mode, entry: RequestMatch) -> Written {
    Written {
        from: vec![],
        hosts: vec![],
        matches: vec![entry],
        mode,
    }
}

fn request() -> Request {
    Request {
        identity: written::identities().pop(),
        address: Some([10, 0, 0, 1].into()),
        method: "GET".into(),
        host: "a.shop".into(),
        target: "/".into(),
        headers: vec![],
    }
}
