mod authorizer;
mod connections;
mod documents;
mod form;
mod gateway;
mod limits;
mod open;
mod plaintext;
mod server_names;
mod tokens;

use std::time::Duration;

use mesh_ir::{
    AccessRule, DefaultAccess, EncodedSlash, HostPattern, Key, Protocol, Scope, Snapshot, SpiffeId,
    Target, Tick, Timestamp, ValueMatch, Who,
};
use proptest::prelude::*;

use super::*;
use crate::answers::Question;
use crate::fixture::{
    access, account, asks, entry, fields, id, limit, name, request, service, service_ref, snapshot,
    tables, until, with_header,
};
use crate::observe::Why;
use crate::verdict::ShadowOutcome;

/// Answers one request after another to the served port.
struct Callee {
    tables: Tables,
    state: State,
    now: Tick,
    wall: i64,
}

impl Callee {
    fn new(snapshot: &Snapshot) -> Self {
        let tables = tables(snapshot);
        let state = State::new(&tables, 7);
        Self {
            tables,
            state,
            now: Tick(0),
            wall: 0,
        }
    }

    fn at(&self) -> InboundPort {
        self.tables
            .inbound(&service_ref("reviews"), &name("http"))
            .unwrap()
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.now,
            wall: Timestamp(self.wall),
        }
    }

    fn ask(&self, from: &str, method: &str, target: &str) -> Admission {
        self.ask_with(from, method, target, &[])
    }

    fn ask_with(&self, from: &str, method: &str, path: &str, more: &[(&str, &str)]) -> Admission {
        self.observe(from, method, path, more, &mut ())
    }

    fn observe<O: Observer>(
        &self,
        from: &str,
        method: &str,
        target: &str,
        more: &[(&str, &str)],
        observer: &mut O,
    ) -> Admission {
        let caller = id(from);
        let caller = Caller::new(Some(&caller), Some("10.0.0.1".parse().unwrap()));
        let fields = fields("reviews.shop", more);
        let request = asks(method, target, &fields);
        let at = self.at();
        admit(
            &self.tables,
            &self.state,
            at,
            &caller,
            &request,
            self.moment(),
            observer,
        )
    }

    fn name_of(&self, rule: crate::RuleIndex) -> String {
        self.tables.rule(rule).to_string()
    }

    /// The rule that lets a request in, or status, reason and rule of the refusal.
    fn outcome(&self, admission: &Admission) -> String {
        match admission {
            Admission::Admit(admitted) => self.name_of(admitted.allowed_by),
            Admission::Refuse(refusal) => {
                let rule = refusal
                    .rule
                    .map(|rule| self.name_of(rule))
                    .unwrap_or_default();
                format!("{} {} {rule}", refusal.status, refusal.reason.as_str())
            }
            Admission::Ask(Question::Tokens(all)) => format!("asks about {} tokens", all.len()),
            Admission::Ask(Question::Authorize(all)) => format!("asks {} authorizers", all.len()),
            Admission::Preflight(preflight) => format!("preflight {}", preflight.status),
        }
    }

    /// What [`permits_request`] says of the same question.
    fn permits(&self, from: &str, method: &str, target: &str, more: &[(&str, &str)]) -> bool {
        let caller = id(from);
        let caller = Caller::new(Some(&caller), Some("10.0.0.1".parse().unwrap()));
        let fields = fields("reviews.shop", more);
        let request = asks(method, target, &fields);
        permits_request(&self.tables, self.at(), &caller, &request, self.moment())
    }

    fn check(&self, from: &str, method: &str, target: &str, want: &str) {
        let got = self.outcome(&self.ask(from, method, target));
        assert_eq!(got.trim_end(), want, "{from} {method} {target}");
        let refused = got.starts_with("400 ") || got.starts_with("403 ");
        let permits = self.permits(from, method, target, &[]);
        assert_eq!(permits, !refused, "{from} {method} {target}");
    }
}

fn reads() -> AccessRule {
    entry(
        "read",
        account("cart"),
        vec![request(&["GET"], &["/reviews/*"])],
    )
}

fn with_access(allow: Vec<AccessRule>, deny: Vec<AccessRule>) -> Snapshot {
    let mut snapshot = snapshot();
    snapshot.access = vec![access("reviews", allow, deny)];
    snapshot
}

const DEFAULT: &str = "403 access Mesh access.default";

#[test]
fn deny_beats_allow_and_no_allow_means_no() {
    let deny = entry("no-7", Who::Anyone, vec![request(&[], &["/reviews/7"])]);
    let callee = Callee::new(&with_access(vec![reads()], vec![deny]));
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
    callee.check("cart", "HEAD", "/reviews/1", "Access shop/reviews read");
    callee.check(
        "cart",
        "GET",
        "/reviews/7",
        "403 access Access shop/reviews no-7",
    );
    callee.check("cart", "POST", "/reviews/1", DEFAULT);
    callee.check("labs", "GET", "/reviews/1", DEFAULT);
}

#[test]
fn an_exception_ends_by_itself() {
    let mut callee = Callee::new(&with_access(vec![until(100, reads())], vec![]));
    callee.wall = 99;
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
    callee.wall = 100;
    let mut steps = vec![];
    let admission = callee.observe("cart", "GET", "/reviews/1", &[], &mut steps);
    assert_eq!(callee.outcome(&admission), DEFAULT);
    assert!(steps.iter().any(|step: &Step| step.found == Found::Expired));
}

#[test]
fn steps_say_what_was_looked_at_and_why_it_missed() {
    let callee = Callee::new(&with_access(vec![reads()], vec![]));
    let mut steps = vec![];
    callee.observe("cart", "GET", "/admin", &[], &mut steps);
    let found: Vec<_> = steps
        .iter()
        .map(|step: &Step| (step.what, step.found))
        .collect();
    assert_eq!(
        found,
        [
            (What::NormalForm, Found::Fine),
            (What::Allow, Found::Misses(Why::Path)),
            (What::Default, Found::Refuses),
        ]
    );
}

#[test]
fn a_caller_of_another_trust_domain_is_not_of_this_mesh() {
    let callee = Callee::new(&with_access(
        vec![entry("mesh", Who::Authenticated, vec![])],
        vec![],
    ));
    let foreign = SpiffeId::parse("spiffe://other.example/ns/shop/sa/cart").unwrap();
    let caller = Caller::new(Some(&foreign), None);
    let fields = fields("reviews.shop", &[]);
    let request = asks("GET", "/", &fields);
    let (tables, state, at) = (&callee.tables, &callee.state, callee.at());
    let admission = admit(
        tables,
        state,
        at,
        &caller,
        &request,
        callee.moment(),
        &mut (),
    );
    assert_eq!(callee.outcome(&admission), DEFAULT);
    callee.check("cart", "GET", "/", "Access shop/reviews mesh");
}
