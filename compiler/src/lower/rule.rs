use mesh_ir::{
    AbortWith, Action, Backend, BackendTarget, Cors, Fault, FaultAbort, FaultDelay, Forward,
    HeaderEdits, Mirror, Name, Percent, Rank, Rewrite, RouteRule, ValueMatch,
};

use super::answer::{edits, redirect, respond};
use super::context::Context;
use super::defaults::merge_retries;
use super::lists::{every, sorted};
use super::matching::{callers, requests};
use super::rule_id::rule_id;
use crate::diagnostic::Span;
use crate::resolve::RouteTarget;
use crate::syntax::ast::{self, Spanned};

/// Lowers the rules of one `Route`.
pub(super) struct RuleContext<'c> {
    pub(super) context: &'c Context<'c>,
    /// The namespace of the document.
    pub(super) here: &'c Name,
    /// What it is about.
    pub(super) target: &'c RouteTarget<'c>,
}

impl RuleContext<'_> {
    /// A rule without its rank; `None` where one of its names means nothing.
    pub(super) fn rule(&self, entry: &ast::Rule) -> Option<RouteRule> {
        let from = callers(self.context, self.here, &entry.from)?;
        let matches = requests(&entry.matches);
        let priority = entry.priority.map_or(0, |it| it.value);
        let action = match &entry.action {
            ast::Action::Forward(forward) => Action::Forward(self.forward(entry.span, forward)?),
            ast::Action::Redirect(written) => Action::Redirect(redirect(written)),
            ast::Action::Respond(written) => Action::Respond(respond(written)),
        };
        let cors = entry.cors.as_ref().map(|it| self.cors(it));
        let id = {
            let cors = cors.as_ref().map(unplaced_cors);
            let content = (priority, &from, &matches, Unplaced(&action), cors);
            rule_id(entry.name.as_ref(), &content)
        };
        Some(RouteRule {
            id,
            origin: self.context.sources.origin(entry.span),
            rank: Rank { priority, depth: 0 },
            from,
            matches,
            action,
            cors,
        })
    }

    fn forward(&self, entry: Span, written: &ast::Forward) -> Option<Forward> {
        let defaults = self.context.defaults(self.target.defaults_of(self.here));
        let backends = match written.to.as_slice() {
            [] => vec![self.whole_target(entry)?],
            [one] => vec![self.backend(one, 1)?],
            // A missing weight has its finding, and is no reason for others.
            all => every(all, |it| {
                self.backend(it, it.weight.map_or(1, |it| it.value))
            })?,
        };
        Some(Forward {
            backends,
            split_by: written.split_by.iter().map(|it| it.value.clone()).collect(),
            rewrite: written.rewrite.as_ref().map(|rewrite| Rewrite {
                path: rewrite.path.as_ref().map(|it| it.value.text.clone()),
                host: rewrite.host.as_ref().map(|it| it.value.clone()),
            }),
            request_headers: edits(&written.headers.request),
            response_headers: edits(&written.headers.response),
            timeout: written.timeout.map_or(defaults.timeout, |it| it.value),
            per_try_timeout: written.per_try_timeout.map(|it| it.value),
            retries: merge_retries(&defaults.retries, written.retries.as_ref()),
            fallback: every(&written.fallback, |it| self.backend(it, 1))?,
            mirror: every(&written.mirror, |it| self.mirror(it))?,
            fault: written.fault.as_ref().map(fault),
        })
    }

    /// What `to` means where it is left out; `None` at a gateway, which has no own.
    fn whole_target(&self, entry: Span) -> Option<Backend> {
        if matches!(self.target, RouteTarget::Gateway(..)) {
            return None;
        }
        Some(Backend {
            target: BackendTarget::Service,
            weight: 1,
            request_headers: HeaderEdits::default(),
            response_headers: HeaderEdits::default(),
            origin: self.context.sources.origin(entry),
        })
    }

    fn backend(&self, written: &ast::Backend, weight: u32) -> Option<Backend> {
        Some(Backend {
            target: self.place(&written.target, written.port.as_ref())?,
            weight,
            request_headers: edits(&written.headers.request),
            response_headers: edits(&written.headers.response),
            origin: self.context.sources.origin(written.span),
        })
    }

    fn mirror(&self, written: &ast::Mirror) -> Option<Mirror> {
        Some(Mirror {
            target: self.place(&written.target, written.port.as_ref())?,
            percent: share(written.percent),
            origin: self.context.sources.origin(written.span),
        })
    }

    fn place(
        &self,
        written: &ast::BackendTarget,
        port: Option<&Spanned<Name>>,
    ) -> Option<BackendTarget> {
        let program = self.context.program;
        match written {
            ast::BackendTarget::Version(version) => {
                let is_own = matches!(self.target, RouteTarget::Service(..));
                is_own.then(|| BackendTarget::Version(version.value.clone()))
            }
            ast::BackendTarget::External(reference) => {
                let (service, object) = program.external(&reference.value, self.here)?;
                if matches!(self.target, RouteTarget::External(own, _) if *own == service) {
                    return Some(BackendTarget::Service);
                }
                let port = self.target.port_of(&object.spec.ports, port)?;
                Some(BackendTarget::External {
                    service: service.clone(),
                    port: port.name.value.clone(),
                })
            }
            ast::BackendTarget::Service(reference) => {
                let (service, object) = program.service(&reference.value, self.here)?;
                if matches!(self.target, RouteTarget::Service(own, _) if **own == service) {
                    return Some(BackendTarget::Service);
                }
                let port = self.target.port_of(&object.spec.ports, port)?;
                Some(BackendTarget::Other {
                    service,
                    port: port.name.value.clone(),
                })
            }
        }
    }

    fn cors(&self, written: &ast::Cors) -> Cors {
        let ast::Cors {
            origins,
            methods,
            headers,
            expose,
            credentials,
            max_age,
            span,
        } = written;
        let origin = |it: &Spanned<ast::Origin>| match &it.value {
            ast::Origin::Exactly(text) => ValueMatch::Exact(text.clone()),
            ast::Origin::Regex(text) => ValueMatch::Regex(text.clone()),
            ast::Origin::Any => ValueMatch::Present,
        };
        let mut origins: Vec<ValueMatch> = origins.iter().map(origin).collect();
        origins.sort();
        origins.dedup();
        Cors {
            origins,
            methods: sorted(methods),
            headers: sorted(headers),
            expose: sorted(expose),
            max_age: max_age.map(|it| it.value),
            credentials: credentials.is_some_and(|it| it.value),
            origin: self.context.sources.origin(*span),
        }
    }
}

fn fault(written: &ast::Fault) -> Fault {
    Fault {
        delay: written.delay.as_ref().map(|it| FaultDelay {
            length: it.duration.value,
            percent: share(it.percent),
        }),
        abort: written.abort.as_ref().map(|it| FaultAbort {
            with: match it.answer {
                ast::AbortWith::Status(status) => AbortWith::Status(status.value),
                ast::AbortWith::Grpc(status) => AbortWith::Grpc(status.value),
            },
            percent: share(it.percent),
        }),
    }
}

fn share(written: Option<Spanned<Percent>>) -> Percent {
    written.map_or(Percent::ALL, |it| it.value)
}

/// `cors` without the place of its line.
pub(super) fn unplaced_cors(cors: &Cors) -> impl std::fmt::Debug + PartialEq + '_ {
    let Cors {
        origins,
        methods,
        headers,
        expose,
        max_age,
        credentials,
        origin: _,
    } = cors;
    (origins, methods, headers, expose, max_age, credentials)
}

/// An action without the places of its backends, for the hash of its content.
struct Unplaced<'a>(&'a Action);

impl std::fmt::Debug for Unplaced<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Action::Forward(forward) = self.0 else {
            return write!(f, "{:?}", self.0);
        };
        for backend in forward.backends.iter().chain(&forward.fallback) {
            let edits = (&backend.request_headers, &backend.response_headers);
            write!(f, "{:?} {} {edits:?} ", backend.target, backend.weight)?;
        }
        for mirror in &forward.mirror {
            write!(f, "{:?} {:?} ", mirror.target, mirror.percent)?;
        }
        let edits = (&forward.request_headers, &forward.response_headers);
        let bounds = (forward.timeout, forward.per_try_timeout, &forward.retries);
        write!(f, "{:?} {:?} {edits:?}", forward.split_by, forward.rewrite)?;
        write!(
            f,
            "{bounds:?} {:?} {}",
            forward.fault,
            forward.fallback.len()
        )
    }
}
