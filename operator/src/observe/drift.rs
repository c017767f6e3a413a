//! What is wrong with a proxy, and when it is sent its bundle again. Pure.

use jiff::{SignedDuration, Timestamp};
use mesh_ir::Bundle;

/// Without a stream this long, a proxy is silent: longer than a restart.
const SILENT_AFTER: SignedDuration = SignedDuration::from_secs(5);
/// Behind for this long is drift, not a rollout.
const BEHIND_AFTER: SignedDuration = SignedDuration::from_secs(10);
/// The longest wait between two attempts to heal.
const MAX_HEAL_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// Where a proxy stands: see the contract of `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyState {
    /// Enforces what it was given.
    Current,
    /// Enforces something else, or has not said yet.
    Behind,
    /// Refused what it was given.
    Refused,
    /// Not connected, or never seen.
    Silent,
}

/// How a proxy differs: see the contract of `drift`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DriftKind {
    /// Enforces the bundle that it was given, by its epoch, with another content.
    Digest,
    /// Not connected.
    Silent,
    /// Enforces an older bundle for too long.
    Behind,
    /// Refused what it was given.
    Refused,
}

impl ProxyState {
    /// Every state.
    pub(crate) const ALL: [Self; 4] = [Self::Current, Self::Behind, Self::Refused, Self::Silent];

    /// The word of the contract.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Behind => "behind",
            Self::Refused => "refused",
            Self::Silent => "silent",
        }
    }
}

impl DriftKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 4] = [Self::Digest, Self::Silent, Self::Behind, Self::Refused];

    /// The word of the contract.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Silent => "silent",
            Self::Behind => "behind",
            Self::Refused => "refused",
        }
    }
}

/// What is known of one proxy.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    /// What it should enforce, and since when.
    pub(super) given: Option<(&'a Bundle, Timestamp)>,
    /// What it says it does.
    pub(super) enforced: Option<&'a Bundle>,
    /// Whether it refused something of what it was given.
    pub(super) refuses: bool,
    /// Whether it has a stream.
    pub(super) connection: Connection,
}

/// Whether a proxy can be talked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    /// It has a stream.
    Open,
    /// It had one until this instant.
    Lost(Timestamp),
    /// It is expected since this instant and never came.
    Never(Timestamp),
}

/// What follows from a [`View`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) state: ProxyState,
    pub(super) drift: Option<DriftKind>,
}

/// Judges one proxy at an instant. Being silent hides everything else, because
/// nothing else is known to be still so.
pub(super) fn judge(view: &View<'_>, now: Timestamp) -> Judgement {
    let long = |since: Timestamp, limit| now.duration_since(since) >= limit;
    let judgement = |state, drift| Judgement { state, drift };
    match view.connection {
        Connection::Lost(at) if long(at, SILENT_AFTER) => {
            return judgement(ProxyState::Silent, Some(DriftKind::Silent));
        }
        Connection::Never(since) => {
            let drift = long(since, SILENT_AFTER).then_some(DriftKind::Silent);
            return judgement(ProxyState::Silent, drift);
        }
        Connection::Open | Connection::Lost(_) => {}
    }
    let Some((given, since)) = view.given else {
        return judgement(ProxyState::Current, None);
    };
    if view.refuses {
        return judgement(ProxyState::Refused, Some(DriftKind::Refused));
    }
    match view.enforced {
        Some(it) if it.epoch == given.epoch && it.digest == given.digest => {
            judgement(ProxyState::Current, None)
        }
        Some(it) if it.epoch == given.epoch => {
            judgement(ProxyState::Behind, Some(DriftKind::Digest))
        }
        _ => {
            let drift = long(since, BEHIND_AFTER).then_some(DriftKind::Behind);
            judgement(ProxyState::Behind, drift)
        }
    }
}

/// Whether a proxy with a wrong digest is sent its bundle again now, after so many
/// attempts, the last of them at an instant: at once, then after 2 s, 4 s and so on,
/// so that a broken proxy is not hammered.
pub(super) fn heals(attempts: u32, last: Option<Timestamp>, now: Timestamp) -> bool {
    let Some(last) = last else {
        return true;
    };
    let wait = SignedDuration::from_secs(1 << attempts.min(20)).min(MAX_HEAL_WAIT);
    now.duration_since(last) >= wait
}

#[cfg(test)]
mod tests {
    use mesh_ir::{CommitId, Digest, Epoch};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn bundle(epoch: u64, digest: u8) -> Bundle {
        Bundle {
            epoch: Epoch(epoch),
            commit: CommitId("c".into()),
            digest: Digest([digest; 32]),
        }
    }

    /// Given epoch 2 with digest 7 at second 100; judged at a later second.
    fn check(
        enforced: Option<&Bundle>,
        connection: Connection,
        refuses: bool,
        second: i64,
    ) -> (ProxyState, Option<DriftKind>) {
        let given = bundle(2, 7);
        let view = View {
            given: Some((&given, at(100))),
            enforced,
            refuses,
            connection,
        };
        let Judgement { state, drift } = judge(&view, at(second));
        (state, drift)
    }

    #[test]
    fn a_proxy_that_enforces_what_it_was_given_is_current() {
        let found = check(Some(&bundle(2, 7)), Connection::Open, false, 1000);
        assert_eq!(found, (ProxyState::Current, None));
    }

    #[test]
    fn behind_is_drift_only_after_a_while() {
        for enforced in [None, Some(&bundle(1, 7))] {
            let soon = check(enforced, Connection::Open, false, 109);
            assert_eq!(soon, (ProxyState::Behind, None));
            let late = check(enforced, Connection::Open, false, 110);
            assert_eq!(late, (ProxyState::Behind, Some(DriftKind::Behind)));
        }
    }

    #[test]
    fn the_right_epoch_with_another_digest_is_drift_at_once() {
        let found = check(Some(&bundle(2, 8)), Connection::Open, false, 100);
        assert_eq!(found, (ProxyState::Behind, Some(DriftKind::Digest)));
    }

    #[test]
    fn a_refusal_is_shown_until_the_proxy_is_silent() {
        let found = check(Some(&bundle(1, 7)), Connection::Open, true, 101);
        assert_eq!(found, (ProxyState::Refused, Some(DriftKind::Refused)));
        let found = check(Some(&bundle(1, 7)), Connection::Lost(at(101)), true, 106);
        assert_eq!(found, (ProxyState::Silent, Some(DriftKind::Silent)));
    }

    #[test]
    fn a_restart_is_not_silence_but_a_workload_never_seen_is() {
        let lost = Connection::Lost(at(200));
        let found = check(Some(&bundle(2, 7)), lost, false, 204);
        assert_eq!(found, (ProxyState::Current, None));
        let found = check(Some(&bundle(2, 7)), lost, false, 205);
        assert_eq!(found, (ProxyState::Silent, Some(DriftKind::Silent)));
        let found = check(None, Connection::Never(at(200)), false, 201);
        assert_eq!(found, (ProxyState::Silent, None));
    }

    #[test]
    fn healing_is_tried_at_once_and_then_ever_more_seldom() {
        assert!(heals(0, None, at(0)));
        assert!(!heals(1, Some(at(0)), at(1)) && heals(1, Some(at(0)), at(2)));
        assert!(!heals(3, Some(at(0)), at(7)) && heals(3, Some(at(0)), at(8)));
        assert!(!heals(99, Some(at(0)), at(299)) && heals(99, Some(at(0)), at(300)));
    }
}
