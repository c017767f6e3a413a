use crate::access::{Documents, Scene, Verdict, audited, judge, tried};
use crate::admit::ask::{Opinion, authorize};
use crate::limits::limit;
use crate::observe::{Found, Observer, Step, What};
use crate::request::Moment;
use crate::rule::RuleIndex;
use crate::state::State;
use crate::tables::{Inbound, Tables};
use crate::verdict::{Admission, Admitted, Noted, Reason, Refusal, ShadowOutcome, ShadowVerdict};

/// What is judged.
pub(super) struct Judged<'s, 'a> {
    /// The request itself, and the same request as an application may read it: every
    /// one must be allowed.
    pub(super) scenes: &'s [Scene<'a>],
    /// As received; empty for a connection.
    pub(super) path: &'a [u8],
}

/// Access, authorizers and limits.
pub(super) fn decide<O: Observer>(
    tables: &Tables,
    state: &State,
    inbound: &Inbound,
    judged: &Judged<'_, '_>,
    moment: Moment,
    observer: &mut O,
) -> Admission {
    let scenes = judged.scenes;
    let (verdict, scene) = all_readings(tables, inbound, scenes, Documents::Enforced, observer);
    let mut noted = note(tables, inbound, scenes, observer);
    let allowed_by = match verdict {
        Verdict::Allow(rule) => rule,
        Verdict::Deny(rule) | Verdict::NotAllowed(rule) => {
            let mut refusal = refused(tables, inbound, scenes, verdict).by(rule);
            if matches!(verdict, Verdict::NotAllowed(_)) {
                refusal.tried = tried(tables, &inbound.access, scene);
            }
            refusal.noted = noted;
            return Admission::Refuse(refusal);
        }
    };
    match authorize(tables, inbound, scenes, observer) {
        Opinion::Agrees(failed_open) => noted.failed_open = failed_open,
        Opinion::Asks(question) => return Admission::Ask(question),
        Opinion::Refuses(mut refusal) => {
            refusal.noted = noted;
            return Admission::Refuse(*refusal);
        }
    }
    let limits = &inbound.limits;
    let limited = limit(
        tables,
        state,
        limits,
        (&scenes[0], judged.path),
        moment,
        observer,
    );
    match limited {
        Ok(charged) => {
            noted.shadow_limited = charged.shadow_limited;
            Admission::Admit(Admitted {
                allowed_by,
                noted,
                limit: charged.tightest,
                tokens: None,
            })
        }
        Err(mut refusal) => {
            noted.shadow_limited = std::mem::take(&mut refusal.noted.shadow_limited);
            refusal.noted = noted;
            Admission::Refuse(*refusal)
        }
    }
}

/// The first verdict that refuses, else that of the request itself; and the scene it is about.
pub(super) fn all_readings<'s, 'a, O: Observer>(
    tables: &Tables,
    inbound: &Inbound,
    scenes: &'s [Scene<'a>],
    documents: Documents,
    observer: &mut O,
) -> (Verdict, &'s Scene<'a>) {
    let mut own = None;
    for scene in scenes {
        let verdict = judge(tables, &inbound.access, scene, documents, observer);
        if !matches!(verdict, Verdict::Allow(_)) {
            return (verdict, scene);
        }
        own = own.or(Some((verdict, scene)));
    }
    own.unwrap_or((Verdict::NotAllowed(inbound.access.default_rule), &scenes[0]))
}

/// 401 where only a token is missing, else 403.
fn refused(tables: &Tables, inbound: &Inbound, scenes: &[Scene<'_>], verdict: Verdict) -> Refusal {
    if wants_token(tables, inbound, scenes) {
        return Refusal::plain(401, Reason::Token, "it needs a token that is not there");
    }
    let detail = match verdict {
        Verdict::Deny(_) => "a deny entry refuses it",
        Verdict::Allow(_) | Verdict::NotAllowed(_) => "no allow entry lets it in",
    };
    Refusal::plain(403, Reason::Access, detail)
}

/// Whether the caller would be let in if a token that it did not show were there.
fn wants_token(tables: &Tables, inbound: &Inbound, scenes: &[Scene<'_>]) -> bool {
    let answers = scenes[0].caller.answers;
    let is_missing = |issuer| answers.claims(issuer).is_none();
    if !inbound.issuers.iter().any(|it| is_missing(it.issuer)) {
        return false;
    }
    scenes.iter().all(|scene| {
        let wanting = Scene {
            wanting: true,
            ..*scene
        };
        let access = &inbound.access;
        let verdict = judge(tables, access, &wanting, Documents::Enforced, &mut ());
        matches!(verdict, Verdict::Allow(_))
    })
}

fn note<O: Observer>(
    tables: &Tables,
    inbound: &Inbound,
    scenes: &[Scene<'_>],
    observer: &mut O,
) -> Noted {
    let mut noted = Noted::default();
    for scene in scenes {
        for rule in audited(tables, &inbound.access, scene, observer) {
            if !noted.audited.contains(&rule) {
                noted.audited.push(rule);
            }
        }
    }
    noted.shadow = shadow(tables, inbound, scenes, observer);
    noted
}

fn shadow<O: Observer>(
    tables: &Tables,
    inbound: &Inbound,
    scenes: &[Scene<'_>],
    observer: &mut O,
) -> Option<ShadowVerdict> {
    if !inbound.access.has_shadow {
        return None;
    }
    let (verdict, _) = all_readings(tables, inbound, scenes, Documents::All, &mut ());
    let (outcome, found, rule): (_, _, RuleIndex) = match verdict {
        Verdict::Allow(rule) => (ShadowOutcome::Allow, Found::Allows, rule),
        Verdict::Deny(rule) | Verdict::NotAllowed(rule) => {
            (ShadowOutcome::Deny, Found::Refuses, rule)
        }
    };
    observer.step(Step {
        what: What::Shadow,
        found,
        rule: Some(rule),
    });
    Some(ShadowVerdict { outcome, rule })
}
