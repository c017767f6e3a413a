use mesh_ir::{
    CallerMatch, Mesh, RequestMatch, Role, Scope, ServiceRef, SpiffeId, Subject, Target as Scoped,
    Timestamp, Who,
};

use super::{Counterexample, Must, Proof};
use crate::algebra::{
    Bounds, CallerSet, Mode, Rule, Set, Side as Place, Space, SpaceBuilder, Undecided, Universe,
    Witness,
};
use crate::diff::{Cell, Judge, Point, Routes, Sees, Side, Site, Target, shown, sites};
use crate::simulate::{Outcome, Verdict};

/// How many callers that exist are named one by one.
const MAX_NAMED: usize = 256;
/// How many ways through a gateway are tried for one that leads on.
const MAX_TRIED: usize = 16;

/// Proves claims about one mesh.
pub(crate) struct Prover<'m> {
    side: Side<'m>,
}

/// What a claim is about.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) from: &'a [CallerMatch],
    pub(crate) to: &'a [Scoped],
    pub(crate) matches: &'a [RequestMatch],
}

/// What was found so far.
#[derive(Default)]
struct Findings {
    refuting: Vec<Counterexample>,
    open: Vec<String>,
}

impl<'m> Prover<'m> {
    pub(crate) fn new(mesh: &'m Mesh, now: Timestamp) -> Self {
        Self {
            side: Side::new(mesh, now),
        }
    }

    pub(crate) fn prove(&self, asked: Asked<'_>, must: Must) -> Proof {
        let mut found = Findings::default();
        let existing = self.existing(asked.from);
        if must == Must::Always && existing.is_empty() {
            let why = "nobody who exists is meant: there is no request to let through";
            found.open.push(why.to_owned());
        }
        let named = named(&existing);
        for scoped in asked.to {
            for target in self.targets(&scoped.scope) {
                for site in sites(&self.side, &target) {
                    if !scoped.ports.is_empty() && !scoped.ports.contains(site.name) {
                        continue;
                    }
                    // What reads requests says nothing of a port of bytes.
                    if !site.protocol.is_http() && !asked.matches.is_empty() {
                        continue;
                    }
                    let point = Point::one(&target, &site);
                    let at = At {
                        side: &self.side,
                        point: &point,
                        site: &site,
                        asked,
                        existing: &existing,
                        named: &named,
                    };
                    let proved = match must {
                        Must::Never => at.never(&mut found),
                        Must::Always => at.always(&mut found),
                    };
                    if let Err(why) = proved {
                        found.open.push(format!("{target}: {why}"));
                    }
                }
            }
        }
        Proof::of(found.refuting, found.open)
    }

    fn targets(&self, scope: &Scope) -> Vec<Target> {
        if let Some(subject) = scope.subject() {
            return vec![Target::of(subject)];
        }
        let mesh = self.side.mesh;
        let services = mesh.services.keys().map(Subject::Service);
        let externals = mesh.externals.keys().map(Subject::External);
        let gateways = mesh.gateways.keys().map(Subject::Gateway);
        let all = services.chain(externals).chain(gateways);
        let covered = all.filter(|subject| scope.is_about(*subject));
        covered.map(Target::of).collect()
    }

    /// Whoever exists: a claim about everybody is about those.
    fn existing(&self, from: &[CallerMatch]) -> Vec<SpiffeId> {
        let identities = &self.side.identities;
        let own = &self.side.mesh.settings.trust_domain;
        let entries: Vec<_> = from.iter().map(|it| CallerSet::of(it, own)).collect();
        let meant = |id: &&SpiffeId| entries.iter().any(|it| it.may_be(id));
        identities.iter().filter(meant).cloned().collect()
    }
}

/// Callers as whom a rule names; empty for everybody, where there are too many of them.
fn named(identities: &[SpiffeId]) -> Vec<CallerMatch> {
    if identities.len() > MAX_NAMED {
        return vec![];
    }
    let name = mesh_ir::Name::parse("callers").expect("letters are a name");
    let service = ServiceRef {
        namespace: name.clone(),
        name,
    };
    vec![CallerMatch::from(Who::Service {
        service,
        identities: identities.to_vec(),
    })]
}

/// A claim at one port.
struct At<'a> {
    side: &'a Side<'a>,
    point: &'a Point<'a>,
    site: &'a Site<'a>,
    asked: Asked<'a>,
    /// Who exists of those that are asked about.
    existing: &'a [SpiffeId],
    /// The same as a rule names them.
    named: &'a [CallerMatch],
}

impl<'a> At<'a> {
    fn rule(&self, from: &'a [CallerMatch], mode: Mode) -> Rule<'a> {
        Rule {
            from,
            hosts: &[],
            matches: self.asked.matches,
            mode,
            trust_domain: &self.side.mesh.settings.trust_domain,
        }
    }

    fn is_gateway(&self) -> bool {
        matches!(self.point.target, Target::Gateway(_))
    }

    /// What is let in and claimed not to be. In any reading: it closes.
    fn never(&self, found: &mut Findings) -> Result<(), Undecided> {
        let mut builder = crate::diff::space_of(self.side, self.point);
        let judge = Judge::gather(&mut builder, self.side, (self.point, self.site));
        let routes = Routes::gather(&mut builder, self.side, (self.point, self.site));
        let claimed = builder.rule(self.rule(self.asked.from, Mode::Deny));
        let space = builder.build()?;
        let allowed = judge.allowed(&space)?;
        let wrong = space.intersect(allowed, space.set(claimed))?;
        if space.is_empty(wrong) {
            return Ok(());
        }
        if self.is_gateway() {
            return self.led_on(&space, &routes, wrong, found);
        }
        for cell in judge.allowing(&space, wrong)? {
            self.refute(&space, &cell, true, found);
        }
        Ok(())
    }

    /// What a gateway lets in goes on by its routes: it is let through where they lead.
    fn led_on(
        &self,
        space: &Space,
        routes: &Routes<'_>,
        wrong: Set,
        found: &mut Findings,
    ) -> Result<(), Undecided> {
        let sees = Sees::of_first(self.side, &self.point.target);
        let ways = routes.ways(space, wrong, &sees)?;
        for way in ways.into_iter().filter(|it| !it.refuses).take(MAX_TRIED) {
            let Some(witness) = space.witness(way.set) else {
                continue;
            };
            let verdict = self.asked_of(&witness);
            match verdict {
                Ok(verdict) if is_through(&verdict) => {
                    let counterexample = self.counterexample(&witness, &way.route, vec![way.line]);
                    found.refuting.push(counterexample);
                }
                Ok(_) => {
                    let example = shown::example(&witness, &self.point.target, self.site);
                    found.open.push(format!(
                        "what is behind the gateway refuses `{example}`; whether it refuses all that {} sends there is not known",
                        way.line
                    ));
                }
                Err(why) => found.open.push(why),
            }
        }
        Ok(())
    }

    /// What is claimed and not let in, by the callee or by the proxies of its callers.
    fn always(&self, found: &mut Findings) -> Result<(), Undecided> {
        let mut builder = crate::diff::space_of(self.side, self.point);
        let judge = Judge::gather(&mut builder, self.side, (self.point, self.site));
        let claimed = builder.rule(self.rule(self.asked.from, Mode::Allow));
        let exist = builder.rule(self.rule(self.named, Mode::Allow));
        let space = builder.build()?;
        let mut all = space.intersect(space.set(claimed), judge.universe(&space)?)?;
        if !self.is_gateway() {
            all = space.intersect(all, space.set(exist))?;
        }
        let wrong = space.subtract(all, judge.allowed(&space)?)?;
        for cell in judge.refusing(&space, wrong)? {
            self.refute(&space, &cell, false, found);
        }
        let target = &self.point.target;
        for (asked, line, about) in judge.asked() {
            if !space.is_empty(space.intersect(space.set(about), all)?) {
                found.open.push(format!("{target}: only {asked} ({line})"));
            }
        }
        if found.refuting.is_empty() {
            self.sent(found)?;
        }
        Ok(())
    }

    /// Whether everything claimed is sent on by whoever sends it.
    fn sent(&self, found: &mut Findings) -> Result<(), Undecided> {
        let target = &self.point.target;
        if self.is_gateway() {
            let why = "what is behind a gateway is proved at the services themselves";
            found.open.push(format!("{target}: {why}"));
            return Ok(());
        }
        let is_meant = |role: &Role| self.existing.binary_search(&role.identity).is_ok();
        let blind = self.side.every_role().filter(|role| is_meant(role));
        let blind = blind.filter(|role| !Side::shows(role, target));
        found
            .refuting
            .extend(blind.map(|role| self.not_visible(role)));
        let universe = Universe {
            side: Place::Caller,
            protocol: self.site.protocol,
            encoded_slash: self.site.encoded_slash,
            hosts: &self.site.hosts,
            identities: &self.side.identities,
        };
        let mut builder = SpaceBuilder::new(universe, Bounds::default());
        let routes = Routes::gather(&mut builder, self.side, (self.point, self.site));
        let claimed = builder.rule(self.rule(self.named, Mode::Plain));
        let space = builder.build()?;
        let ways = routes.ways(&space, space.set(claimed), &Sees::default())?;
        for way in ways.into_iter().filter(|it| it.refuses) {
            if let Some(witness) = space.witness(way.set) {
                let counterexample = self.counterexample(&witness, &way.route, vec![way.line]);
                found.refuting.push(counterexample);
            }
        }
        Ok(())
    }

    fn not_visible(&self, role: &Role) -> Counterexample {
        let target = &self.point.target;
        let from = role.serves.first().map(ToString::to_string);
        let from = from.or_else(|| self.side.name_of(&role.identity));
        let from = from.unwrap_or_else(|| role.identity.to_string());
        let subject = target.subject();
        let default = self.side.mesh.settings.access_default(subject.namespace());
        Counterexample {
            witness: shown::any(target, self.site, "/"),
            to: target.to_string(),
            outcome: format!("403 not-visible to {from}"),
            from,
            lines: vec![default.origin.to_string()],
        }
    }

    /// Shows what is in a cell by a witness that `mesh-decide` has decided alike.
    fn refute(&self, space: &Space, cell: &Cell, admitted: bool, found: &mut Findings) {
        let Some(witness) = space.witness(cell.set) else {
            return;
        };
        let at = (&self.point.target, self.site);
        let question = shown::question(self.side, &witness, at);
        let subject = self.point.target.subject();
        let simulator = &self.side.simulator;
        let decided = simulator.received(subject, self.site.name, &question);
        match decided {
            Ok(verdict) if (verdict.outcome == Outcome::Forward) == admitted => {
                let lines = cell.lines.clone();
                let counterexample = self.counterexample(&witness, &cell.what, lines);
                found.refuting.push(counterexample);
            }
            Ok(verdict) => found.open.push(format!(
                "the proxies decide `{witness}` as {}, which is not what the rules say",
                verdict.outcome
            )),
            Err(why) => found.open.push(why.to_string()),
        }
    }

    fn asked_of(&self, witness: &Witness) -> Result<Verdict, String> {
        let at = (&self.point.target, self.site);
        let question = shown::question(self.side, witness, at);
        let verdict = self.side.simulator.ask(&question);
        verdict.map_err(|why| why.to_string())
    }

    fn counterexample(
        &self,
        witness: &Witness,
        outcome: &str,
        lines: Vec<String>,
    ) -> Counterexample {
        let target = &self.point.target;
        Counterexample {
            from: shown::sender([self.side, self.side], witness.identity.as_ref(), target),
            to: target.to_string(),
            witness: shown::example(witness, target, self.site),
            outcome: outcome.to_owned(),
            lines,
        }
    }
}

fn is_through(verdict: &Verdict) -> bool {
    matches!(verdict.outcome, Outcome::Forward | Outcome::Respond)
}
