use mesh_ir::{Name, Scope, ServiceRef, Target};

use crate::algebra::Rule;
use crate::check::Subject;
use crate::check::subject::covers;

/// A port at which an entry is judged; where a document is about something else than one
/// service, all its ports at once.
pub(super) enum Port<'c> {
    Of(&'c ServiceRef, &'c Name, bool),
    Every(&'c Target),
}

/// The ports that an entry of a document is about.
pub(super) fn ports<'t, 'c: 't>(
    subject: &Subject<'c>,
    target: &'t Target,
    rule: &Rule<'_>,
) -> Vec<Port<'t>> {
    let service = match &target.scope {
        Scope::Service(id) => subject.lowered.services.get(id),
        _ => None,
    };
    let Some(service) = service else {
        return vec![Port::Every(target)];
    };
    let all = service.ports.iter();
    let all = all.map(|port| Port::Of(&service.id, &port.name, port.protocol.is_http()));
    all.filter(|port| port.is_about(target, rule)).collect()
}

impl Port<'_> {
    /// Whether an entry of some document is about it: what reads requests says nothing of
    /// a port of bytes.
    pub(super) fn is_about(&self, target: &Target, rule: &Rule<'_>) -> bool {
        match self {
            Self::Of(service, port, is_http) => {
                target.covers(service, port) && (*is_http || rule.matches.is_empty())
            }
            Self::Every(narrow) => {
                let wide = Target {
                    hosts: vec![],
                    ..target.clone()
                };
                covers(&wide, narrow)
            }
        }
    }
}
