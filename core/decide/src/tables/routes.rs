use std::time::Duration;

use mesh_ir::{
    Action, Backend, BackendTarget, Forward, Host, Key, Kind, Name, Port, Redirect, Route,
    RouteRule, Service, ServiceRef,
};

use super::builder::Builder;
use super::limits::{greatest_capture, header_keys};
use crate::callers::is_from;
use crate::draw::Salt;
use crate::index::{EditsIndex, PortIndex, RespondIndex, RetryIndex, ServiceIndex, VersionIndex};
use crate::matching::Requests;
use crate::mode::Mode;
use crate::request::Caller;
use crate::rule::RuleIndex;
use crate::template::Template;

/// A rule about one port of one service, ready to test.
#[derive(Debug)]
pub(crate) struct RouteEntry {
    pub(crate) rule: RuleIndex,
    /// Whether its `from` means this proxy's own role, which never changes.
    pub(crate) is_for_us: bool,
    pub(crate) requests: Requests,
    /// Whether a template or key wants to know what the matched path stands for.
    pub(crate) reads_captures: bool,
    pub(crate) action: RouteAction,
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
    pub(crate) path: Option<Template>,
    pub(crate) host: Option<Host>,
    pub(crate) request_edits: Option<EditsIndex>,
    pub(crate) response_edits: Option<EditsIndex>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) per_try_timeout: Option<Duration>,
    pub(crate) attempts: u32,
    pub(crate) retries: RetryIndex,
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
    NotVisible(ServiceRef, RuleIndex),
}

impl RouteEntry {
    pub(super) fn new(
        builder: &mut Builder<'_>,
        route: &Route,
        rule: &RouteRule,
        service: &Service,
        port: &Port,
    ) -> Self {
        let index = builder.add_rule(Kind::Route, &route.id, Some(&rule.id), &rule.origin);
        let requests = builder.accept(index, Requests::new(&rule.matches));
        let salt = Salt::new(&builder.meta(index).to_string());
        let action = match &rule.action {
            Action::Respond(respond) => RouteAction::Respond(builder.add_respond(respond)),
            Action::Redirect(redirect) => RouteAction::Redirect {
                redirect: redirect.clone(),
                path: redirect.path.as_deref().map(Template::parse),
            },
            Action::Forward(forward) => RouteAction::Forward(Box::new(forward_table(
                builder, index, forward, service, salt,
            ))),
        };
        let reads_captures = check_captures(builder, index, &requests, &action);
        check_protocol(builder, index, rule, &action, port);
        let role = &builder.snapshot.role;
        let us = Caller {
            identity: Some(&role.identity),
            address: None,
        };
        let own = &builder.snapshot.settings.trust_domain;
        Self {
            rule: index,
            is_for_us: is_from(&rule.from, &us, own, Mode::Plain),
            requests,
            reads_captures,
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

fn forward_table(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    forward: &Forward,
    service: &Service,
    salt: Salt,
) -> ForwardTable {
    let backends: Vec<_> = forward
        .backends
        .iter()
        .map(|backend| backend_choice(builder, rule, backend, service))
        .collect();
    let total = backends.iter().map(|it| u64::from(it.weight)).sum();
    if total == 0 {
        builder.refuse(rule, "no backend has a weight");
    }
    let rewrite = forward.rewrite.as_ref();
    ForwardTable {
        backends,
        total,
        salt,
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
    }
}

fn backend_choice(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    backend: &Backend,
    service: &Service,
) -> BackendChoice {
    let destination = match &backend.target {
        BackendTarget::Service => Destination::Own(None),
        BackendTarget::Version(name) => Destination::Own(version(builder, rule, service, name)),
        BackendTarget::External { service, .. } => {
            builder.refuse(rule, format!("{service} is external"));
            Destination::Own(None)
        }
        BackendTarget::Other { service, port } => other(builder, rule, service, port),
    };
    BackendChoice {
        destination,
        weight: backend.weight,
        request_edits: builder.add_edits(&backend.request_headers),
        response_edits: builder.add_edits(&backend.response_headers),
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
    service: &ServiceRef,
    port: &Name,
) -> Destination {
    let visible = builder.is_called(service);
    let Some(index) = builder.find_service(service).filter(|_| visible) else {
        let default = builder.add_default_rule(Some(&service.namespace));
        return Destination::NotVisible(service.clone(), default);
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

fn check_protocol(
    builder: &mut Builder<'_>,
    index: RuleIndex,
    rule: &RouteRule,
    action: &RouteAction,
    port: &Port,
) {
    let plain = rule.matches.is_empty() && matches!(action, RouteAction::Forward(_));
    if !port.protocol.is_http() && !plain {
        let reason = format!(
            "it reads requests, but port `{}` speaks {}",
            port.name, port.protocol
        );
        builder.refuse(index, reason);
    }
}
