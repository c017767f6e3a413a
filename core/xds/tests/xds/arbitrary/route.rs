use mesh_ir::{
    Action, Backend, BackendTarget, Forward, HeaderEdit, HeaderEdits, Rank, Redirect, Respond,
    Rewrite, Route, RouteRule,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::matching::{caller, key, request, target};
use super::names::{duration, host, name, object_ref, origin, pairs, rule_id, service_ref, text};
use super::service::retries;

pub(super) fn edits() -> impl Strategy<Value = HeaderEdits> {
    let edit = || {
        vec(
            (text(), text()).prop_map(|(name, value)| HeaderEdit { name, value }),
            0..2,
        )
    };
    (edit(), edit(), vec(text(), 0..2)).prop_map(|(set, add, remove)| HeaderEdits {
        set,
        add,
        remove,
    })
}

pub(super) fn backend() -> impl Strategy<Value = Backend> {
    let target = prop_oneof![
        Just(BackendTarget::Service),
        name().prop_map(BackendTarget::Version),
        (service_ref(), name()).prop_map(|(service, port)| BackendTarget::Other { service, port }),
    ];
    (target, any::<u32>(), edits(), edits(), origin()).prop_map(
        |(target, weight, request_headers, response_headers, origin)| Backend {
            target,
            weight,
            request_headers,
            response_headers,
            origin,
        },
    )
}

pub(super) fn action() -> impl Strategy<Value = Action> {
    let rewrite =
        (option::of(text()), option::of(host())).prop_map(|(path, host)| Rewrite { path, host });
    let forward = (
        vec(backend(), 0..2),
        vec(key(), 0..2),
        option::of(rewrite),
        edits(),
        edits(),
        option::of(duration()),
        option::of(duration()),
        retries(),
    )
        .prop_map(
            |(
                backends,
                split_by,
                rewrite,
                request_headers,
                response_headers,
                timeout,
                per,
                retries,
            )| {
                Action::Forward(Forward {
                    backends,
                    split_by,
                    rewrite,
                    request_headers,
                    response_headers,
                    timeout,
                    per_try_timeout: per,
                    retries,
                    fallback: vec![],
                    mirror: vec![],
                    fault: None,
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
    prop_oneof![forward, respond, redirect]
}

pub(super) fn route() -> impl Strategy<Value = Route> {
    let rule = (
        rule_id(),
        origin(),
        (any::<i32>(), any::<u32>()),
        vec(caller(), 0..2),
        vec(request(), 0..2),
        action(),
    )
        .prop_map(
            |(id, origin, (priority, depth), from, matches, action)| RouteRule {
                id,
                origin,
                rank: Rank { priority, depth },
                from,
                matches,
                action,
                cors: None,
            },
        );
    (object_ref(), origin(), target(), vec(rule, 0..2)).prop_map(|(id, origin, target, rules)| {
        Route {
            id,
            origin,
            target,
            rules,
        }
    })
}
