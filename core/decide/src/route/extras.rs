use mesh_ir::Percent;

use super::journey::{Arrival, Journey};
use super::sent::Sent;
use crate::draw::{Salt, draw};
use crate::matching::Subject;
use crate::tables::{Destination, ForwardTable, RouteEntry};
use crate::verdict::{Injected, Plan, Resume, Routing};

impl Journey<'_> {
    /// What few rules ask for; costs nothing where they do not.
    pub(super) fn extras(
        &mut self,
        entry: &RouteEntry,
        forward: &ForwardTable,
        at: usize,
        subject: &Subject<'_>,
        sent: Sent<'_>,
    ) {
        if self.is_copy {
            return;
        }
        // The first rule with `cors` is the one that answers a preflight.
        if let Some(cors) = entry.cors.as_ref().filter(|_| self.plan.cors.is_none()) {
            self.plan.cors = Some(Box::new(cors.answer(subject.headers)));
        }
        if let Some(table) = &forward.fault {
            let delay = table.fault.delay;
            let delay = delay.filter(|it| self.happens(it.percent, table.delay_salt));
            let abort = table.fault.abort;
            let abort = abort.filter(|it| self.happens(it.percent, table.abort_salt));
            if delay.is_some() || abort.is_some() {
                self.inject(Injected {
                    rule: entry.rule,
                    delay: delay.map(|it| it.length),
                    abort: abort.map(|it| it.with),
                    always_aborts: abort.is_some_and(|it| it.percent == Percent::ALL),
                });
            }
        }
        for mirror in &forward.mirrors {
            if self.happens(mirror.percent, mirror.salt) {
                self.copy(&mirror.destination, sent);
            }
        }
        if !forward.fallback.is_empty() {
            let mut before = self.plan.clone();
            before.fallback = vec![];
            self.plan.fallback.push(Resume {
                before: Box::new(before),
                service: self.plan.service,
                port: self.plan.port,
                entry: at,
                next: 0,
                scheme: sent.scheme(),
            });
        }
    }

    /// Of several rules on the way the delays add up, and the first abort holds.
    fn inject(&mut self, drawn: Injected) {
        let Some(before) = &mut self.plan.fault else {
            self.plan.fault = Some(drawn);
            return;
        };
        before.delay = match (before.delay, drawn.delay) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        };
        if before.abort.is_none() && drawn.abort.is_some() {
            before.rule = drawn.rule;
            before.abort = drawn.abort;
            before.always_aborts = drawn.always_aborts;
        }
    }

    /// A copy to another place; nothing is copied where the place answers by itself.
    fn copy(&mut self, destination: &Destination, sent: Sent<'_>) {
        let mut copy = Self {
            is_copy: true,
            client: None,
            ..self.clone()
        };
        copy.plan.mirrors = vec![];
        copy.plan.fallback = vec![];
        copy.plan.fault = None;
        let routing = match copy.go(destination, &mut ()) {
            Ok(Arrival::Here) => copy.arrive(),
            Ok(Arrival::Onward(service, port)) => {
                copy.onward(service, port);
                copy.travel(sent, &mut ())
            }
            Err(answered) => *answered,
        };
        if let Routing::Forward(plan) = routing {
            self.plan.mirrors.push(Plan {
                attempts: 0,
                ..plan
            });
        }
    }

    fn happens(&self, percent: Percent, salt: Salt) -> bool {
        draw(self.id, salt).below(Percent::ALL.0.into()) < percent.0.into()
    }
}
