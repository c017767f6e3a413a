//! Any IR that the types admit.

use std::net::SocketAddr;
use std::time::Duration;

use mesh_ir::{
    Access, AccessDefault, AccessRule, Action, Backend, BackendTarget, Backoff, Call, CallerMatch,
    DefaultAccess, EncodedSlash, Forward, HeaderEdit, HeaderEdits, Host, HostPattern, Key, Limit,
    LoadBalancing, Member, Name, NamedValue, ObjectRef, Origin, PathPattern, Percent, Port,
    Protocol, Rank, Rate, RateLimit, Redirect, RequestMatch, Respond, RetryOn, RetryPolicy,
    Rewrite, Role, Route, RouteRule, RuleId, Scope, Service, ServiceRef, Settings, SpiffeId,
    SpiffePattern, StaticEndpoint, Target, Timestamp, TrustDomain, ValueMatch, Version, Who,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[ -~]{1,8}", "[äß€\u{0}]{1,3}"]
}

pub(crate) fn name() -> impl Strategy<Value = Name> {
    "[a-z][a-z0-9-]{0,5}[a-z0-9]".prop_map(|text| Name::parse(&text).unwrap())
}

fn service_ref() -> impl Strategy<Value = ServiceRef> {
    (name(), name()).prop_map(|(namespace, name)| ServiceRef { namespace, name })
}

fn object_ref() -> impl Strategy<Value = ObjectRef> {
    (name(), name()).prop_map(|(namespace, name)| ObjectRef { namespace, name })
}

fn origin() -> impl Strategy<Value = Origin> {
    (text(), any::<u32>(), any::<u32>())
        .prop_map(|(file, line, column)| Origin::new(file, line, column))
}

fn duration() -> impl Strategy<Value = Duration> {
    (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(s, n)| Duration::new(s, n))
}

fn identity() -> impl Strategy<Value = SpiffeId> {
    "spiffe://[a-z.]{1,5}/ns/[a-zA-Z0-9_-]{1,4}/sa/[a-z]{1,4}"
        .prop_map(|text| SpiffeId::parse(&text).unwrap())
}

fn pattern() -> impl Strategy<Value = SpiffePattern> {
    "spiffe://[a-z]{1,5}/ns/(\\*|[a-z]{1,3})/sa/(\\*|[a-z]{1,3})"
        .prop_map(|text| SpiffePattern::parse(&text).unwrap())
}

fn host() -> impl Strategy<Value = Host> {
    "[a-z]{1,4}(\\.[a-z0-9]{1,4}){0,2}".prop_map(|text| Host::parse(&text).unwrap())
}

fn host_pattern() -> impl Strategy<Value = HostPattern> {
    prop_oneof![
        host().prop_map(HostPattern::Exact),
        host().prop_map(HostPattern::Below)
    ]
}

fn address() -> impl Strategy<Value = SocketAddr> {
    (any::<std::net::IpAddr>(), any::<u16>()).prop_map(Into::into)
}

fn rule_id() -> impl Strategy<Value = RuleId> {
    text().prop_map(|text| RuleId(text.into()))
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    vec((text(), text()), 0..3)
}

fn cidr() -> impl Strategy<Value = ipnet::IpNet> {
    (any::<[u8; 4]>(), 0..=32_u8)
        .prop_map(|(address, length)| ipnet::IpNet::new(address.into(), length).unwrap())
}

fn caller() -> impl Strategy<Value = CallerMatch> {
    let who = prop_oneof![
        (service_ref(), vec(identity(), 0..3)).prop_map(|(service, identities)| Who::Service {
            service,
            identities
        }),
        name().prop_map(Who::Namespace),
        pattern().prop_map(Who::Identity),
        Just(Who::Authenticated),
        Just(Who::Anyone),
    ];
    let leaf = (who, vec(cidr(), 0..2)).prop_map(|(who, cidr)| CallerMatch {
        who,
        cidr,
        not: vec![],
    });
    leaf.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), vec(inner, 0..2)).prop_map(|(mut outer, not)| {
            outer.not = not;
            outer
        })
    })
}

fn path() -> impl Strategy<Value = PathPattern> {
    prop_oneof![
        text().prop_map(PathPattern::Regex),
        "/|/\\*\\*|(/([a-z]{1,3}|\\*)){1,3}(/|/\\*\\*)?"
            .prop_map(|text| PathPattern::parse(&text).unwrap()),
    ]
}

fn named_value() -> impl Strategy<Value = NamedValue> {
    let value = prop_oneof![
        text().prop_map(ValueMatch::Exact),
        text().prop_map(ValueMatch::Prefix),
        text().prop_map(ValueMatch::Suffix),
        text().prop_map(ValueMatch::Regex),
        vec(text(), 0..3).prop_map(ValueMatch::In),
        Just(ValueMatch::Present),
        Just(ValueMatch::Absent),
    ];
    (text(), value).prop_map(|(name, value)| NamedValue { name, value })
}

fn request() -> impl Strategy<Value = RequestMatch> {
    let values = || vec(named_value(), 0..2);
    let leaf = (
        vec(text(), 0..2),
        vec(path(), 0..2),
        values(),
        values(),
        values(),
    )
        .prop_map(|(methods, paths, headers, query, cookies)| RequestMatch {
            methods,
            paths,
            headers,
            query,
            cookies,
            not: vec![],
        });
    leaf.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), vec(inner, 0..2)).prop_map(|(mut outer, not)| {
            outer.not = not;
            outer
        })
    })
}

fn target() -> impl Strategy<Value = Target> {
    let scope = prop_oneof![
        service_ref().prop_map(Scope::Service),
        name().prop_map(Scope::Namespace),
        Just(Scope::Mesh),
    ];
    (scope, vec(name(), 0..2), vec(host_pattern(), 0..2)).prop_map(|(scope, ports, hosts)| Target {
        scope,
        ports,
        hosts,
    })
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        Just(Key::Caller),
        Just(Key::Address),
        text().prop_map(Key::Header),
        text().prop_map(Key::Query),
        text().prop_map(Key::Cookie),
        (1..=9_u8).prop_map(Key::Capture),
    ]
}

fn retry_on() -> impl Strategy<Value = RetryOn> {
    prop_oneof![
        Just(RetryOn::ConnectFailure),
        Just(RetryOn::RefusedStream),
        Just(RetryOn::ResetBeforeRequest),
        Just(RetryOn::Reset),
        Just(RetryOn::ServerError),
        Just(RetryOn::GatewayError),
        Just(RetryOn::RetriableClientError),
        any::<u16>().prop_map(RetryOn::Status),
        any::<u8>().prop_map(RetryOn::Grpc),
    ]
}

fn retries() -> impl Strategy<Value = RetryPolicy> {
    (
        any::<u32>(),
        vec(retry_on(), 0..3),
        any::<bool>(),
        duration(),
        duration(),
        any::<u32>(),
    )
        .prop_map(
            |(attempts, on, idempotent, base, max, budget)| RetryPolicy {
                attempts,
                on,
                idempotent,
                backoff: Backoff { base, max },
                budget: Percent(budget),
            },
        )
}

fn edits() -> impl Strategy<Value = HeaderEdits> {
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

fn backend() -> impl Strategy<Value = Backend> {
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

fn action() -> impl Strategy<Value = Action> {
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

fn route() -> impl Strategy<Value = Route> {
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

fn access() -> impl Strategy<Value = Access> {
    let rules = || {
        vec(
            (
                rule_id(),
                origin(),
                vec(caller(), 0..2),
                vec(request(), 0..2),
                option::of(any::<i64>()),
            )
                .prop_map(|(id, origin, from, matches, expires)| AccessRule {
                    id,
                    origin,
                    from,
                    matches,
                    expires: expires.map(Timestamp),
                }),
            0..2,
        )
    };
    (
        object_ref(),
        origin(),
        target(),
        rules(),
        rules(),
        rules(),
        any::<bool>(),
    )
        .prop_map(|(id, origin, target, allow, deny, audit, shadow)| Access {
            id,
            origin,
            target,
            allow,
            deny,
            audit,
            shadow,
        })
}

fn limits() -> impl Strategy<Value = RateLimit> {
    let limit = (
        (rule_id(), origin()),
        vec(caller(), 0..2),
        vec(request(), 0..2),
        vec(key(), 0..3),
        (any::<u64>(), duration()),
        any::<u64>(),
        any::<u16>(),
        any::<bool>(),
    )
        .prop_map(
            |((id, origin), from, matches, per, (count, interval), burst, status, shadow)| Limit {
                id,
                origin,
                from,
                matches,
                per,
                rate: Rate {
                    count,
                    per: interval,
                },
                burst,
                status,
                shadow,
            },
        );
    (object_ref(), origin(), target(), vec(limit, 0..2)).prop_map(|(id, origin, target, limits)| {
        RateLimit {
            id,
            origin,
            target,
            limits,
        }
    })
}

fn port() -> impl Strategy<Value = Port> {
    let protocol = prop_oneof![
        Just(Protocol::Http),
        Just(Protocol::Http2),
        Just(Protocol::Grpc),
        Just(Protocol::Tcp),
        Just(Protocol::Tls),
    ];
    (name(), any::<u16>(), any::<u16>(), protocol, origin()).prop_map(
        |(name, number, target, protocol, origin)| Port {
            name,
            number,
            target,
            protocol,
            origin,
        },
    )
}

fn static_endpoint() -> impl Strategy<Value = StaticEndpoint> {
    (
        vec((name(), address()), 0..2),
        option::of(name()),
        option::of(text()),
        any::<u32>(),
    )
        .prop_map(|(ports, version, locality, weight)| StaticEndpoint {
            ports,
            version,
            locality,
            weight,
        })
}

fn service() -> impl Strategy<Value = Service> {
    let version = (name(), pairs(), origin()).prop_map(|(name, labels, origin)| Version {
        name,
        labels,
        origin,
    });
    let call = (
        service_ref(),
        option::of(duration()),
        option::of(any::<u32>()),
        origin(),
    )
        .prop_map(|(service, timeout, attempts, origin)| Call {
            service,
            timeout,
            attempts,
            origin,
        });
    let balancing = prop_oneof![
        Just(LoadBalancing::RoundRobin),
        Just(LoadBalancing::Random),
        Just(LoadBalancing::LeastRequest),
    ];
    let slash = prop_oneof![Just(EncodedSlash::Refuse), Just(EncodedSlash::Judge)];
    let bound = || option::of(duration());
    (
        (service_ref(), origin()),
        (vec(identity(), 0..2), vec(host(), 0..2)),
        vec(port(), 0..2),
        (vec(version, 0..2), vec(static_endpoint(), 0..2)),
        (balancing, slash),
        (duration(), bound(), bound(), bound()),
        retries(),
        option::of(vec(call, 0..2)),
    )
        .prop_map(
            |(
                (id, origin),
                (accounts, hosts),
                ports,
                (versions, endpoints),
                (load_balancing, encoded_slash),
                (connect_timeout, timeout, stream_idle_timeout, idle_timeout),
                retries,
                calls,
            )| Service {
                id,
                origin,
                accounts,
                hosts,
                ports,
                versions,
                endpoints,
                load_balancing,
                connect_timeout,
                timeout,
                stream_idle_timeout,
                idle_timeout,
                retries,
                encoded_slash,
                calls,
            },
        )
}

fn settings() -> impl Strategy<Value = Settings> {
    let access = || {
        (any::<bool>(), origin()).prop_map(|(allow, origin)| AccessDefault {
            mode: if allow {
                DefaultAccess::Allow
            } else {
                DefaultAccess::Deny
            },
            origin,
        })
    };
    (
        origin(),
        "[a-z0-9._-]{1,9}",
        access(),
        vec((name(), access()), 0..3),
        duration(),
        any::<u32>(),
    )
        .prop_map(
            |(origin, domain, access, namespaces, certificate_lifetime, renew_at)| Settings {
                origin,
                trust_domain: TrustDomain::parse(&domain).unwrap(),
                access,
                namespaces,
                certificate_lifetime,
                renew_at: Percent(renew_at),
            },
        )
}

fn role() -> impl Strategy<Value = Role> {
    let services = || vec(service_ref(), 0..3);
    (identity(), services(), services()).prop_map(|(identity, serves, calls)| Role {
        identity,
        serves,
        calls,
    })
}

/// Any member.
pub(crate) fn member() -> impl Strategy<Value = Member> {
    prop_oneof![
        settings().prop_map(Member::Settings),
        role().prop_map(Member::Role),
        service().prop_map(Member::Service),
        route().prop_map(Member::Route),
        access().prop_map(Member::Access),
        limits().prop_map(Member::RateLimit),
    ]
}
