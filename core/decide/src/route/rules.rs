use std::time::Duration;

use crate::draw::Draw;
use crate::matching::Subject;
use crate::mode::Mode;
use crate::observe::{Found, Observer, Step, What, Why};
use crate::rule::RuleIndex;
use crate::tables::{BackendChoice, ForwardTable, OutboundPort, RouteEntry};
use crate::template::{Captured, Template};
use crate::verdict::{Reason, Refusal};

/// The first rule that matches.
pub(super) fn find<'t, O: Observer>(
    port: &'t OutboundPort,
    subject: &Subject<'_>,
    observer: &mut O,
) -> Option<&'t RouteEntry> {
    for entry in &port.entries {
        let checked = if entry.is_for_us {
            entry.requests.check(subject, Mode::Plain)
        } else {
            Err(Why::Caller)
        };
        observer.step(Step {
            what: What::Rule,
            found: checked.map_or_else(Found::Misses, |()| Found::Matches),
            rule: Some(entry.rule),
        });
        if checked.is_ok() {
            return Some(entry);
        }
    }
    None
}

/// 404, naming the first `Route` about the port.
pub(super) fn no_route(document: RuleIndex) -> Refusal {
    let detail = "no rule of the service's routes matches";
    Refusal::plain(404, Reason::NoRoute, detail).by(document)
}

/// What the matched path stands for, where somebody wants to know.
pub(super) fn captured<'a>(
    entry: &'a RouteEntry,
    path: &'a [u8],
    subject: &Subject<'a>,
) -> Captured<'a> {
    Captured {
        pattern: entry
            .reads_captures
            .then(|| entry.requests.matched_path(subject))
            .flatten(),
        path,
        reading: subject.readings.first().map_or(&[], |it| it),
    }
}

/// The path that a template makes.
pub(super) fn expanded(template: Option<&Template>, captured: &Captured<'_>) -> Option<Vec<u8>> {
    template.map(|template| template.expand(captured))
}

/// The backend at the drawn place in the sum of weights.
pub(super) fn choose(forward: &ForwardTable, draw: Draw) -> &BackendChoice {
    let mut point = draw.below(forward.total);
    for backend in &forward.backends {
        match point.checked_sub(u64::from(backend.weight)) {
            Some(left) => point = left,
            None => return backend,
        }
    }
    forward
        .backends
        .last()
        .expect("a rule has a backend with a weight")
}

/// The tighter of two bounds; `None` is no bound.
pub(super) fn shorter(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
