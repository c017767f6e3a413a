use mesh_ir::Key;

use crate::syntax::ast::{LoadBalancing, Locality, Near, Policy, SetCookie, Spanned};
use crate::syntax::codes::{invalid_value, without_effect};
use crate::syntax::decode::scalar::{integer, word};
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{cookie_value, duration, key, percent};

pub(in crate::syntax) const LOAD_BALANCING: Shape = Shape {
    what: "`loadBalancing`",
    fields: &[
        "policy",
        "by",
        "setCookie",
        "slowStart",
        "locality",
        "panic",
    ],
};

pub(in crate::syntax) const DEFAULT_LOAD_BALANCING: Shape = Shape {
    what: "`loadBalancing` as a default",
    fields: &["policy", "slowStart", "locality", "panic"],
};

pub(in crate::syntax) const SET_COOKIE: Shape = Shape {
    what: "`setCookie`",
    fields: &["name", "ttl"],
};

pub(in crate::syntax) const LOCALITY: Shape = Shape {
    what: "`locality`",
    fields: &["failover", "weights"],
};

pub(in crate::syntax) const LOCALITY_WEIGHTS: Shape = Shape {
    what: "`weights` of a locality",
    fields: &["zone", "region", "elsewhere"],
};

/// `loadBalancing` of a service.
pub(super) fn load_balancing(node: &Node<'_>, report: &mut Report) -> Read<LoadBalancing> {
    let mut fields = Fields::open(node, &LOAD_BALANCING, report)?;
    let policy = fields.optional("policy", |node, report| word(node, report, &POLICIES));
    let by = fields.list("by", key);
    let set_cookie = fields.optional("setCookie", set_cookie);
    let (slow_start, locality, panic) = anywhere(&mut fields);
    let hashes = matches!(
        &policy,
        Ok(Some(policy)) if matches!(policy.value, Policy::RingHash | Policy::Maglev)
    );
    if hashes && !fields.has("by") {
        return Err(fields.missing("by"));
    }
    let report = fields.end_with()?;
    let found = LoadBalancing {
        policy: policy?,
        by: by?,
        set_cookie: set_cookie?,
        slow_start: slow_start?,
        locality: locality?,
        panic: panic?,
        span: node.span,
    };
    refuse_void(&found, hashes, report)?;
    Ok(found)
}

/// `loadBalancing` as a default: what hashes is for one service, which knows by what.
pub(super) fn default_load_balancing(node: &Node<'_>, report: &mut Report) -> Read<LoadBalancing> {
    let mut fields = Fields::open(node, &DEFAULT_LOAD_BALANCING, report)?;
    let policy = fields.optional("policy", |node, report| {
        word(node, report, &DEFAULT_POLICIES)
    });
    let (slow_start, locality, panic) = anywhere(&mut fields);
    fields.end()?;
    Ok(LoadBalancing {
        policy: policy?,
        by: vec![],
        set_cookie: None,
        slow_start: slow_start?,
        locality: locality?,
        panic: panic?,
        span: node.span,
    })
}

type Anywhere = (
    Read<Option<Spanned<std::time::Duration>>>,
    Read<Option<Locality>>,
    Read<Option<Spanned<mesh_ir::Percent>>>,
);

fn anywhere(fields: &mut Fields<'_, '_, '_>) -> Anywhere {
    (
        fields.optional("slowStart", duration),
        fields.optional("locality", locality),
        fields.optional("panic", percent),
    )
}

/// What is hashed, and what is given less at first, depends on the policy.
fn refuse_void(found: &LoadBalancing, hashes: bool, report: &mut Report) -> Read<()> {
    let mut sound = Ok(());
    let mut void = |at, field: &str, why: &str| {
        sound = Err(report.push(without_effect::error(at, field, why)));
    };
    if let ([first, ..], false) = (found.by.as_slice(), hashes) {
        void(first.span, "by", "only `ring-hash` and `maglev` hash it");
    }
    if let Some(cookie) = &found.set_cookie {
        let key = Key::Cookie(cookie.name.value.clone());
        if !found.by.iter().any(|it| it.value == key) {
            void(
                cookie.name.span,
                "setCookie",
                "`by` does not read this cookie",
            );
        }
    }
    if let (Some(slow_start), true) = (&found.slow_start, hashes) {
        void(
            slow_start.span,
            "slowStart",
            "a hash gives each endpoint its keys at once",
        );
    }
    sound
}

fn set_cookie(node: &Node<'_>, report: &mut Report) -> Read<SetCookie> {
    let mut fields = Fields::open(node, &SET_COOKIE, report)?;
    let name = fields.required("name", cookie_value);
    let ttl = fields.optional("ttl", duration);
    fields.end()?;
    Ok(SetCookie {
        name: name?,
        ttl: ttl?,
    })
}

fn locality(node: &Node<'_>, report: &mut Report) -> Read<Locality> {
    let mut fields = Fields::open(node, &LOCALITY, report)?;
    let locality = fields
        .one_of(LOCALITY.fields)
        .and_then(|field| match field {
            "failover" => fields.required(field, failover).map(Locality::Failover),
            _ => fields.required(field, weights),
        });
    fields.end()?;
    locality
}

/// The nearer word first: the other order would never reach the second.
fn failover(node: &Node<'_>, report: &mut Report) -> Read<Vec<Spanned<Near>>> {
    let found = list_of(node, report, |node, report| word(node, report, &NEAR))?;
    let is_ordered = found.is_sorted_by_key(|it| it.value);
    if is_ordered {
        return Ok(found);
    }
    let reason = "write `[zone, region]`: a region holds its zones";
    let (at, what) = (node.span, "an order of failover");
    Err(report.push(invalid_value::error(at, "[region, zone]", what, reason)))
}

fn weights(node: &Node<'_>, report: &mut Report) -> Read<Locality> {
    let mut fields = Fields::open(node, &LOCALITY_WEIGHTS, report)?;
    let mut weight =
        |name| fields.optional(name, |node, report| integer(node, report, 0..=1000_u32));
    let (zone, region, elsewhere) = (weight("zone"), weight("region"), weight("elsewhere"));
    let report = fields.end_with()?;
    let number = |weight: Option<Spanned<u32>>| weight.map_or(0, |it| it.value);
    let (zone, region, elsewhere) = (number(zone?), number(region?), number(elsewhere?));
    if zone + region + elsewhere == 0 {
        let reason = "at least one of them is not 0";
        let error = invalid_value::error(node.span, "0", "a sum of weights", reason);
        return Err(report.push(error));
    }
    Ok(Locality::Weights {
        zone,
        region,
        elsewhere,
        span: node.span,
    })
}

pub(in crate::syntax) const POLICIES: [(&str, Policy); 7] = [
    ("round-robin", Policy::RoundRobin),
    ("random", Policy::Random),
    ("least-request", Policy::LeastRequest),
    ("ewma", Policy::Ewma),
    ("ring-hash", Policy::RingHash),
    ("maglev", Policy::Maglev),
    ("original-destination", Policy::OriginalDestination),
];

const DEFAULT_POLICIES: [(&str, Policy); 4] = [POLICIES[0], POLICIES[1], POLICIES[2], POLICIES[3]];

pub(in crate::syntax) const NEAR: [(&str, Near); 2] =
    [("zone", Near::Zone), ("region", Near::Region)];
