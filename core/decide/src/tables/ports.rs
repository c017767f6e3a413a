use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Kind, Port, Route, Scope, Service, ServiceRef};

use super::builder::Builder;
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
    /// Headers that a rule reads, so they may come once only; cookies apart.
    pub(crate) single_headers: Vec<Box<str>>,
}

/// The routes in view by the service that they are about.
pub(super) struct RoutesByService<'a>(BTreeMap<&'a ServiceRef, Vec<&'a Route>>);

impl<'a> RoutesByService<'a> {
    /// A route is about one service; anything else cannot be honoured.
    pub(super) fn new(builder: &mut Builder<'a>) -> Self {
        let mut routes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for route in &builder.snapshot.routes {
            if let Scope::Service(service) = &route.target.scope {
                routes.entry(service).or_default().push(route);
            } else {
                let rule = builder.add_rule(Kind::Route, &route.id, None, &route.origin);
                builder.refuse(rule, "a route is about one service");
            }
        }
        Self(routes)
    }

    fn about(&self, service: &Service, port: &Port) -> Vec<&'a Route> {
        let all = self.0.get(&service.id).into_iter().flatten();
        all.copied()
            .filter(|route| route.target.covers(&service.id, &port.name))
            .collect()
    }
}

impl OutboundPort {
    /// The rules of every route about the port, in the one order that decides.
    pub(super) fn build(
        builder: &mut Builder<'_>,
        routes: &RoutesByService<'_>,
        service: &Service,
        port: &Port,
    ) -> Self {
        let about = routes.about(service, port);
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
            .map(|(route, rule)| RouteEntry::new(builder, route, rule, service, port))
            .collect();
        let mut names = BTreeSet::new();
        for entry in &entries {
            entry.header_names(&mut |name| {
                names.insert(Box::<str>::from(name));
            });
        }
        names.remove("cookie");
        Self {
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
