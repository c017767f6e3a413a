use mesh_ir::{Endpoint, Listeners, Member};
use mesh_xds::encode_member;
use serde_json::{Value, json};

use crate::active::Active;
use crate::publish::InEffect;

/// What is in effect, for people: no key, no token, no header value of traffic.
pub(super) fn dump(
    workload: &str,
    in_effect: Option<&InEffect>,
    listeners: Option<&Listeners>,
    refusal: Option<&[String]>,
) -> Value {
    let active = in_effect.map(|it| &*it.active);
    let members = in_effect.map_or(vec![], |it| it.snapshot.as_ref().clone().into_members());
    json!({
        "workload": workload,
        "identity": active.map(|it| it.identity.id().to_string()),
        "trust_domain": active.map(|it| it.identity.trust_domain().as_str().to_owned()),
        "certificate": active.map(|it| json!({ "not_after": not_after(it) })),
        "bundle": active.map(|it| json!({
            "epoch": it.bundle.epoch.0,
            "commit": &*it.bundle.commit.0,
            "digest": it.bundle.digest.to_string(),
        })),
        "refused": refusal,
        "members": members.iter().map(member).collect::<Vec<_>>(),
        "endpoints": in_effect.map(endpoints),
        "listeners": listeners.map(addresses),
    })
}

fn not_after(active: &Active) -> String {
    let seconds = active.identity.not_after();
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |it| it.to_string())
}

fn member(member: &Member) -> Value {
    let encoded = encode_member(member);
    let origin = match member {
        Member::Settings(it) => Some(&it.origin),
        Member::Role(_) => None,
        Member::Service(it) => Some(&it.origin),
        Member::Route(it) => Some(&it.origin),
        Member::Access(it) => Some(&it.origin),
        Member::RateLimit(it) => Some(&it.origin),
        Member::TokenIssuer(it) => Some(&it.origin),
        Member::Gateway(it) => Some(&it.origin),
        Member::ExternalService(it) => Some(&it.origin),
        Member::Telemetry(it) => Some(&it.origin),
    };
    json!({
        "kind": format!("{:?}", encoded.kind),
        "name": &*encoded.name,
        "version": encoded.version.to_string(),
        "origin": origin.map(ToString::to_string),
    })
}

fn endpoints(in_effect: &InEffect) -> Value {
    let services = in_effect.endpoints.values().map(|facts| {
        json!({
            "service": facts.service.to_string(),
            "endpoints": facts.endpoints.iter().map(endpoint).collect::<Vec<_>>(),
        })
    });
    Value::Array(services.collect())
}

fn endpoint(endpoint: &Endpoint) -> Value {
    let ports = endpoint.ports.iter();
    let labels = endpoint.labels.iter();
    json!({
        "workload": endpoint.workload,
        "identity": endpoint.identity.to_string(),
        "ports": ports.map(|(name, at)| (name.to_string(), json!(at))).collect::<serde_json::Map<_, _>>(),
        "labels": labels.map(|(key, text)| (key.clone(), json!(text))).collect::<serde_json::Map<_, _>>(),
        "locality": endpoint.locality,
        "weight": endpoint.weight,
        "healthy": endpoint.healthy,
    })
}

fn addresses(listeners: &Listeners) -> Value {
    json!({
        "admin": listeners.admin,
        "inbound": listeners.inbound.iter().map(|it| json!({
            "service": it.service.to_string(),
            "port": it.port.to_string(),
            "listen": it.listen,
            "application": it.application,
        })).collect::<Vec<_>>(),
        "outbound": listeners.outbound,
        "tcp": listeners.tcp.iter().map(|it| json!({
            "service": it.service.to_string(),
            "port": it.port.to_string(),
            "listen": it.listen,
        })).collect::<Vec<_>>(),
    })
}
