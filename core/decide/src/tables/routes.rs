use std::time::Duration;

use mesh_ir::{
    Action, Backend, BackendTarget, Fault, Forward, Host, HostPattern, Key, Kind, Mirror, Name,
    Percent, Port, Redirect, Route, RouteRule, Service, ServiceRef, Subject,
};

use super::builder::{Builder, Site};
use super::callee::CalleeKind;
use super::cors::CorsTable;
use super::limits::{claim_issuers, greatest_capture, header_keys};
use crate::callers::{Asking, Callers};
use crate::draw::Salt;
use crate::index::{
    EditsIndex, IssuerIndex, PortIndex, RespondIndex, RetryIndex, ServiceIndex, VersionIndex,
};
use crate::matching::Requests;
use crate::mode::Mode;
use crate::request::Caller;
use crate::rule::RuleIndex;
use crate::template::Template;

/// A rule about one port of one service or gateway, ready to test.
#[derive(Debug)]
pub(crate) struct RouteEntry {
    pub(crate) rule: RuleIndex,
    pub(crate) from: RouteFrom,
    /// Empty: every host.
    pub(crate) hosts: Vec<HostPattern>,
    pub(crate) requests: Requests,
    /// Whether a template or key wants to know what the matched path stands for.
    pub(crate) reads_captures: bool,
    pub(crate) cors: Option<Box<CorsTable>>,
    pub(crate) action: RouteAction,
}

/// Whom a rule is for.
#[derive(Debug)]
pub(crate) enum RouteFrom {
    /// Whether it means this proxy's own role, which never changes.
    Us(bool),
    /// At a gateway: its clients.
    Clients(Callers),
}

/// What a rule does.
#[derive(Debug)]
pub(crate) enum RouteAction {
    Forward(Box<ForwardTable>),
    Respond(RespondIndex),
    Redirect {
        redirect: Redirect,
        path: Option<Template>,
    },
}

/// Where a rule forwards to, and how.
#[derive(Debug)]
pub(crate) struct ForwardTable {
    pub(crate) backends: Vec<BackendChoice>,
    /// The sum of their weights; at least 1.
    pub(crate) total: u64,
    /// Keeps draws of different rules apart.
    pub(crate) salt: Salt,
    pub(crate) split_by: Vec<Key>,
    /// Whose tokens the claims among the keys are of.
    pub(crate) issuers: Vec<IssuerIndex>,
    pub(crate) path: Option<Template>,
    pub(crate) host: Option<Host>,
    pub(crate) request_edits: Option<EditsIndex>,
    pub(crate) response_edits: Option<EditsIndex>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) per_try_timeout: Option<Duration>,
    pub(crate) attempts: u32,
    pub(crate) retries: RetryIndex,
    pub(crate) fallback: Vec<BackendChoice>,
    pub(crate) mirrors: Vec<MirrorTable>,
    pub(crate) fault: Option<FaultTable>,
}

/// Who gets a copy.
#[derive(Debug)]
pub(crate) struct MirrorTable {
    pub(crate) destination: Destination,
    pub(crate) percent: Percent,
    pub(crate) salt: Salt,
}

/// What is done to some requests on purpose.
#[derive(Debug)]
pub(crate) struct FaultTable {
    pub(crate) fault: Fault,
    pub(crate) delay_salt: Salt,
    pub(crate) abort_salt: Salt,
}

/// One backend of a rule.
#[derive(Debug)]
pub(crate) struct BackendChoice {
    pub(crate) destination: Destination,
    pub(crate) weight: u32,
    pub(crate) request_edits: Option<EditsIndex>,
    pub(crate) response_edits: Option<EditsIndex>,
}

/// Where a backend leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The route's own service.
    Own(Option<VersionIndex>),
    /// A call of another service in view.
    Other(ServiceIndex, PortIndex),
    /// A call of another service that is not in view; with the default line that says no.
    NotVisible(CalleeKind, ServiceRef, RuleIndex),
}

impl RouteEntry {
    pub(super) fn new(
        builder: &mut Builder<'_>,
        route: &Route,
        rule: &RouteRule,
        site: &Site<'_>,
    ) -> Self {
        let index = builder.add_rule(Kind::Route, &route.id, Some(&rule.id), &rule.origin);
        let requests = builder.accept(index, Requests::new(&rule.matches));
        let callers = builder.callers(index, &rule.from);
        let action = match &rule.action {
            Action::Respond(respond) => RouteAction::Respond(builder.add_respond(respond)),
            Action::Redirect(redirect) => RouteAction::Redirect {
                redirect: redirect.clone(),
                path: redirect.path.as_deref().map(Template::parse),
            },
            Action::Forward(forward) => RouteAction::Forward(Box::new(forward_table(
                builder, index, forward, &callers, site,
            ))),
        };
        let reads_captures = check_captures(builder, index, &requests, &action);
        check_protocol(builder, index, rule, site.port);
        let cors = rule.cors.as_ref();
        let cors = cors.map(|cors| Box::new(CorsTable::new(builder, index, cors, rule)));
        Self {
            rule: index,
            from: whom(builder, index, callers, site),
            hosts: route.target.hosts.clone(),
            requests,
            reads_captures,
            cors,
            action,
        }
    }

    /// Calls `add` with the name of every header that it reads.
    pub(super) fn header_names(&self, add: &mut dyn FnMut(&str)) {
        self.requests.header_names(add);
        if let RouteAction::Forward(forward) = &self.action {
            header_keys(&forward.split_by, add);
        }
    }
}

/// Callers of a service are known before any request: they are this role.
fn whom(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    callers: Callers,
    site: &Site<'_>,
) -> RouteFrom {
    if matches!(site.subject, Subject::Gateway(_)) {
        return RouteFrom::Clients(callers);
    }
    let mut reads_token = false;
    callers.issuers(&mut |_| reads_token = true);
    if reads_token {
        builder.refuse(rule, "it chooses by token, which only a gateway has");
    }
    let us = Caller::new(Some(&builder.snapshot.role.identity), None);
    let asking = Asking::of(&us, &builder.snapshot.settings.trust_domain);
    RouteFrom::Us(callers.mean(&asking, Mode::Plain))
}

fn forward_table(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    forward: &Forward,
    callers: &Callers,
    site: &Site<'_>,
) -> ForwardTable {
    let backends: Vec<_> = forward
        .backends
        .iter()
        .map(|backend| backend_choice(builder, rule, backend, site))
        .collect();
    let fallback = forward.fallback.iter();
    let fallback = fallback
        .map(|backend| backend_choice(builder, rule, backend, site))
        .collect();
    let name = builder.meta(rule).to_string();
    let mirror = |(at, mirror): (usize, &Mirror)| MirrorTable {
        destination: destination(builder, rule, &mirror.target, site),
        percent: mirror.percent,
        salt: Salt::new(&format!("{name} mirror {at}")),
    };
    let mirrors = forward.mirror.iter().enumerate().map(mirror).collect();
    let total = backends.iter().map(|it| u64::from(it.weight)).sum();
    if total == 0 {
        builder.refuse(rule, "no backend has a weight");
    }
    let rewrite = forward.rewrite.as_ref();
    ForwardTable {
        backends,
        total,
        salt: Salt::new(&name),
        issuers: claim_issuers(builder, rule, &forward.split_by, callers),
        split_by: forward.split_by.clone(),
        path: rewrite
            .and_then(|it| it.path.as_deref())
            .map(Template::parse),
        host: rewrite.and_then(|it| it.host.clone()),
        request_edits: builder.add_edits(&forward.request_headers),
        response_edits: builder.add_edits(&forward.response_headers),
        timeout: forward.timeout,
        per_try_timeout: forward.per_try_timeout,
        attempts: forward.retries.attempts,
        retries: builder.add_retries(&forward.retries),
        fallback,
        mirrors,
        fault: forward.fault.map(|fault| FaultTable {
            fault,
            delay_salt: Salt::new(&format!("{name} delay")),
            abort_salt: Salt::new(&format!("{name} abort")),
        }),
    }
}

fn backend_choice(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    backend: &Backend,
    site: &Site<'_>,
) -> BackendChoice {
    BackendChoice {
        destination: destination(builder, rule, &backend.target, site),
        weight: backend.weight,
        request_edits: builder.add_edits(&backend.request_headers),
        response_edits: builder.add_edits(&backend.response_headers),
    }
}

fn destination(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    target: &BackendTarget,
    site: &Site<'_>,
) -> Destination {
    match target {
        BackendTarget::Service => {
            if matches!(site.subject, Subject::Gateway(_)) {
                builder.refuse(rule, "a gateway takes no requests itself");
            }
            Destination::Own(None)
        }
        BackendTarget::Version(name) => {
            Destination::Own(version(builder, rule, site.service, name))
        }
        BackendTarget::Other { service, port } => {
            let visible = builder.is_called(service);
            let found = builder.find_service(service).filter(|_| visible);
            other(builder, rule, (CalleeKind::Service, found), (service, port))
        }
        BackendTarget::External { service, port } => {
            let found = builder.find_external(service);
            other(
                builder,
                rule,
                (CalleeKind::External, found),
                (service, port),
            )
        }
    }
}

fn version(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    service: &Service,
    name: &Name,
) -> Option<VersionIndex> {
    let at = service.versions.iter().position(|it| it.name == *name);
    if at.is_none() {
        builder.refuse(rule, format!("{} has no version `{name}`", service.id));
    }
    at.map(VersionIndex::at)
}

fn other(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    (kind, found): (CalleeKind, Option<ServiceIndex>),
    (service, port): (&ServiceRef, &Name),
) -> Destination {
    let Some(index) = found else {
        let default = builder.add_default_rule(Some(&service.namespace));
        return Destination::NotVisible(kind, service.clone(), default);
    };
    let ports = &builder.services()[index.position()].ports;
    let Some(at) = ports.iter().position(|it| it.name == *port) else {
        builder.refuse(rule, format!("{service} has no port `{port}`"));
        return Destination::Own(None);
    };
    Destination::Other(index, PortIndex::at(at))
}

/// Whether a template or key reads captures; each match must have them.
fn check_captures(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    requests: &Requests,
    action: &RouteAction,
) -> bool {
    let (template, keys) = match action {
        RouteAction::Respond(_) => return false,
        RouteAction::Redirect { path, .. } => (path, &[][..]),
        RouteAction::Forward(forward) => (&forward.path, &forward.split_by[..]),
    };
    let greatest = template
        .as_ref()
        .map_or(0, Template::captures)
        .max(greatest_capture(keys));
    if greatest > requests.captures() {
        builder.refuse(rule, format!("not every matched path has ${greatest}"));
    }
    template.is_some() || greatest > 0
}

/// What would be lost on a port of bytes is not there.
fn is_about_connections(rule: &RouteRule) -> bool {
    let Action::Forward(forward) = &rule.action else {
        return false;
    };
    let as_it_came = forward.rewrite.is_none() && forward.mirror.is_empty();
    rule.matches.is_empty() && rule.cors.is_none() && as_it_came && forward.fault.is_none()
}

fn check_protocol(builder: &mut Builder<'_>, index: RuleIndex, rule: &RouteRule, port: &Port) {
    if !port.protocol.is_http() && !is_about_connections(rule) {
        let reason = format!(
            "it reads requests, but port `{}` speaks {}",
            port.name, port.protocol
        );
        builder.refuse(index, reason);
    }
}
