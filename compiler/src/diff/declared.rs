//! What objects say of themselves: who they are, what they speak, where they run.

use std::collections::BTreeMap;

use mesh_ir::{Gateway, Listener, MtlsMode, Origin, Port, Service, ServiceLimits};
use serde_json::Map;

use super::change::{Change, ChangeKind, Diff, Example, Lines};
use super::concerned::changed;
use super::point::sites;
use super::side::{Side, Target};
use super::words;

/// Who everybody is.
pub(super) fn mesh(base: &Side<'_>, head: &Side<'_>, found: &mut Diff) {
    let (before, after) = (&base.mesh.settings, &head.mesh.settings);
    let mut say = |what: [String; 2]| {
        if what[0] != what[1] {
            let origins = [Some(&before.origin), Some(&after.origin)];
            let change = change(
                (ChangeKind::Reidentified, "every service"),
                None,
                what,
                origins,
            );
            found.changes.push(change);
        }
    };
    say([before, after].map(|it| format!("trust domain {}", it.trust_domain)));
    for (id, old, new) in changed(&base.mesh.issuers, &head.mesh.issuers) {
        let (Some(old), Some(new)) = (old, new) else {
            continue;
        };
        let words = |it: &mesh_ir::TokenIssuer| {
            let mut it = it.clone();
            it.origin = Origin::new("", 1, 1);
            format!(
                "tokens of {} for {}, keys {:?}, in {:?}, {:?}, forward {}, headers {:?}, leeway {}",
                it.issuer,
                it.audiences.join(" "),
                it.keys,
                it.locations,
                it.algorithms,
                it.forward,
                it.claims_to_headers,
                words::duration(it.leeway)
            )
        };
        let what = [words(old), words(new)];
        let origins = [Some(&old.origin), Some(&new.origin)];
        let name = format!("{}.{}", id.name, id.namespace);
        let kind = (ChangeKind::Reidentified, name.as_str());
        found.changes.push(change(kind, None, what, origins));
    }
}

/// Compares what an object says of itself on both sides.
pub(super) fn object(base: &Side<'_>, head: &Side<'_>, target: &Target, found: &mut Diff) {
    let url = url(head, target).or_else(|| url(base, target));
    let facts = [facts(base, target), facts(head, target)];
    let [Some(before), Some(after)] = facts else {
        return;
    };
    let to = target.to_string();
    for (old, new) in paired(&before, &after) {
        let words = [old, new].map(|it| it.map_or("none".to_owned(), |it| it.what.clone()));
        if words[0] == words[1] {
            continue;
        }
        let Some(kind) = new.or(old).map(|it| it.kind) else {
            continue;
        };
        let origins = [old, new].map(|it| it.map(|it| it.origin));
        let plaintext = new.is_some_and(|it| it.plaintext) && !old.is_some_and(|it| it.plaintext);
        found.changes.push(Change {
            plaintext,
            ..change((kind, &to), url.clone(), words, origins)
        });
    }
}

fn url(side: &Side<'_>, target: &Target) -> Option<String> {
    let site = sites(side, target).into_iter().next()?;
    let host = site
        .hosts
        .first()
        .map_or_else(|| target.to_string(), |it| it.as_str().to_owned());
    Some(if site.protocol.is_http() {
        format!("http://{host}/")
    } else {
        format!("tcp://{host}:{}", site.number)
    })
}

/// One thing that an object says.
struct Fact<'m> {
    /// What it is about: the same thing on both sides.
    about: String,
    kind: ChangeKind,
    what: String,
    origin: &'m Origin,
    plaintext: bool,
}

type Pair<'f, 'm> = (Option<&'f Fact<'m>>, Option<&'f Fact<'m>>);

fn paired<'f, 'm>(before: &'f [Fact<'m>], after: &'f [Fact<'m>]) -> Vec<Pair<'f, 'm>> {
    let both = before.iter().map(|old| {
        let new = after.iter().find(|it| it.about == old.about);
        (Some(old), new)
    });
    let is_new = |it: &&Fact<'_>| !before.iter().any(|old| old.about == it.about);
    let new = after.iter().filter(is_new).map(|it| (None, Some(it)));
    both.chain(new).collect()
}

fn facts<'m>(side: &Side<'m>, target: &Target) -> Option<Vec<Fact<'m>>> {
    match target {
        Target::Service(id) => side.mesh.services.get(id).map(|it| of_service(it)),
        Target::Gateway(id) => side.mesh.gateways.get(id).map(|it| of_gateway(it)),
        Target::External(id) => side.mesh.externals.get(id).map(|it| {
            let mut facts: Vec<_> = it.ports.iter().map(of_port).collect();
            let fact = |about: &str, kind, what| fact(about, kind, what, &it.origin);
            let tls = it.tls.is_none();
            facts.push(Fact {
                plaintext: tls,
                ..fact("tls", ChangeKind::Reidentified, format!("TLS {:?}", it.tls))
            });
            let reached = format!(
                "hosts {:?}, endpoints {:?}, addresses {:?}, via {:?}, {:?}",
                it.hosts, it.endpoints, it.addresses, it.via, it.load_balancing
            );
            facts.push(fact("where", ChangeKind::Rerouted, reached));
            let waits = waits(it.connect_timeout, it.stream_idle_timeout, it.idle_timeout);
            facts.push(fact("waits", ChangeKind::Retimed, waits));
            facts
        }),
    }
}

fn fact<'m>(about: &str, kind: ChangeKind, what: String, origin: &'m Origin) -> Fact<'m> {
    Fact {
        about: about.to_owned(),
        kind,
        what,
        origin,
        plaintext: false,
    }
}

fn waits(
    connect: std::time::Duration,
    stream: Option<std::time::Duration>,
    idle: Option<std::time::Duration>,
) -> String {
    format!(
        "connect within {}, stream idle {}, idle {}",
        words::duration(connect),
        words::bound(stream),
        words::bound(idle)
    )
}

fn of_port(port: &Port) -> Fact<'_> {
    let mode = match port.mtls {
        MtlsMode::Strict => "mutual TLS only",
        MtlsMode::Permissive => "plain text too",
    };
    let mut what = format!(
        "{} on {} to {}, {mode}",
        port.protocol, port.number, port.target
    );
    if port.proxy_protocol {
        what.push_str(", PROXY header");
    }
    if port.http10 {
        what.push_str(", HTTP/1.0");
    }
    Fact {
        about: format!("port {}", port.name),
        kind: ChangeKind::Reidentified,
        what,
        origin: &port.origin,
        plaintext: port.mtls == MtlsMode::Permissive,
    }
}

fn of_service(it: &Service) -> Vec<Fact<'_>> {
    let mut facts: Vec<_> = it.ports.iter().map(of_port).collect();
    let fact = |about: &str, kind, what| fact(about, kind, what, &it.origin);
    let accounts: Vec<_> = it.accounts.iter().map(ToString::to_string).collect();
    facts.push(fact(
        "accounts",
        ChangeKind::Reidentified,
        accounts.join(" "),
    ));
    let hosts: Vec<_> = it.hosts.iter().map(mesh_ir::Host::as_str).collect();
    facts.push(fact(
        "hosts",
        ChangeKind::Rerouted,
        format!("hosts {}", hosts.join(" ")),
    ));
    let versions = it.versions.iter().map(|it| (it.name.as_str(), &it.labels));
    let versions: Vec<_> = versions.collect();
    let runs = format!("runs at {:?}, versions {versions:?}", it.workloads);
    facts.push(fact("where", ChangeKind::Rerouted, runs));
    let chosen = format!("{:?}, {:?}", it.load_balancing, it.outlier);
    facts.push(fact("balancing", ChangeKind::Rerouted, chosen));
    let slash = format!("encoded slash: {:?}", it.encoded_slash).to_lowercase();
    facts.push(fact("slash", ChangeKind::Rerouted, slash));
    let ServiceLimits {
        connections,
        requests,
        pending,
    } = it.limits;
    let bounds = [connections, requests, pending];
    let bounds = bounds.map(|it| it.map_or("no bound".to_owned(), |it| it.to_string()));
    let [connections, requests, pending] = bounds;
    let limits = format!("connections {connections}, requests {requests}, pending {pending}");
    facts.push(fact("limits", ChangeKind::Relimited, limits));
    let waits = waits(it.connect_timeout, it.stream_idle_timeout, it.idle_timeout);
    facts.push(fact("waits", ChangeKind::Retimed, waits));
    facts
}

fn of_gateway(it: &Gateway) -> Vec<Fact<'_>> {
    let mut facts: Vec<_> = it.listeners.iter().map(of_listener).collect();
    let accounts: Vec<_> = it.accounts.iter().map(ToString::to_string).collect();
    let accounts = format!(
        "{}, client address {:?}",
        accounts.join(" "),
        it.client_address
    );
    facts.push(fact(
        "accounts",
        ChangeKind::Reidentified,
        accounts,
        &it.origin,
    ));
    facts
}

fn of_listener(it: &Listener) -> Fact<'_> {
    let what = format!(
        "{} on {} for {:?} at {:?}, TLS {:?}, redirect {}",
        it.protocol, it.port, it.hosts, it.addresses, it.tls, it.redirect
    );
    Fact {
        about: format!("listener {}", it.name),
        kind: ChangeKind::Reidentified,
        what,
        origin: &it.origin,
        plaintext: it.tls.is_none(),
    }
}

fn change(
    (kind, to): (ChangeKind, &str),
    url: Option<String>,
    [before, after]: [String; 2],
    origins: [Option<&Origin>; 2],
) -> Change {
    let url = url.unwrap_or_default();
    let method = if url.starts_with("tcp:") {
        "TCP"
    } else {
        "GET"
    };
    let [base, head] = origins.map(|it| it.map(ToString::to_string).into_iter().collect());
    Change {
        kind,
        from: "anyone".to_owned(),
        to: to.to_owned(),
        witness: Example {
            method: method.to_owned(),
            url,
            headers: BTreeMap::new(),
            claims: Map::new(),
        },
        before,
        after,
        lines: Lines { base, head },
        environments: vec![],
        plaintext: false,
    }
}
