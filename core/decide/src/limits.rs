use smallvec::SmallVec;

use crate::access::Scene;
use crate::buckets::{Demand, Level, charge};
use crate::callers::Asking;
use crate::index::LimitIndex;
use crate::keys::{KeyBytes, key_bytes};
use crate::mode::Mode;
use crate::observe::{Found, Observer, Step, What, Why};
use crate::request::Moment;
use crate::rule::RuleIndex;
use crate::state::State;
use crate::tables::{LimitTable, Tables};
use crate::template::Captured;
use crate::verdict::{LimitStatus, Reason, Refusal};

/// What the limits of a port leave.
#[derive(Debug, Default)]
pub(crate) struct Charged {
    /// The enforced one with the least room left.
    pub(crate) tightest: Option<LimitStatus>,
    /// Shadow limits without room.
    pub(crate) shadow_limited: SmallVec<[RuleIndex; 2]>,
}

/// Charges every limit that matches, or refuses and charges none.
///
/// `path` is the path as received, empty for a connection.
pub(crate) fn limit<O: Observer>(
    tables: &Tables,
    state: &State,
    limits: &[LimitIndex],
    (scene, path): (&Scene<'_>, &[u8]),
    moment: Moment,
    observer: &mut O,
) -> Result<Charged, Box<Refusal>> {
    let mut matching: SmallVec<[&LimitTable; 4]> = SmallVec::new();
    let mut demands: SmallVec<[Demand<'_>; 4]> = SmallVec::new();
    for index in limits {
        let limit = tables.limit(*index);
        if let Err(why) = check(tables, limit, scene) {
            observer.step(step(limit, Found::Misses(why)));
            continue;
        }
        matching.push(limit);
        demands.push(Demand {
            buckets: state.buckets(*index),
            key: state.hash(&key(limit, scene, path)),
            enforced: !limit.shadow,
        });
    }
    if demands.is_empty() {
        return Ok(Charged::default());
    }
    let levels = charge(&demands, moment.now);
    settle(&matching, &levels, observer)
}

fn check(tables: &Tables, limit: &LimitTable, scene: &Scene<'_>) -> Result<(), Why> {
    let asking = Asking::of(scene.caller, &tables.settings().trust_domain);
    if !limit.speaks_of(scene.host) {
        return Err(Why::Host);
    }
    if !limit.from.mean(&asking, Mode::Plain) {
        return Err(Why::Caller);
    }
    limit.requests.check(&scene.subject, Mode::Plain)
}

fn key(limit: &LimitTable, scene: &Scene<'_>, path: &[u8]) -> KeyBytes {
    if limit.per.is_empty() {
        return KeyBytes::new();
    }
    let captured = Captured {
        pattern: limit
            .reads_captures
            .then(|| limit.requests.matched_path(&scene.subject))
            .flatten(),
        path,
        reading: scene.subject.readings.first().map_or(&[], |it| it),
    };
    key_bytes(
        &limit.per,
        &limit.issuers,
        scene.caller,
        &scene.subject,
        &captured,
    )
}

fn settle<O: Observer>(
    matching: &[&LimitTable],
    levels: &[Level],
    observer: &mut O,
) -> Result<Charged, Box<Refusal>> {
    let mut charged = Charged::default();
    let mut refused_by: Option<(&LimitTable, Level)> = None;
    let mut wait = std::time::Duration::ZERO;
    for (limit, level) in matching.iter().copied().zip(levels.iter().copied()) {
        let found = if level.had_room {
            Found::Room {
                left: level.remaining,
                of: limit.burst,
            }
        } else {
            Found::NoRoom
        };
        observer.step(step(limit, found));
        match (limit.shadow, level.had_room) {
            (true, true) => {}
            (true, false) => charged.shadow_limited.push(limit.rule),
            (false, false) => {
                wait = wait.max(level.wait);
                refused_by = refused_by.or(Some((limit, level)));
            }
            (false, true) => {
                let status = status(limit, level);
                if charged
                    .tightest
                    .is_none_or(|it| status.remaining < it.remaining)
                {
                    charged.tightest = Some(status);
                }
            }
        }
    }
    let Some((limit, level)) = refused_by else {
        return Ok(charged);
    };
    let mut refusal = Refusal::plain(limit.status, Reason::RateLimit, "a limit has no room");
    refusal.rule = Some(limit.rule);
    refusal.retry_after = Some(wait);
    refusal.limit = Some(status(limit, level));
    refusal.noted.shadow_limited = charged.shadow_limited;
    Err(Box::new(refusal))
}

fn status(limit: &LimitTable, level: Level) -> LimitStatus {
    LimitStatus {
        rule: limit.rule,
        quota: limit.quota.count,
        window: limit.quota.per,
        burst: limit.burst,
        remaining: level.remaining,
        reset: level.reset,
    }
}

fn step(limit: &LimitTable, found: Found) -> Step {
    Step {
        what: What::Limit,
        found,
        rule: Some(limit.rule),
    }
}
