use mesh_decide::{
    Admission, Answers, AuthorizerOutcome, CalleeKind, Caller, Claims, InboundPort, Moment, Plan,
    Question as Asked, State, Step, Tables, TokenOutcome, TokenQuestion, What, canonical_host,
};
use mesh_ir::{ServiceRef, SpiffeId, Tick};

use super::Sender;
use crate::simulate::Simulator;
use crate::simulate::question::{AuthorizerSays, Head, Question, Unanswerable};
use crate::simulate::report::{At, RuleReport, steps};
use crate::simulate::verdict::{Outcome, Shadow, Verdict};

/// A place where something is judged before it is let in.
pub(super) struct Entry<'s> {
    pub(super) tables: &'s Tables,
    pub(super) at: InboundPort,
    pub(super) whose: At,
    /// What the certificate of the caller proves.
    pub(super) identity: Option<SpiffeId>,
}

/// What was said there.
pub(super) struct Judged {
    pub(super) admission: Admission,
    pub(super) answers: Answers,
    /// As far as this place goes.
    pub(super) verdict: Verdict,
}

impl<'s> Entry<'s> {
    /// Where what a plan sends arrives; `None`: nobody of the mesh judges it any more.
    pub(super) fn of_plan(
        simulator: &'s Simulator<'_>,
        sender: Sender<'s>,
        plan: &Plan,
    ) -> Result<Option<Self>, Unanswerable> {
        let callee = sender.tables.service(plan.service);
        let port = &sender.tables.port(plan.service, plan.port).name;
        let not_served = || Unanswerable::PortNotServed {
            service: callee.id.clone(),
            port: port.clone(),
        };
        let identity = Some(sender.tables.role().identity.clone());
        if let Some(at) = plan.admit {
            return Ok(Some(Self {
                tables: sender.tables,
                at,
                whose: sender.at,
                identity,
            }));
        }
        let role = match (sender.tables.kind(plan.service), plan.via) {
            (CalleeKind::External, None) => return Ok(None),
            (CalleeKind::External, Some(via)) => {
                let gateway = sender.tables.gateway(via);
                let gateway = &gateway.ok_or_else(not_served)?.id;
                let mut roles = simulator.mesh().roles.iter();
                let role = roles.position(|role| role.gateways.contains(gateway));
                role.ok_or_else(|| Unanswerable::NoDoorkeeper(gateway.clone()))?
            }
            _ => {
                let role = simulator.server(&callee.id);
                role.ok_or_else(|| Unanswerable::NotServed(callee.id.clone()))?
            }
        };
        let tables = simulator.tables(role)?;
        let found = match sender.tables.kind(plan.service) {
            CalleeKind::External => tables.find_external(&callee.id),
            _ => tables.find_service(&callee.id),
        };
        let at = found.and_then(|callee| tables.inbound_of(callee, port));
        Ok(Some(Self {
            tables,
            at: at.ok_or_else(not_served)?,
            whose: At::Callee,
            identity,
        }))
    }

    /// The port of a service that a request names which no proxy sends.
    pub(super) fn direct(
        simulator: &'s Simulator<'_>,
        question: &Question,
        head: &Head,
    ) -> Result<Self, Unanswerable> {
        let authority = head.first("host").unwrap_or_default();
        let text = || String::from_utf8_lossy(authority).into_owned();
        let nobody = |port: Option<u16>| Unanswerable::NoListener {
            host: text(),
            port: port.unwrap_or(80),
        };
        let (host, number) = canonical_host(authority).map_err(|_| nobody(None))?;
        let service = simulator
            .service_of_host(&host)
            .ok_or_else(|| nobody(number))?;
        let ports = || service.ports.iter().filter(|port| port.protocol.is_http());
        let port = match number {
            Some(number) => ports().find(|port| port.number == number),
            None => match ports().find(|port| port.number == 80) {
                Some(port) => Some(port),
                None => ports().next().filter(|_| ports().count() == 1),
            },
        };
        let port = port.ok_or_else(|| nobody(number))?;
        Self::at_service(simulator, question, &service.id, &port.name)
    }

    /// A port of a service, for a caller whose proxy does not judge.
    pub(super) fn at_service(
        simulator: &'s Simulator<'_>,
        question: &Question,
        service: &ServiceRef,
        port: &mesh_ir::Name,
    ) -> Result<Self, Unanswerable> {
        let role = simulator.server(service);
        let role = role.ok_or_else(|| Unanswerable::NotServed(service.clone()))?;
        let tables = simulator.tables(role)?;
        let at = tables.inbound(service, port);
        Ok(Self {
            tables,
            at: at.ok_or_else(|| Unanswerable::PortNotServed {
                service: service.clone(),
                port: port.clone(),
            })?,
            whose: At::Callee,
            identity: question.from.identity.clone(),
        })
    }

    pub(super) fn caller<'a>(&'a self, question: &Question, answers: &'a Answers) -> Caller<'a> {
        Caller {
            identity: self.identity.as_ref(),
            address: question.address,
            answers,
        }
    }

    /// Asks until nothing more is to be known.
    pub(super) fn judge(
        &self,
        question: &Question,
        decision: impl Fn(&State, &Caller<'_>, Moment, &mut Vec<Step>) -> Admission,
    ) -> Judged {
        let state = State::new(self.tables, 0);
        let moment = Moment {
            now: Tick(0),
            wall: question.wall,
        };
        let mut answers = Answers::default();
        loop {
            let mut observed = Vec::new();
            let caller = self.caller(question, &answers);
            let admission = decision(&state, &caller, moment, &mut observed);
            let answered = match &admission {
                Admission::Ask(asked) => self.answer(question, asked, &mut answers),
                _ => false,
            };
            if !answered {
                let mut verdict = self.verdict(&admission);
                verdict.limits = self.limits(&observed);
                verdict.steps = steps(self.whose, self.tables, &observed);
                return Judged {
                    admission,
                    answers,
                    verdict,
                };
            }
        }
    }

    /// Whether the world had something to say that was not known yet.
    fn answer(&self, question: &Question, asked: &Asked, answers: &mut Answers) -> bool {
        let before = answers.tokens.len() + answers.authorizers.len();
        match asked {
            Asked::Tokens(tokens) => {
                let said = tokens.iter().map(|token| self.token(question, token));
                answers.tokens.extend(said);
            }
            Asked::Authorize(asked) => {
                let outcome = match question.authorizers {
                    AuthorizerSays::Agrees => AuthorizerOutcome::Agrees,
                    AuthorizerSays::Refuses => AuthorizerOutcome::Refuses(403),
                    AuthorizerSays::Fails => AuthorizerOutcome::Fails,
                };
                answers
                    .authorizers
                    .extend(asked.iter().map(|it| (*it, outcome)));
            }
        }
        answers.tokens.len() + answers.authorizers.len() > before
    }

    fn token(
        &self,
        question: &Question,
        asked: &TokenQuestion,
    ) -> (mesh_decide::IssuerIndex, TokenOutcome) {
        let issuer = &self.tables.issuer(asked.issuer).id;
        let is_of = |token: &&crate::simulate::question::Token| {
            token.issuer.as_ref().is_none_or(|it| it == issuer)
        };
        let outcome = match question.tokens.iter().find(is_of) {
            Some(token) => TokenOutcome::Valid(Claims::new(token.claims.clone())),
            None => TokenOutcome::Invalid,
        };
        (asked.issuer, outcome)
    }

    fn verdict(&self, admission: &Admission) -> Verdict {
        let sender = Sender {
            tables: self.tables,
            at: self.whose,
        };
        let (verdict, noted) = match admission {
            Admission::Admit(admitted) => {
                let verdict = Verdict {
                    allowed_by: Some(RuleReport::of(self.tables, admitted.allowed_by)),
                    ..Verdict::new(Outcome::Forward)
                };
                (verdict, Some(&admitted.noted))
            }
            Admission::Refuse(refusal) => (sender.refused(refusal), Some(&refusal.noted)),
            Admission::Preflight(preflight) => (sender.preflight(preflight), None),
            // Every question was answered.
            Admission::Ask(_) => (Verdict::new(Outcome::Deny), None),
        };
        let Some(noted) = noted else { return verdict };
        Verdict {
            audited: RuleReport::all(self.tables, &noted.audited),
            shadow: noted.shadow.as_ref().map(|shadow| Shadow {
                allows: shadow.outcome == mesh_decide::ShadowOutcome::Allow,
                rule: RuleReport::of(self.tables, shadow.rule),
            }),
            ..verdict
        }
    }

    fn limits(&self, observed: &[Step]) -> Vec<RuleReport> {
        let counts = |step: &&Step| {
            let found = step.found;
            let counts = matches!(
                found,
                mesh_decide::Found::Room { .. } | mesh_decide::Found::NoRoom
            );
            step.what == What::Limit && counts
        };
        let rules = observed.iter().filter(counts).filter_map(|step| step.rule);
        let mut limits: Vec<RuleReport> = rules
            .map(|rule| RuleReport::of(self.tables, rule))
            .collect();
        limits.sort();
        limits.dedup();
        limits
    }
}

impl Verdict {
    /// What one place said, and then what the next one says of what it let on.
    pub(super) fn then(self, next: Self) -> Self {
        let mut steps = self.steps;
        steps.extend(next.steps);
        let mut audited = self.audited;
        audited.extend(next.audited);
        let mut limits = self.limits;
        limits.extend(next.limits);
        let mut let_through_by = self.let_through_by;
        let_through_by.extend(self.allowed_by);
        let_through_by.extend(next.let_through_by);
        Self {
            let_through_by,
            gateway: self.gateway.or(next.gateway),
            shadow: next.shadow.or(self.shadow),
            audited,
            limits,
            steps,
            ..next
        }
    }
}

impl Judged {
    /// What a sender said, and then this place: where it is let in, it is as it was sent.
    pub(super) fn after(self, sent: Verdict) -> Verdict {
        let said = self.verdict;
        let next = if said.outcome == Outcome::Forward {
            Verdict {
                allowed_by: said.allowed_by,
                let_through_by: said.let_through_by,
                steps: said.steps,
                audited: said.audited,
                limits: said.limits,
                shadow: said.shadow,
                ..sent.clone()
            }
        } else {
            Verdict {
                rules: sent.rules.clone(),
                service: sent.service.clone(),
                version: sent.version.clone(),
                versions: sent.versions.clone(),
                path: sent.path.clone(),
                host: sent.host.clone(),
                ..said
            }
        };
        sent.then(next)
    }
}
