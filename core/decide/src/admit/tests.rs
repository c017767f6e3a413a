use std::time::Duration;

use mesh_ir::{
    AccessRule, DefaultAccess, EncodedSlash, HostPattern, Key, Protocol, Scope, Snapshot, SpiffeId,
    Target, Tick, Timestamp, ValueMatch, Who,
};
use proptest::prelude::*;

use super::*;
use crate::fixture::{
    access, account, asks, entry, fields, id, limit, name, request, service, service_ref, snapshot,
    tables, until, with_header,
};
use crate::observe::Why;

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
        let caller = Caller {
            identity: Some(&caller),
            address: Some("10.0.0.1".parse().unwrap()),
        };
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
        }
    }

    fn check(&self, from: &str, method: &str, target: &str, want: &str) {
        let got = self.outcome(&self.ask(from, method, target));
        assert_eq!(got.trim_end(), want, "{from} {method} {target}");
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
fn a_refusal_by_default_lists_the_documents_that_were_tried() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    let mut shadow = access("shadow", vec![], vec![entry("x", Who::Anyone, vec![])]);
    shadow.shadow = true;
    snapshot.access.push(shadow);
    let callee = Callee::new(&snapshot);
    let Admission::Refuse(refusal) = callee.ask("labs", "GET", "/") else {
        panic!("must be refused");
    };
    let tried: Vec<_> = refusal
        .tried
        .iter()
        .map(|rule| callee.name_of(*rule))
        .collect();
    assert_eq!(tried, ["Access shop/reviews"]);
    assert_eq!(callee.tables.rule(refusal.rule.unwrap()).origin.line, 7);
}

#[test]
fn what_readers_disagree_about_is_400_before_any_rule() {
    let callee = Callee::new(&with_access(
        vec![entry("all", Who::Anyone, vec![])],
        vec![],
    ));
    for target in [
        "/a/../b",
        "/a/%2e%2e/b",
        "/a%2fb",
        "/a%00",
        "/a%",
        "/a\\b",
        "/a%5Cb",
        "/a#b",
        "/a\u{1}",
        "*",
        "http://other/",
    ] {
        callee.check("cart", "GET", target, "400 bad-request");
    }
    callee.check(
        "cart",
        "GET",
        "http://Reviews.Shop/a",
        "Access shop/reviews all",
    );
    callee.check("cart", "OPTIONS", "*", "Access shop/reviews all");
    callee.check("cart", "CONNECT", "reviews.shop:80", "400 bad-request");
    callee.check("cart", "GE T", "/", "400 bad-request");
}

#[test]
fn an_allow_holds_only_in_every_reading_and_a_deny_in_any() {
    let deny = entry("admin", Who::Anyone, vec![request(&[], &["/admin/**"])]);
    let allow = [
        entry("read", account("cart"), vec![request(&[], &["/reviews/*"])]),
        entry("all", account("ops"), vec![]),
    ];
    let callee = Callee::new(&with_access(allow.into(), vec![deny]));
    callee.check("cart", "GET", "/reviews/1;x", "Access shop/reviews read");
    callee.check("cart", "GET", "/reviews;x/1", DEFAULT);
    callee.check("cart", "GET", "/reviews//1", DEFAULT);
    for path in ["/ADMIN", "/admin/", "//admin/x", "/admin;x/y", "/%61dmin/x"] {
        callee.check("ops", "GET", path, "403 access Access shop/reviews admin");
    }
    callee.check("ops", "GET", "/admins", "Access shop/reviews all");
}

#[test]
fn an_encoded_slash_is_judged_where_the_service_says_so() {
    let deny = entry("admin", Who::Anyone, vec![request(&[], &["/admin/**"])]);
    let allow = [
        entry("files", account("cart"), vec![request(&[], &["/files/*"])]),
        entry("all", account("ops"), vec![]),
    ];
    let mut snapshot = with_access(allow.into(), vec![deny]);
    snapshot.services[0].encoded_slash = EncodedSlash::Judge;
    let callee = Callee::new(&snapshot);
    callee.check("ops", "GET", "/x%2fy", "Access shop/reviews all");
    callee.check(
        "ops",
        "GET",
        "/admin%2Fy",
        "403 access Access shop/reviews admin",
    );
    callee.check("cart", "GET", "/files/x%2Fy", DEFAULT);
    callee.check("ops", "GET", "/x%2F..%2Fadmin", "400 bad-request");
}

#[test]
fn an_overriding_method_is_judged_beside_the_written_one() {
    let deny = entry("no-delete", account("ops"), vec![request(&["DELETE"], &[])]);
    let allow = vec![reads(), entry("ops", account("ops"), vec![])];
    let callee = Callee::new(&with_access(allow, vec![deny]));
    let ask = |from, method, value| {
        let admission = callee.ask_with(
            from,
            method,
            "/reviews/1",
            &[("x-http-method-override", value)],
        );
        callee.outcome(&admission)
    };
    assert_eq!(ask("cart", "GET", "HEAD"), "Access shop/reviews read");
    assert_eq!(ask("cart", "GET", "PUT"), DEFAULT);
    assert_eq!(ask("cart", "PUT", "GET"), DEFAULT);
    assert_eq!(
        ask("ops", "POST", "delete"),
        "403 access Access shop/reviews no-delete"
    );
    assert_eq!(ask("ops", "POST", "a b").trim_end(), "400 bad-request");
}

#[test]
fn a_header_that_a_rule_reads_may_come_once_only() {
    let matches = with_header(request(&[], &[]), "x-team", ValueMatch::Exact("a".into()));
    let callee = Callee::new(&with_access(
        vec![entry("team", Who::Anyone, vec![matches])],
        vec![],
    ));
    let ask = |more: &[(&str, &str)]| {
        let admission = callee.ask_with("cart", "GET", "/", more);
        callee.outcome(&admission).trim_end().to_owned()
    };
    assert_eq!(ask(&[("x-team", "a")]), "Access shop/reviews team");
    assert_eq!(
        ask(&[("x-team", "a"), ("x-other", "b"), ("x-other", "c")]),
        "Access shop/reviews team"
    );
    assert_eq!(ask(&[("x-team", "a"), ("x-team", "a")]), "400 bad-request");
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
fn a_default_that_allows_speaks_only_where_no_enforced_document_allows() {
    let mut snapshot = snapshot();
    snapshot.settings.access.mode = DefaultAccess::Allow;
    Callee::new(&snapshot).check("labs", "GET", "/", "Mesh access.default");

    let deny = entry("no-7", Who::Anyone, vec![request(&[], &["/7"])]);
    snapshot.access = vec![access("deny-only", vec![], vec![deny])];
    let callee = Callee::new(&snapshot);
    callee.check("labs", "GET", "/", "Mesh access.default");
    callee.check("labs", "GET", "/7", "403 access Access shop/deny-only no-7");

    snapshot
        .access
        .push(access("open", vec![until(0, reads())], vec![]));
    Callee::new(&snapshot).check("labs", "GET", "/", DEFAULT);
    snapshot.access[1].shadow = true;
    Callee::new(&snapshot).check("labs", "GET", "/", "Mesh access.default");
}

#[test]
fn a_shadow_document_decides_and_counts_but_does_not_enforce() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    let mut shadow = access("next", vec![], vec![entry("no", Who::Anyone, vec![])]);
    shadow.shadow = true;
    snapshot.access.push(shadow);
    let callee = Callee::new(&snapshot);
    let Admission::Admit(admitted) = callee.ask("cart", "GET", "/reviews/1") else {
        panic!("must be admitted");
    };
    let shadow = admitted.noted.shadow.unwrap();
    assert_eq!(shadow.outcome, ShadowOutcome::Deny);
    assert_eq!(callee.name_of(shadow.rule), "Access shop/next no");
}

#[test]
fn an_audit_entry_is_counted_and_changes_nothing() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.access[0].audit = vec![entry("look", Who::Anyone, vec![request(&["GET"], &[])])];
    let callee = Callee::new(&snapshot);
    let audited = |admission: &Admission| match admission {
        Admission::Admit(admitted) => admitted.noted.audited.len(),
        Admission::Refuse(refusal) => refusal.noted.audited.len(),
    };
    assert_eq!(audited(&callee.ask("cart", "GET", "/reviews/1")), 1);
    assert_eq!(audited(&callee.ask("labs", "GET", "/reviews/1")), 1);
    assert_eq!(audited(&callee.ask("labs", "PUT", "/reviews/1")), 0);
}

#[test]
fn a_document_for_some_hosts_says_nothing_about_others() {
    let mut snapshot = with_access(vec![entry("all", Who::Anyone, vec![])], vec![]);
    snapshot.access[0].target.hosts = vec![HostPattern::parse("*.example").unwrap()];
    let callee = Callee::new(&snapshot);
    callee.check("cart", "GET", "/", DEFAULT);
    let Admission::Refuse(refusal) = callee.ask("cart", "GET", "/") else {
        panic!("must be refused");
    };
    assert!(refusal.tried.is_empty());
    let caller = Caller {
        identity: None,
        address: None,
    };
    let fields = fields("a.example", &[]);
    let request = asks("GET", "/", &fields);
    let (tables, state) = (&callee.tables, &callee.state);
    let admission = admit(
        tables,
        state,
        callee.at(),
        &caller,
        &request,
        callee.moment(),
        &mut (),
    );
    assert_eq!(callee.outcome(&admission), "Access shop/reviews all");
}

#[test]
fn a_request_over_the_limit_is_refused_with_the_time_to_wait() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.limits = vec![
        limit("two", 1, 2, &[Key::Caller]),
        limit("many", 100, 100, &[]),
    ];
    let mut callee = Callee::new(&snapshot);
    let Admission::Admit(admitted) = callee.ask("cart", "GET", "/reviews/1") else {
        panic!("must be admitted");
    };
    let status = admitted.limit.unwrap();
    assert_eq!((status.remaining, status.quota, status.burst), (1, 1, 2));
    callee.ask("cart", "GET", "/reviews/1");
    let Admission::Refuse(refusal) = callee.ask("cart", "GET", "/reviews/1") else {
        panic!("must be refused");
    };
    assert_eq!((refusal.status, refusal.reason), (429, Reason::RateLimit));
    assert_eq!(
        callee.name_of(refusal.rule.unwrap()),
        "RateLimit shop/two two"
    );
    assert_eq!(refusal.retry_after, Some(Duration::from_secs(1)));
    callee.now = Tick(1_000_000_000);
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
}

#[test]
fn a_request_that_access_refuses_costs_no_limit() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.limits = vec![limit("one", 1, 1, &[])];
    let callee = Callee::new(&snapshot);
    for _ in 0..5 {
        callee.check("labs", "GET", "/reviews/1", DEFAULT);
    }
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
    callee.check(
        "cart",
        "GET",
        "/reviews/1",
        "429 rate-limit RateLimit shop/one one",
    );
}

#[test]
fn spellings_of_one_path_share_a_bucket() {
    let mut snapshot = with_access(vec![entry("all", Who::Anyone, vec![])], vec![]);
    let mut per_item = limit("item", 1, 1, &[Key::Capture(1)]);
    per_item.limits[0].matches = vec![request(&[], &["/item/*"])];
    snapshot.limits = vec![per_item];
    let callee = Callee::new(&snapshot);
    callee.check("cart", "GET", "/item/a", "Access shop/reviews all");
    for path in ["/item/a", "/item/%61", "/item//a;x=1"] {
        callee.check(
            "cart",
            "GET",
            path,
            "429 rate-limit RateLimit shop/item item",
        );
    }
    callee.check("cart", "GET", "/item/b", "Access shop/reviews all");
}

#[test]
fn unchanged_limits_keep_their_buckets_and_changed_ones_start_anew() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.limits = vec![limit("one", 1, 1, &[])];
    let mut callee = Callee::new(&snapshot);
    callee.ask("cart", "GET", "/reviews/1");
    snapshot.limits[0].limits[0].origin.line = 99;
    snapshot.limits.insert(0, limit("another", 9, 9, &[]));
    let carry = |callee: &mut Callee, snapshot: &Snapshot| {
        callee.tables = tables(snapshot);
        callee.state = callee.state.carry(&callee.tables);
    };
    carry(&mut callee, &snapshot);
    callee.check(
        "cart",
        "GET",
        "/reviews/1",
        "429 rate-limit RateLimit shop/one one",
    );
    snapshot.limits[1].limits[0].burst = 2;
    carry(&mut callee, &snapshot);
    callee.check("cart", "GET", "/reviews/1", "Access shop/reviews read");
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
fn a_connection_is_admitted_by_caller_and_judged_again_without_charge() {
    let mut snapshot = snapshot();
    snapshot.services = vec![service("reviews", &[("http", 5432, Protocol::Tcp)])];
    snapshot.access = vec![access(
        "db",
        vec![entry("cart", account("cart"), vec![])],
        vec![],
    )];
    snapshot.limits = vec![limit("one", 1, 1, &[Key::Caller])];
    let callee = Callee::new(&snapshot);
    let admitted = |from: &str| {
        let id = id(from);
        let caller = Caller {
            identity: Some(&id),
            address: None,
        };
        let (tables, state, at) = (&callee.tables, &callee.state, callee.at());
        let permitted = permits_connection(tables, at, &caller, callee.moment());
        let admission = admit_connection(tables, state, at, &caller, callee.moment(), &mut ());
        (permitted, callee.outcome(&admission))
    };
    assert_eq!(admitted("cart"), (true, "Access shop/db cart".into()));
    assert_eq!(
        admitted("cart"),
        (true, "429 rate-limit RateLimit shop/one one".into())
    );
    assert_eq!(admitted("labs"), (false, DEFAULT.into()));
    callee.check("cart", "GET", "/", "400 bad-request");
}

#[test]
fn what_reads_requests_is_never_dropped_in_silence_on_a_port_of_bytes() {
    let mut snapshot = with_access(vec![reads()], vec![]);
    snapshot.services = vec![service("reviews", &[("db", 5432, Protocol::Tcp)])];
    let problems = Tables::build(&snapshot).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems[0].to_string(),
        "Access shop/reviews read (shop.yaml:11): it reads requests, but port `db` of reviews.shop speaks tcp"
    );
    // With `all` such an entry is about HTTP ports only.
    snapshot.access[0].target = Target {
        scope: Scope::Mesh,
        ports: vec![],
        hosts: vec![],
    };
    assert!(Tables::build(&snapshot).is_ok());
}

#[test]
fn a_caller_of_another_trust_domain_is_not_of_this_mesh() {
    let callee = Callee::new(&with_access(
        vec![entry("mesh", Who::Authenticated, vec![])],
        vec![],
    ));
    let foreign = SpiffeId::parse("spiffe://other.example/ns/shop/sa/cart").unwrap();
    let caller = Caller {
        identity: Some(&foreign),
        address: None,
    };
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

proptest! {
    #[test]
    fn no_bytes_panic(
        method in proptest::collection::vec(any::<u8>(), 0..8),
        target in proptest::collection::vec(any::<u8>(), 0..40),
        host in proptest::collection::vec(any::<u8>(), 0..20),
        cookie in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let matches = with_header(request(&[], &["/a/**"]), "cookie", ValueMatch::Regex("a.*".into()));
        let mut snapshot = with_access(vec![entry("x", Who::Anyone, vec![matches])], vec![reads()]);
        snapshot.limits = vec![limit("one", 1, 1, &[Key::Cookie("a".into()), Key::Query("a".into())])];
        let callee = Callee::new(&snapshot);
        let fields = vec![("host".to_owned(), host), ("cookie".to_owned(), cookie)];
        let request = Request { method: &method, target: &target, authority: None, headers: &fields };
        let caller = Caller { identity: None, address: None };
        admit(&callee.tables, &callee.state, callee.at(), &caller, &request, callee.moment(), &mut ());
    }
}
