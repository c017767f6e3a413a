use std::collections::BTreeMap;

use mesh_ir::{Host, Role, ServiceRef, SpiffeId};
use serde_json::Map;

use super::change::Example;
use super::point::Site;
use super::side::{Side, Target};
use crate::algebra::Witness;
use crate::simulate::{Caller, Head, Message, Question, Scheme, Token};

/// A witness as people read it.
pub(crate) fn example(witness: &Witness, target: &Target, site: &Site<'_>) -> Example {
    if !site.protocol.is_http() {
        return Example {
            method: "TCP".to_owned(),
            url: format!("tcp://{}:{}", called(target, witness), site.number),
            headers: BTreeMap::new(),
            claims: Map::new(),
        };
    }
    let headers = witness.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value).into_owned();
        (name.clone(), value)
    });
    let mut claims = Map::new();
    for (_, of_issuer) in &witness.tokens {
        for (name, value) in of_issuer {
            claims.entry(name).or_insert_with(|| value.clone());
        }
    }
    let scheme = if is_https(site) { "https" } else { "http" };
    let authority = authority(witness, site);
    Example {
        method: witness.method.clone(),
        url: format!("{scheme}://{authority}{}", witness.target),
        headers: headers.collect(),
        claims,
    }
}

/// What a connection is opened to: an external service has names of its own.
fn called(target: &Target, witness: &Witness) -> String {
    match target {
        Target::External(_) if !witness.host.is_empty() => witness.host.clone(),
        _ => target.to_string(),
    }
}

/// Any request to a site by a path.
pub(crate) fn any(target: &Target, site: &Site<'_>, path: &str) -> Example {
    let host = site.hosts.first();
    let host = host.map_or_else(|| target.to_string(), |it| it.as_str().to_owned());
    let witness = Witness {
        identity: None,
        address: None,
        method: "GET".to_owned(),
        host,
        target: path.to_owned(),
        headers: vec![],
        tokens: vec![],
    };
    example(&witness, target, site)
}

/// Who sends a witness, as people call them.
pub(crate) fn sender(
    sides: [&Side<'_>; 2],
    identity: Option<&SpiffeId>,
    target: &Target,
) -> String {
    let Some(identity) = identity else {
        return match target {
            Target::Gateway(_) => "outside".to_owned(),
            _ => "anyone without identity".to_owned(),
        };
    };
    let named = sides.iter().rev().find_map(|side| side.name_of(identity));
    named.unwrap_or_else(|| identity.to_string())
}

/// The question of what becomes of a witness.
pub(crate) fn question(
    side: &Side<'_>,
    witness: &Witness,
    (target, site): (&Target, &Site<'_>),
) -> Question {
    let simulator = &side.simulator;
    let from = match (target, &witness.identity) {
        (Target::Gateway(id), _) => {
            let through = simulator.callers_through(id).ok();
            let first = through.and_then(|callers| callers.into_iter().next());
            first.unwrap_or_else(Caller::outside)
        }
        (_, Some(identity)) => {
            let sees = |role: &Role| Side::shows(role, target);
            simulator.caller_where(identity.clone(), sees)
        }
        (_, None) => Caller::outside(),
    };
    let tokens = witness.tokens.iter().map(|(issuer, claims)| Token {
        issuer: Some(issuer.clone()),
        claims: claims.clone(),
    });
    let mut question = Question::new(from, message(witness, target, site), side.now);
    question.address = witness.address;
    question.tokens = tokens.collect();
    if is_https(site) {
        question.scheme = Scheme::Https;
    }
    question
}

fn message(witness: &Witness, target: &Target, site: &Site<'_>) -> Message {
    if !site.protocol.is_http() {
        let service = match target {
            Target::Service(id) | Target::External(id) => id.clone(),
            Target::Gateway(id) => ServiceRef {
                namespace: id.namespace.clone(),
                name: id.name.clone(),
            },
        };
        return Message::Connection {
            service,
            port: site.number,
            server_name: Host::parse(&witness.host).ok(),
        };
    }
    let host = ("host".to_owned(), authority(witness, site).into_bytes());
    let headers = std::iter::once(host).chain(witness.headers.iter().cloned());
    Message::Request(Head {
        method: witness.method.clone().into_bytes(),
        target: witness.target.clone().into_bytes(),
        headers: headers.collect(),
    })
}

fn authority(witness: &Witness, site: &Site<'_>) -> String {
    if site.says_number {
        format!("{}:{}", witness.host, site.number)
    } else {
        witness.host.clone()
    }
}

fn is_https(site: &Site<'_>) -> bool {
    site.listener.is_some_and(|it| it.tls.is_some())
}
