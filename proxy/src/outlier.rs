//! `outlierDetection`: endpoints that answer badly are left out for a while. Judged
//! once for the proxy, by all of its workers; what no intent asks for costs nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use mesh_decide::{PortIndex, ServiceIndex, Tables};
use mesh_ir::{Name, OutlierDetection, Percent, ServiceRef, Tick};

use crate::endpoints::EndpointTable;

/// So many answers in an interval say something about a share of them.
const ENOUGH: u32 = 10;
/// No ejection is longer than this many times the first one.
const MOST: u32 = 10;

/// The endpoints that are watched, by the positions of service and port in the tables.
#[derive(Default)]
pub(crate) struct Outliers {
    ports: Vec<Vec<Option<Group>>>,
}

/// The endpoints of one port of one service, in the order of its targets.
pub(crate) struct Group {
    service: ServiceRef,
    port: Name,
    policy: OutlierDetection,
    members: Vec<(SocketAddr, Arc<Member>)>,
}

/// How one endpoint has answered of late.
#[derive(Default)]
struct Member {
    /// 5xx in a row.
    errors: AtomicU32,
    /// 502, 503, 504 in a row.
    gateway: AtomicU32,
    /// Connections in a row that failed.
    local: AtomicU32,
    /// Answers of this interval, and those below 500.
    answers: AtomicU32,
    good: AtomicU32,
    /// When the interval ends.
    interval: AtomicU64,
    /// Left out before this tick.
    until: AtomicU64,
    /// How often, less the intervals since then.
    times: AtomicU32,
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// An answer.
    Status(u16),
    /// No connection.
    NoConnection,
    /// A connection of bytes, of which nothing more is known.
    Connection,
}

impl Outliers {
    /// For these tables and endpoints; what is known of an endpoint stays known.
    pub(crate) fn carry(&self, tables: &Tables, endpoints: &EndpointTable) -> Self {
        let services = tables.services().map(|(at, service)| {
            let Some(policy) = service.outlier else {
                return vec![];
            };
            let ports = service.ports.iter().enumerate();
            let group = |(position, port): (usize, &mesh_ir::Port)| {
                let old = self.known(&service.id, &port.name);
                let targets = endpoints.targets_at(at, position).iter();
                Some(Group {
                    service: service.id.clone(),
                    port: port.name.clone(),
                    policy,
                    members: targets
                        .map(|target| (target.address, member(old, target.address)))
                        .collect(),
                })
            };
            ports.map(group).collect()
        });
        Self {
            ports: services.collect(),
        }
    }

    /// The watch over a port; `None` where no intent asks for one.
    pub(crate) fn group(&self, service: ServiceIndex, port: PortIndex) -> Option<&Group> {
        let ports = self.ports.get(service.position())?;
        ports.get(port.position())?.as_ref()
    }

    fn known(&self, service: &ServiceRef, port: &Name) -> Option<&Group> {
        let mut all = self.ports.iter().flatten().flatten();
        all.find(|group| group.service == *service && group.port == *port)
    }
}

fn member(old: Option<&Group>, address: SocketAddr) -> Arc<Member> {
    let mut known = old.into_iter().flat_map(|group| &group.members);
    let known = known.find(|(at, _)| *at == address);
    known.map(|(_, it)| Arc::clone(it)).unwrap_or_default()
}

impl Group {
    /// Whether the target at a position is left out now.
    pub(crate) fn is_out(&self, at: usize, now: Tick) -> bool {
        self.members.get(at).is_some_and(|(_, it)| it.is_out(now))
    }

    /// Notes what came of an attempt at the target at a position.
    pub(crate) fn note(&self, at: usize, came: Came, now: Tick) {
        let Some((_, member)) = self.members.get(at) else {
            return;
        };
        if member.note(&self.policy, came, now) && self.may_leave_out(now) {
            member.leave_out(&self.policy, now);
        }
    }

    /// Whether one more stays within the share.
    fn may_leave_out(&self, now: Tick) -> bool {
        let out = self.members.iter().filter(|(_, it)| it.is_out(now)).count();
        let most = self.members.len() as u64 * u64::from(self.policy.max_ejected.0);
        (out as u64 + 1) * u64::from(Percent::ALL.0) <= most
    }
}

impl Member {
    fn is_out(&self, now: Tick) -> bool {
        self.until.load(Ordering::Relaxed) > now.0
    }

    /// Counts; whether it is bad enough to be left out.
    fn note(&self, policy: &OutlierDetection, came: Came, now: Tick) -> bool {
        if self.is_out(now) {
            return false;
        }
        let reached = |count: &AtomicU32, bad: bool, bound: Option<u32>| {
            if !bad {
                count.store(0, Ordering::Relaxed);
                return false;
            }
            let count = count.fetch_add(1, Ordering::Relaxed).saturating_add(1);
            bound.is_some_and(|bound| count >= bound)
        };
        let status = match came {
            Came::NoConnection => return reached(&self.local, true, policy.local_errors),
            Came::Connection => return reached(&self.local, false, policy.local_errors),
            Came::Status(status) => status,
        };
        let local = reached(&self.local, false, policy.local_errors);
        let is_error = (500..=599).contains(&status);
        let error = reached(&self.errors, is_error, policy.consecutive_5xx);
        let is_gateway = (502..=504).contains(&status);
        let gateway = reached(&self.gateway, is_gateway, policy.gateway_errors);
        let rate = policy
            .success_rate
            .is_some_and(|least| self.is_below(least, policy, !is_error, now));
        local || error || gateway || rate
    }

    /// Counts an answer, and looks at the share of good ones where an interval is over.
    fn is_below(
        &self,
        least: Percent,
        policy: &OutlierDetection,
        is_good: bool,
        now: Tick,
    ) -> bool {
        let ends = self.interval.load(Ordering::Relaxed);
        let next = now.plus(policy.interval).0;
        let closes = now.0 >= ends
            && self
                .interval
                .compare_exchange(ends, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        let mut is_below = false;
        if closes {
            let answers = self.answers.swap(0, Ordering::Relaxed);
            let good = self.good.swap(0, Ordering::Relaxed);
            let share = u64::from(good) * u64::from(Percent::ALL.0);
            is_below = answers >= ENOUGH && share < u64::from(answers) * u64::from(least.0);
        }
        self.answers.fetch_add(1, Ordering::Relaxed);
        self.good.fetch_add(u32::from(is_good), Ordering::Relaxed);
        is_below
    }

    /// Each time longer than the last; an interval in which it stayed forgives one.
    fn leave_out(&self, policy: &OutlierDetection, now: Tick) {
        let since = Tick(self.until.load(Ordering::Relaxed)).until(now);
        let forgiven = since.as_nanos() / policy.interval.as_nanos().max(1);
        let forgiven = u32::try_from(forgiven).unwrap_or(u32::MAX);
        let times = self.times.load(Ordering::Relaxed).saturating_sub(forgiven);
        let times = (times + 1).min(MOST);
        let until = now.plus(policy.base_ejection.saturating_mul(times));
        self.times.store(times, Ordering::Relaxed);
        self.until.store(until.0, Ordering::Relaxed);
        for count in [
            &self.errors,
            &self.gateway,
            &self.local,
            &self.answers,
            &self.good,
        ] {
            count.store(0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn policy() -> OutlierDetection {
        OutlierDetection {
            consecutive_5xx: Some(3),
            gateway_errors: None,
            local_errors: None,
            success_rate: None,
            interval: Duration::from_secs(10),
            base_ejection: Duration::from_secs(30),
            max_ejected: Percent(50_000),
        }
    }

    fn group(policy: OutlierDetection, members: u16) -> Group {
        let name = |text| Name::parse(text).unwrap();
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Group {
            service: ServiceRef {
                namespace: name("shop"),
                name: name("api"),
            },
            port: name("http"),
            policy,
            members: (1..=members)
                .map(|port| (address(port), Arc::default()))
                .collect(),
        }
    }

    fn at(seconds: u64) -> Tick {
        Tick::default().plus(Duration::from_secs(seconds))
    }

    fn fail(group: &Group, member: usize, times: u32, now: Tick) {
        for _ in 0..times {
            group.note(member, Came::Status(500), now);
        }
    }

    #[test]
    fn errors_in_a_row_leave_an_endpoint_out_for_a_while() {
        let group = group(policy(), 2);
        fail(&group, 0, 2, at(1));
        group.note(0, Came::Status(200), at(1));
        fail(&group, 0, 2, at(1));
        assert!(!group.is_out(0, at(1)), "not in a row");
        fail(&group, 0, 1, at(1));
        assert!(group.is_out(0, at(30)));
        assert!(!group.is_out(1, at(30)));
        assert!(!group.is_out(0, at(31)));
    }

    #[test]
    fn never_more_than_the_share_are_left_out() {
        let half = group(policy(), 3);
        fail(&half, 0, 3, at(1));
        fail(&half, 1, 3, at(1));
        assert!(half.is_out(0, at(2)));
        assert!(!half.is_out(1, at(2)), "two of three are more than half");
        let alone = group(policy(), 1);
        fail(&alone, 0, 9, at(1));
        assert!(!alone.is_out(0, at(2)));
    }

    #[test]
    fn each_time_is_longer_until_it_has_behaved() {
        let group = group(policy(), 2);
        fail(&group, 0, 3, at(0));
        fail(&group, 0, 3, at(30));
        assert!(group.is_out(0, at(89)));
        assert!(!group.is_out(0, at(90)));
        // Two intervals without an error forgive both.
        fail(&group, 0, 3, at(110));
        assert!(group.is_out(0, at(139)));
        assert!(!group.is_out(0, at(140)));
    }

    #[test]
    fn connections_that_fail_are_counted_apart() {
        let group = group(
            OutlierDetection {
                consecutive_5xx: None,
                local_errors: Some(2),
                ..policy()
            },
            2,
        );
        fail(&group, 0, 9, at(1));
        group.note(0, Came::NoConnection, at(1));
        group.note(0, Came::Status(500), at(1));
        group.note(0, Came::NoConnection, at(1));
        assert!(!group.is_out(0, at(1)));
        group.note(0, Came::Connection, at(1));
        group.note(0, Came::NoConnection, at(1));
        assert!(!group.is_out(0, at(1)), "not in a row");
        group.note(0, Came::NoConnection, at(1));
        assert!(group.is_out(0, at(1)));
    }

    #[test]
    fn too_few_good_answers_in_an_interval_leave_an_endpoint_out() {
        let policy = OutlierDetection {
            consecutive_5xx: None,
            success_rate: Some(Percent(80_000)),
            ..policy()
        };
        let group = group(policy, 2);
        for (member, bad) in [(0, 3), (1, 2)] {
            for count in 0..10 {
                let status = if count < bad { 500 } else { 200 };
                group.note(member, Came::Status(status), at(1));
            }
            assert!(!group.is_out(member, at(10)));
            group.note(member, Came::Status(200), at(11));
        }
        assert!(group.is_out(0, at(11)));
        assert!(!group.is_out(1, at(11)));
    }

    #[test]
    fn what_is_known_of_an_endpoint_is_found_by_its_address() {
        let old = group(policy(), 2);
        fail(&old, 1, 3, at(1));
        let (address, _) = old.members[1];
        assert!(member(Some(&old), address).is_out(at(2)));
        assert!(!member(Some(&old), old.members[0].0).is_out(at(2)));
        assert!(!member(None, address).is_out(at(2)));
    }
}
