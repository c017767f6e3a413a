use std::time::Duration;

use mesh_ir::{Action, Origin, RetryPolicy, RouteRule};

use super::admission::space_of;
use super::caller::{Callers, Sees, shorter};
use super::change::{ChangeKind, Diff, Lines};
use super::classes::{Class, Compared, Shows};
use super::judge::Judge;
use super::point::{Point, Site};
use super::side::{Side, Target};
use super::words;
use crate::algebra::{
    Bounds, Mode, Rule, RuleId, Set, Side as Place, Space, SpaceBuilder, Undecided, Universe,
};
use crate::placeless::Placeless;

/// How many pairs of rules whose outcomes differ are told apart at a point.
const MAX_CLASSES: usize = 256;

/// Compares where requests to a point are sent: by their callers' proxies, or by the
/// gateway's own.
pub(super) fn compare(
    base: &Side<'_>,
    head: &Side<'_>,
    point: &Point<'_>,
    found: &mut Diff,
) -> Result<(), Undecided> {
    let (Some(before), Some(after)) = (&point.base, &point.head) else {
        return Ok(());
    };
    if !point.is_comparable() || says_the_same(base, head, &point.target) {
        return Ok(());
    }
    for callers in Callers::of(base, head, &point.target) {
        let named = callers.named();
        let is_gateway = matches!(point.target, Target::Gateway(_));
        let universe = Universe {
            side: Place::Caller,
            protocol: after.protocol,
            encoded_slash: before.encoded_slash && after.encoded_slash,
            hosts: &after.hosts,
            identities: &callers.identities,
        };
        let mut builder = if is_gateway {
            space_of(head, point)
        } else {
            SpaceBuilder::new(universe, Bounds::default())
        };
        let routes = [
            Routes::gather(&mut builder, base, (point, before)),
            Routes::gather(&mut builder, head, (point, after)),
        ];
        let judges = is_gateway.then(|| {
            [
                Judge::gather(&mut builder, base, (point, before)),
                Judge::gather(&mut builder, head, (point, after)),
            ]
        });
        let callers_rule = builder.rule(Rule {
            from: if is_gateway { &[] } else { &named },
            hosts: &[],
            matches: &[],
            mode: Mode::Plain,
            trust_domain: &head.mesh.settings.trust_domain,
        });
        let space = builder.build()?;
        let mut within = space.set(callers_rule);
        for judge in judges.iter().flatten() {
            within = space.intersect(within, judge.allowed(&space)?)?;
        }
        let ways = [
            routes[0].ways(&space, within, &callers.sees[0])?,
            routes[1].ways(&space, within, &callers.sees[1])?,
        ];
        let compared = Compared {
            base,
            head,
            point,
            space: &space,
        };
        let is_bounded_otherwise = !callers.sees[0].bounds_as(&callers.sees[1]);
        for mut class in differing(&space, &ways)? {
            if is_bounded_otherwise {
                class.lines.base.extend(callers.lines[0].iter().cloned());
                class.lines.head.extend(callers.lines[1].iter().cloned());
            }
            compared.report(class, (Shows::Routing, [None, None]), found);
        }
    }
    Ok(())
}

/// Whether nothing that takes part in routing differs, but for places: what access and
/// limits say of a target is no reason to look at its routes.
fn says_the_same(base: &Side<'_>, head: &Side<'_>, target: &Target) -> bool {
    let routes = |side: &Side<'_>| -> Vec<_> {
        let all = side.routes(target).into_iter();
        all.map(Placeless::placeless).collect()
    };
    let same_object = match target {
        Target::Service(id) => {
            let of = |side: &Side<'_>| side.mesh.services.get(id).map(|it| it.placeless());
            of(base) == of(head)
        }
        Target::External(id) => {
            let of = |side: &Side<'_>| side.mesh.externals.get(id).map(|it| it.placeless());
            of(base) == of(head)
        }
        Target::Gateway(id) => {
            let of = |side: &Side<'_>| side.mesh.gateways.get(id).map(|it| it.placeless());
            of(base) == of(head)
        }
    };
    let callers = Callers::of(base, head, target);
    let same_callers = callers.iter().all(|it| it.sees[0] == it.sees[1]);
    same_object && same_callers && routes(base) == routes(head)
}

/// The routes of one side about a point.
pub(crate) struct Routes<'m> {
    /// The first `Route` about it; `None` sends everything on.
    document: Option<&'m Origin>,
    /// The first that matches decides.
    rules: Vec<(RuleId, &'m RouteRule)>,
    /// Where no rule says otherwise.
    default: Default<'m>,
    is_redirecting: bool,
}

/// What a service says of time itself.
struct Default<'m> {
    origin: &'m Origin,
    timeout: Option<Duration>,
    retries: Option<&'m RetryPolicy>,
    is_gateway: bool,
}

/// What becomes of some requests, and what says so.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) route: String,
    time: String,
    pub(crate) refuses: bool,
    pub(crate) line: String,
    pub(crate) set: Set,
}

impl<'a> Routes<'a> {
    pub(crate) fn gather(
        builder: &mut SpaceBuilder<'a>,
        side: &'a Side<'_>,
        (point, site): (&Point<'_>, &'a Site<'_>),
    ) -> Self {
        let target = &point.target;
        let about = |it: &&mesh_ir::Route| it.target.is_about(target.subject(), site.name);
        let routes: Vec<_> = side.routes(target).into_iter().filter(about).collect();
        let mut rules: Vec<_> = routes
            .iter()
            .flat_map(|route| route.rules.iter().map(move |rule| (*route, rule)))
            .collect();
        rules.sort_by(|(route, rule), (other_route, other)| {
            (rule.rank, &route.id, &rule.id).cmp(&(other.rank, &other_route.id, &other.id))
        });
        let rules = rules.into_iter().map(|(route, rule)| {
            let id = builder.rule(Rule {
                from: &rule.from,
                hosts: &route.target.hosts,
                matches: &rule.matches,
                mode: Mode::Plain,
                trust_domain: &side.mesh.settings.trust_domain,
            });
            (id, rule)
        });
        let service = match target {
            Target::Service(id) => side.mesh.services.get(id),
            Target::Gateway(_) | Target::External(_) => None,
        };
        let external = match target {
            Target::External(id) => side.mesh.externals.get(id),
            Target::Gateway(_) | Target::Service(_) => None,
        };
        let own = service.map(|it| (it.timeout, &it.retries));
        let own = own.or(external.map(|it| (it.timeout, &it.retries)));
        Self {
            document: routes.first().map(|it| &it.origin),
            rules: rules.collect(),
            default: Default {
                origin: site.origin,
                timeout: own.and_then(|it| it.0),
                retries: own.map(|it| it.1),
                is_gateway: matches!(target, Target::Gateway(_)),
            },
            is_redirecting: site.listener.is_some_and(|it| it.redirect),
        }
    }

    /// What becomes of the requests of a set, by what decides.
    pub(crate) fn ways(
        &self,
        space: &Space,
        within: Set,
        sees: &Sees,
    ) -> Result<Vec<Way>, Undecided> {
        if self.is_redirecting {
            return Ok(vec![]);
        }
        let mut left = within;
        let mut ways = vec![];
        for (id, rule) in &self.rules {
            if space.is_empty(left) {
                break;
            }
            let set = space.intersect(left, space.set(*id))?;
            if space.is_empty(set) {
                continue;
            }
            left = space.subtract(left, set)?;
            ways.push(by_rule(rule, sees, set));
        }
        if !space.is_empty(left) {
            ways.push(self.by_default(sees, left));
        }
        Ok(ways)
    }

    fn by_default(&self, sees: &Sees, set: Set) -> Way {
        let refused = self
            .document
            .or(self.default.is_gateway.then_some(self.default.origin));
        if let Some(line) = refused {
            return Way {
                route: "404 no-route".to_owned(),
                time: String::new(),
                refuses: true,
                line: line.to_string(),
                set,
            };
        }
        let own = &self.default;
        let timeout = words::bound(shorter(own.timeout, sees.timeout));
        let retries = own.retries.map(|it| words::retries(it, sees.attempts));
        let retries = retries.unwrap_or_default();
        Way {
            route: "to every version".to_owned(),
            time: format!("timeout {timeout}, per try none, {retries}"),
            refuses: false,
            line: own.origin.to_string(),
            set,
        }
    }
}

fn by_rule(rule: &RouteRule, sees: &Sees, set: Set) -> Way {
    let time = match &rule.action {
        Action::Forward(it) => {
            let timeout = words::bound(shorter(it.timeout, sees.timeout));
            let per_try = words::bound(it.per_try_timeout);
            let retries = words::retries(&it.retries, sees.attempts);
            format!("timeout {timeout}, per try {per_try}, {retries}")
        }
        Action::Respond(_) | Action::Redirect(_) => String::new(),
    };
    Way {
        route: words::action(rule, |backend| sees.shows(backend)),
        time,
        refuses: false,
        line: rule.origin.to_string(),
        set,
    }
}

/// The classes whose outcomes differ.
fn differing(space: &Space, [before, after]: &[Vec<Way>; 2]) -> Result<Vec<Class>, Undecided> {
    let mut classes: Vec<Class> = vec![];
    for new in after {
        for old in before {
            if (&old.route, &old.time) == (&new.route, &new.time) {
                continue;
            }
            let set = space.intersect(old.set, new.set)?;
            if space.is_empty(set) {
                continue;
            }
            if classes.len() == MAX_CLASSES {
                return Err(Undecided::NotCompared(
                    "more classes of requests are routed otherwise than are told apart",
                ));
            }
            classes.push(class(old, new, set));
        }
    }
    Ok(classes)
}

fn class(old: &Way, new: &Way, set: Set) -> Class {
    let kind = match (old.refuses, new.refuses) {
        (true, false) => ChangeKind::Opened,
        (false, true) => ChangeKind::Closed,
        _ if old.route != new.route => ChangeKind::Rerouted,
        _ => ChangeKind::Retimed,
    };
    let (before, after) = if kind == ChangeKind::Retimed {
        (&old.time, &new.time)
    } else {
        (&old.route, &new.route)
    };
    let said = |way: &Way, words: &String| {
        if kind != ChangeKind::Retimed && old.time != new.time && !way.time.is_empty() {
            format!("{words}, {}", way.time)
        } else {
            words.clone()
        }
    };
    Class {
        kind,
        before: said(old, before),
        after: said(new, after),
        lines: Lines {
            base: vec![old.line.clone()],
            head: vec![new.line.clone()],
        },
        set,
        is_access: false,
    }
}
