use std::time::Duration;

use crate::callers::Asking;
use crate::draw::Draw;
use crate::matching::Subject;
use crate::mode::Mode;
use crate::observe::{Found, Observer, Step, What, Why};
use crate::rule::RuleIndex;
use crate::tables::{
    Announced, BackendChoice, ForwardTable, OutboundPort, RouteEntry, RouteFrom, is_about_host,
};
use crate::template::{Captured, Template};
use crate::verdict::{Preflight, Reason, Refusal};

/// What a rule is tested on.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) subject: Subject<'a>,
    /// The server name of a connection that has one.
    pub(super) host: Option<&'a str>,
    /// A gateway's client.
    pub(super) asking: Asking<'a>,
}

/// The position of the first rule that matches.
pub(super) fn find<O: Observer>(
    port: &OutboundPort,
    asked: &Asked<'_>,
    observer: &mut O,
) -> Option<usize> {
    for (at, entry) in port.entries.iter().enumerate() {
        let checked = check(entry, asked);
        observer.step(Step {
            what: What::Rule,
            found: checked.map_or_else(Found::Misses, |()| Found::Matches),
            rule: Some(entry.rule),
        });
        if checked.is_ok() {
            return Some(at);
        }
    }
    None
}

/// The answer to a preflight, where the rule that the announced request would take has
/// `cors`, whoever asks.
pub(super) fn preflight(
    port: &OutboundPort,
    announced: &Announced,
    asked: &Asked<'_>,
) -> Option<Preflight> {
    let subject = Subject {
        method: &announced.method,
        ..asked.subject
    };
    let takes = |entry: &&RouteEntry| {
        is_about_host(&entry.hosts, asked.host)
            && entry.requests.check(&subject, Mode::Plain).is_ok()
    };
    let entry = port.entries.iter().find(takes)?;
    let answer = entry.cors.as_ref()?.preflight(announced, subject.headers);
    Some(Preflight {
        rule: entry.rule,
        status: if answer.is_some() { 204 } else { 403 },
        headers: answer.unwrap_or_default(),
    })
}

fn check(entry: &RouteEntry, asked: &Asked<'_>) -> Result<(), Why> {
    if !is_about_host(&entry.hosts, asked.host) {
        return Err(Why::Host);
    }
    let is_meant = match &entry.from {
        RouteFrom::Us(us) => *us,
        RouteFrom::Clients(callers) => callers.mean(&asked.asking, Mode::Plain),
    };
    if !is_meant {
        return Err(Why::Caller);
    }
    entry.requests.check(&asked.subject, Mode::Plain)
}

/// 404, naming the first `Route` about the port.
pub(super) fn no_route(document: RuleIndex) -> Refusal {
    let detail = "no rule of the service's routes matches";
    Refusal::plain(404, Reason::NoRoute, detail).by(document)
}

/// 404 at a listener that no route of its gateway is about.
pub(super) fn no_listener_route(gateway: RuleIndex) -> Refusal {
    let detail = "no route of the gateway is about the listener";
    Refusal::plain(404, Reason::NoRoute, detail).by(gateway)
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
