use mesh_ir::{CallerMatch, HostPattern, Listener, RequestMatch, TrustDomain};

use crate::algebra::{Mode, Rule, RuleId, SpaceBuilder};

/// What puts the rules of one side into a space.
pub(super) struct Gatherer<'b, 'a> {
    pub(super) builder: &'b mut SpaceBuilder<'a>,
    pub(super) trust_domain: &'a TrustDomain,
}

impl<'a> Gatherer<'_, 'a> {
    pub(super) fn rule(
        &mut self,
        from: &'a [CallerMatch],
        hosts: &'a [HostPattern],
        matches: &'a [RequestMatch],
        mode: Mode,
    ) -> RuleId {
        self.builder.rule(Rule {
            from,
            hosts,
            matches,
            mode,
            trust_domain: self.trust_domain,
        })
    }

    pub(super) fn hosts(&mut self, hosts: &'a [HostPattern]) -> RuleId {
        self.rule(&[], hosts, &[], Mode::Plain)
    }
}

/// The hosts of a listener, each with the hosts of others on its port that are closer.
pub(super) fn here<'a>(
    gatherer: &mut Gatherer<'_, 'a>,
    own: &'a Listener,
    all: &'a [Listener],
) -> Vec<(RuleId, Vec<RuleId>)> {
    let mut closer = |than: usize| -> Vec<RuleId> {
        let others = all
            .iter()
            .filter(|it| it.port == own.port && it.name != own.name);
        let hosts = others.flat_map(|it| &it.hosts);
        let hosts = hosts.filter(|it| it.closeness() > than);
        hosts
            .map(|it| gatherer.hosts(std::slice::from_ref(it)))
            .collect()
    };
    if own.hosts.is_empty() {
        let others = closer(0);
        return vec![(gatherer.hosts(&[]), others)];
    }
    let each = own.hosts.iter().map(|pattern| {
        let others = closer(pattern.closeness());
        (pattern, others)
    });
    let each: Vec<_> = each.collect();
    let each = each.into_iter();
    each.map(|(pattern, others)| (gatherer.hosts(std::slice::from_ref(pattern)), others))
        .collect()
}
