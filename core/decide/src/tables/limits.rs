use mesh_ir::{
    CallerMatch, HostPattern, Key, Kind, Limit, ObjectRef, Origin, Port, Rate, Service, Target,
};

use super::access::{is_about, is_about_host};
use super::builder::Builder;
use crate::matching::Requests;
use crate::rule::RuleIndex;

/// One limit, ready to test.
#[derive(Debug)]
pub(crate) struct LimitTable {
    pub(crate) rule: RuleIndex,
    pub(crate) from: Vec<CallerMatch>,
    pub(crate) requests: Requests,
    pub(crate) per: Vec<Key>,
    /// Whether a key wants to know what the matched path stands for.
    pub(crate) reads_captures: bool,
    pub(crate) rate: Rate,
    pub(crate) burst: u64,
    pub(crate) status: u16,
    pub(crate) shadow: bool,
    /// What it is, so that an unchanged one keeps its buckets.
    pub(crate) identity: LimitIdentity,
}

/// All that a limit says, without the place where it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LimitIdentity {
    object: ObjectRef,
    target: Target,
    limit: Limit,
}

impl LimitTable {
    /// Whether it is about requests to this host; a connection has none.
    pub(crate) fn speaks_of(&self, host: Option<&str>) -> bool {
        is_about_host(self.hosts(), host)
    }

    fn hosts(&self) -> &[HostPattern] {
        &self.identity.target.hosts
    }

    /// Whether it can only judge requests.
    fn reads_requests(&self) -> bool {
        !self.identity.limit.matches.is_empty()
            || self
                .per
                .iter()
                .any(|key| !matches!(key, Key::Caller | Key::Address))
    }

    /// Calls `add` with the name of every header that it reads.
    pub(super) fn header_names(&self, add: &mut dyn FnMut(&str)) {
        self.requests.header_names(add);
        header_keys(&self.per, add);
    }

    pub(super) fn is_about(
        &self,
        builder: &mut Builder<'_>,
        service: &Service,
        port: &Port,
    ) -> bool {
        let target = &self.identity.target;
        is_about(
            builder,
            self.rule,
            target,
            self.reads_requests(),
            service,
            port,
        )
    }
}

/// Calls `add` with the name of every header among the keys.
pub(super) fn header_keys(keys: &[Key], add: &mut dyn FnMut(&str)) {
    for key in keys {
        if let Key::Header(name) = key {
            add(name);
        }
    }
}

/// The greatest `$n` among the keys; 0 for none.
pub(super) fn greatest_capture(keys: &[Key]) -> usize {
    let number = |key: &Key| match key {
        Key::Capture(number) => usize::from(*number),
        _ => 0,
    };
    keys.iter().map(number).max().unwrap_or(0)
}

pub(super) fn build(builder: &mut Builder<'_>) -> Vec<LimitTable> {
    let mut tables = vec![];
    for document in &builder.snapshot.limits {
        for limit in &document.limits {
            let rule = builder.add_rule(
                Kind::RateLimit,
                &document.id,
                Some(&limit.id),
                &limit.origin,
            );
            let identity = LimitIdentity {
                object: document.id.clone(),
                target: document.target.clone(),
                limit: Limit {
                    origin: Origin::new("", 1, 1),
                    ..limit.clone()
                },
            };
            tables.push(table(builder, rule, limit, identity));
        }
    }
    tables
}

fn table(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    limit: &Limit,
    identity: LimitIdentity,
) -> LimitTable {
    let requests = builder.accept(rule, Requests::new(&limit.matches));
    let greatest = greatest_capture(&limit.per);
    if greatest > requests.captures() {
        builder.refuse(rule, format!("not every matched path has ${greatest}"));
    }
    if limit.rate.count == 0 || limit.rate.per.is_zero() || limit.burst == 0 {
        builder.refuse(rule, "a rate and a burst are at least 1");
    }
    LimitTable {
        rule,
        from: limit.from.clone(),
        requests,
        per: limit.per.clone(),
        reads_captures: greatest > 0,
        rate: limit.rate,
        burst: limit.burst,
        status: limit.status,
        shadow: limit.shadow,
        identity,
    }
}
