use mesh_ir::{
    AbortWith, Action, Backend, BackendTarget, Cors, Fault, FaultAbort, FaultDelay, Forward,
    HeaderEdit, HeaderEdits, Mirror, Rank, Redirect, Respond, Rewrite, Route, RouteRule,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::matching::{caller, key, request, target, value};
use super::names::{
    duration, host, name, object_ref, origin, pairs, percent, rule_id, service_ref, text,
};
use super::service::retries;

pub(super) fn edits() -> BoxedStrategy<HeaderEdits> {
    let edit = || {
        vec(
            (text(), text()).prop_map(|(name, value)| HeaderEdit { name, value }),
            0..2,
        )
    };
    (edit(), edit(), vec(text(), 0..2))
        .prop_map(|(set, add, remove)| HeaderEdits { set, add, remove })
        .boxed()
}

fn backend_target() -> BoxedStrategy<BackendTarget> {
    let place = || (service_ref(), name());
    prop_oneof![
        Just(BackendTarget::Service),
        name().prop_map(BackendTarget::Version),
        place().prop_map(|(service, port)| BackendTarget::Other { service, port }),
        place().prop_map(|(service, port)| BackendTarget::External { service, port }),
    ]
    .boxed()
}

fn mirror() -> BoxedStrategy<Mirror> {
    (backend_target(), percent(), origin())
        .prop_map(|(target, percent, origin)| Mirror {
            target,
            percent,
            origin,
        })
        .boxed()
}

fn fault() -> BoxedStrategy<Fault> {
    let with = prop_oneof![
        any::<u16>().prop_map(AbortWith::Status),
        any::<u8>().prop_map(AbortWith::Grpc),
    ];
    let delay =
        (duration(), percent()).prop_map(|(length, percent)| FaultDelay { length, percent });
    let abort = (with, percent()).prop_map(|(with, percent)| FaultAbort { with, percent });
    (option::of(delay), option::of(abort))
        .prop_map(|(delay, abort)| Fault { delay, abort })
        .boxed()
}

fn cors() -> BoxedStrategy<Cors> {
    let texts = || vec(text(), 0..3);
    (
        vec(value(), 0..3),
        texts(),
        texts(),
        texts(),
        option::of(duration()),
        any::<bool>(),
        origin(),
    )
        .prop_map(
            |(origins, methods, headers, expose, max_age, credentials, origin)| Cors {
                origins,
                methods,
                headers,
                expose,
                max_age,
                credentials,
                origin,
            },
        )
        .boxed()
}

pub(super) fn backend() -> BoxedStrategy<Backend> {
    (backend_target(), any::<u32>(), edits(), edits(), origin())
        .prop_map(
            |(target, weight, request_headers, response_headers, origin)| Backend {
                target,
                weight,
                request_headers,
                response_headers,
                origin,
            },
        )
        .boxed()
}

pub(super) fn action() -> BoxedStrategy<Action> {
    let rewrite =
        (option::of(text()), option::of(host())).prop_map(|(path, host)| Rewrite { path, host });
    let forward = (
        vec(backend(), 0..2),
        vec(key(), 0..2),
        option::of(rewrite),
        edits(),
        edits(),
        (option::of(duration()), option::of(duration())),
        retries(),
        (
            vec(backend(), 0..2),
            vec(mirror(), 0..2),
            option::of(fault()),
        ),
    )
        .prop_map(
            |(
                backends,
                split_by,
                rewrite,
                request_headers,
                response_headers,
                (timeout, per_try_timeout),
                retries,
                (fallback, mirror, fault),
            )| {
                Action::Forward(Forward {
                    backends,
                    split_by,
                    rewrite,
                    request_headers,
                    response_headers,
                    timeout,
                    per_try_timeout,
                    retries,
                    fallback,
                    mirror,
                    fault,
                })
            },
        );
    let respond = (any::<u16>(), pairs(), text()).prop_map(|(status, headers, body)| {
        Action::Respond(Respond {
            status,
            headers,
            body,
        })
    });
    let redirect = (
        any::<u16>(),
        option::of(text()),
        option::of(host()),
        option::of(any::<u16>()),
        option::of(text()),
    )
        .prop_map(|(status, scheme, host, port, path)| {
            Action::Redirect(Redirect {
                status,
                scheme,
                host,
                port,
                path,
            })
        });
    prop_oneof![forward, respond, redirect].boxed()
}

pub(super) fn route() -> BoxedStrategy<Route> {
    let rule = (
        rule_id(),
        origin(),
        (any::<i32>(), any::<u32>()),
        vec(caller(), 0..2),
        vec(request(), 0..2),
        action(),
        option::of(cors()),
    )
        .prop_map(
            |(id, origin, (priority, depth), from, matches, action, cors)| RouteRule {
                id,
                origin,
                rank: Rank { priority, depth },
                from,
                matches,
                action,
                cors,
            },
        );
    (object_ref(), origin(), target(), vec(rule, 0..2))
        .prop_map(|(id, origin, target, rules)| Route {
            id,
            origin,
            target,
            rules,
        })
        .boxed()
}
