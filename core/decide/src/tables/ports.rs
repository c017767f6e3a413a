use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Kind, Route, Service, Subject};

use super::builder::{Builder, Site};
use super::routes::RouteEntry;
use crate::index::PortIndex;
use crate::rule::RuleIndex;

/// One port of a callable service.
#[derive(Debug, Default)]
pub(crate) struct OutboundPort {
    /// The first `Route` about it; `None` forwards everything.
    pub(crate) route: Option<RuleIndex>,
    /// The first that matches decides.
    pub(crate) entries: Vec<RouteEntry>,
    /// Whether a rule says what scripts of other origins may ask for.
    pub(crate) has_cors: bool,
    /// Headers that a rule reads, so they may come once only; cookies apart.
    pub(crate) single_headers: Vec<Box<str>>,
}

/// The routes in view by what they are about.
pub(super) struct RoutesByService<'a>(BTreeMap<Subject<'a>, Vec<&'a Route>>);

impl<'a> RoutesByService<'a> {
    /// A route is about one object; anything else cannot be honoured.
    pub(super) fn new(builder: &mut Builder<'a>) -> Self {
        let mut routes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for route in &builder.snapshot.routes {
            if let Some(subject) = route.target.scope.subject() {
                routes.entry(subject).or_default().push(route);
            } else {
                let rule = builder.add_rule(Kind::Route, &route.id, None, &route.origin);
                builder.refuse(rule, "a route is about one object");
            }
        }
        Self(routes)
    }

    fn about(&self, site: &Site<'_>) -> Vec<&'a Route> {
        let all = self.0.get(&site.subject).into_iter().flatten();
        all.copied()
            .filter(|route| route.target.is_about(site.subject, &site.port.name))
            .collect()
    }
}

impl OutboundPort {
    /// The rules of every route about the port, in the one order that decides.
    pub(super) fn build(
        builder: &mut Builder<'_>,
        routes: &RoutesByService<'_>,
        site: &Site<'_>,
    ) -> Self {
        let about = routes.about(site);
        let Some(first) = about.first() else {
            return Self::default();
        };
        let document = builder.add_rule(Kind::Route, &first.id, None, &first.origin);
        let mut rules: Vec<_> = about
            .iter()
            .flat_map(|route| route.rules.iter().map(|rule| (*route, rule)))
            .collect();
        rules.sort_by(|(route, rule), (other_route, other)| {
            (rule.rank, &route.id, &rule.id).cmp(&(other.rank, &other_route.id, &other.id))
        });
        let entries: Vec<_> = rules
            .into_iter()
            .map(|(route, rule)| RouteEntry::new(builder, route, rule, site))
            .collect();
        let mut names = BTreeSet::new();
        for entry in &entries {
            entry.header_names(&mut |name| {
                names.insert(Box::<str>::from(name));
            });
        }
        names.remove("cookie");
        Self {
            has_cors: entries.iter().any(|entry| entry.cors.is_some()),
            route: Some(document),
            entries,
            single_headers: names.into_iter().collect(),
        }
    }
}

/// The port of a service that a request means: the one written after the host,
/// else 80 if it is one of HTTP, else the only one of HTTP.
pub(crate) fn http_port(service: &Service, written: Option<u16>) -> Option<PortIndex> {
    let with_number = |wanted: u16| http_ports(service).find(|(_, number)| *number == wanted);
    let only = || {
        let mut all = http_ports(service);
        all.next().filter(|_| all.next().is_none())
    };
    match written {
        Some(number) => with_number(number),
        None => with_number(80).or_else(only),
    }
    .map(|(index, _)| index)
}

fn http_ports(service: &Service) -> impl Iterator<Item = (PortIndex, u16)> + '_ {
    service
        .ports
        .iter()
        .enumerate()
        .filter(|(_, port)| port.protocol.is_http())
        .map(|(at, port)| (PortIndex::at(at), port.number))
}
