//! What objects say of themselves, one thing at a time.

use mesh_ir::{
    ClientAddress, EncodedSlash, ExternalService, Gateway, Host, Listener, MtlsMode, Name, Origin,
    Port, Service, ServiceLimits, TokenIssuer,
};

use super::change::ChangeKind;
use super::point;
use super::said;
use super::side::{Side, Target};
use super::words;

/// One thing that an object says.
pub(super) struct Fact<'m> {
    /// What it is about: the same thing on both sides.
    pub(super) about: String,
    pub(super) kind: ChangeKind,
    /// In which way it changes where the fact is gone.
    pub(super) gone: ChangeKind,
    pub(super) what: String,
    pub(super) origin: &'m Origin,
    pub(super) plaintext: bool,
    /// The host that a request names which shows it, where that is not the usual one.
    pub(super) host: Option<Host>,
    /// The port or listener that it is about.
    pub(super) port: Option<&'m Name>,
    /// The path of a request that shows it.
    pub(super) path: &'m str,
}

/// What one side says of a target, if it is there.
pub(super) fn facts<'m>(side: &Side<'m>, target: &Target) -> Option<Vec<Fact<'m>>> {
    match target {
        Target::Service(id) => side.mesh.services.get(id).map(|it| of_service(it)),
        Target::Gateway(id) => side.mesh.gateways.get(id).map(|it| of_gateway(it)),
        Target::External(id) => side.mesh.externals.get(id).map(|it| of_external(it)),
    }
}

fn fact<'m>(about: &str, kind: ChangeKind, what: String, origin: &'m Origin) -> Fact<'m> {
    Fact {
        about: about.to_owned(),
        kind,
        gone: kind,
        what,
        origin,
        plaintext: false,
        host: None,
        port: None,
        path: "/",
    }
}

/// One of its names: a request that calls it shows whether there is one.
fn called<'m>(text: &str, host: Option<Host>, origin: &'m Origin) -> Fact<'m> {
    let about = format!("host {text}");
    Fact {
        host,
        ..fact(&about, ChangeKind::Rerouted, about.clone(), origin)
    }
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
    let about = format!("port {}", port.name);
    Fact {
        plaintext: port.mtls == MtlsMode::Permissive,
        port: Some(&port.name),
        ..fact(&about, ChangeKind::Reidentified, what, &port.origin)
    }
}

fn of_service(it: &Service) -> Vec<Fact<'_>> {
    use ChangeKind::{Reidentified, Relimited, Rerouted, Retimed};
    let mut facts: Vec<_> = it.ports.iter().map(of_port).collect();
    let hosts = it.hosts.iter();
    facts.extend(hosts.map(|host| called(host.as_str(), Some(host.clone()), &it.origin)));
    let versions = it.versions.iter().map(|version| {
        let about = format!("version {}", version.name);
        let what = format!("{about} is {}", said::pairs(&version.labels));
        fact(&about, Rerouted, what, &version.origin)
    });
    facts.extend(versions);
    let ServiceLimits {
        connections,
        requests,
        pending,
    } = it.limits;
    let bounds = [connections, requests, pending];
    let bounds = bounds.map(|it| it.map_or("no bound".to_owned(), |it| it.to_string()));
    let [connections, requests, pending] = bounds;
    let limits = format!("connections {connections}, requests {requests}, pending {pending}");
    let waits = said::waits(it.connect_timeout, it.stream_idle_timeout, it.idle_timeout);
    let own = [
        ("accounts", Reidentified, said::list(&it.accounts, "nobody")),
        ("where", Rerouted, said::workloads(&it.workloads)),
        ("balancing", Rerouted, said::balancing(&it.load_balancing)),
        ("outlier", Rerouted, said::outlier(it.outlier.as_ref())),
        ("health", Rerouted, said::health(it.health.as_ref())),
        ("limits", Relimited, limits),
        ("waits", Retimed, waits),
    ];
    facts.extend(own.map(|(about, kind, what)| fact(about, kind, what, &it.origin)));
    facts.push(slash(it));
    facts.extend(it.probes.iter().map(|path| probe(path, &it.origin)));
    facts
}

/// What was answered 400 before any decision is now judged, or the other way round.
fn slash(it: &Service) -> Fact<'_> {
    let (kind, what) = match it.encoded_slash {
        EncodedSlash::Refuse => (ChangeKind::Closed, "an encoded slash is refused"),
        EncodedSlash::Judge => (ChangeKind::Opened, "an encoded slash is judged"),
    };
    Fact {
        path: "/a%2Fb",
        ..fact("slash", kind, what.to_owned(), &it.origin)
    }
}

/// Access says nothing of it.
fn probe<'m>(path: &'m str, origin: &'m Origin) -> Fact<'m> {
    let about = format!("probe {path}");
    let what = format!("{path} on the port of probes");
    Fact {
        gone: ChangeKind::Closed,
        path,
        ..fact(&about, ChangeKind::Opened, what, origin)
    }
}

fn of_external(it: &ExternalService) -> Vec<Fact<'_>> {
    use ChangeKind::{Reidentified, Rerouted, Retimed};
    let mut facts: Vec<_> = it.ports.iter().map(of_port).collect();
    // Each of its hosts is somewhere else: who may call it reaches one more, or one less.
    let hosts = it.hosts.iter().map(|host| Fact {
        kind: ChangeKind::Opened,
        gone: ChangeKind::Closed,
        ..called(&host.to_string(), point::example(host), &it.origin)
    });
    facts.extend(hosts);
    facts.push(Fact {
        plaintext: it.tls.is_none(),
        ..fact(
            "tls",
            Reidentified,
            said::upstream_tls(it.tls.as_ref()),
            &it.origin,
        )
    });
    let via = it.via.as_ref();
    let via = via.map_or("directly".to_owned(), |id| format!("through {id}"));
    let addresses = said::list(&it.addresses, "none");
    let waits = said::waits(it.connect_timeout, it.stream_idle_timeout, it.idle_timeout);
    let own = [
        ("via", Rerouted, via),
        ("where", Rerouted, said::endpoints(&it.endpoints)),
        ("addresses", Rerouted, format!("addresses {addresses}")),
        ("balancing", Rerouted, said::balancing(&it.load_balancing)),
        ("waits", Retimed, waits),
    ];
    facts.extend(own.map(|(about, kind, what)| fact(about, kind, what, &it.origin)));
    facts
}

/// For which hosts its listeners are is decided request by request.
fn of_gateway(it: &Gateway) -> Vec<Fact<'_>> {
    let mut facts: Vec<_> = it.listeners.iter().flat_map(of_listener).collect();
    let address = match it.client_address {
        ClientAddress::Peer => "client address: the peer".to_owned(),
        ClientAddress::ForwardedFor(hops) => {
            format!("client address: x-forwarded-for behind {hops}")
        }
        ClientAddress::ProxyProtocol => "client address: the PROXY header".to_owned(),
    };
    let own = [
        ("accounts", said::list(&it.accounts, "nobody")),
        ("address", address),
    ];
    let own = own.map(|(about, what)| fact(about, ChangeKind::Reidentified, what, &it.origin));
    facts.extend(own);
    facts
}

fn of_listener(it: &Listener) -> [Fact<'_>; 2] {
    let Listener {
        name,
        origin,
        port,
        protocol,
        hosts: _,
        addresses,
        tls,
        redirect,
    } = it;
    let addresses = said::list(addresses, "every address");
    let tls_words = said::listener_tls(tls.as_ref());
    let about = format!("listener {name}");
    let what = format!("{protocol} on {port} of {addresses}, {tls_words}");
    let listens = Fact {
        plaintext: tls.is_none(),
        port: Some(name),
        ..fact(&about, ChangeKind::Reidentified, what, origin)
    };
    let what = if *redirect {
        "redirected to https"
    } else {
        "taken"
    };
    let about = format!("redirect of {name}");
    let redirects = Fact {
        plaintext: tls.is_none() && !redirect,
        port: Some(name),
        ..fact(&about, ChangeKind::Rerouted, what.to_owned(), origin)
    };
    [listens, redirects]
}

/// Which tokens are valid.
pub(super) fn of_issuer(it: &TokenIssuer) -> Vec<Fact<'_>> {
    let locations: Vec<_> = it.locations.iter().map(said::location).collect();
    let algorithms: Vec<_> = it.algorithms.iter().map(|it| format!("{it:?}")).collect();
    let forwarded = if it.forward {
        "forwarded"
    } else {
        "not forwarded"
    };
    let headers = said::pairs(&it.claims_to_headers);
    let own = [
        (
            "tokens",
            format!("tokens of {} for {}", it.issuer, it.audiences.join(" or ")),
        ),
        ("keys", said::token_keys(&it.keys)),
        ("where", said::list(&locations, "nowhere")),
        ("algorithms", said::list(&algorithms, "none")),
        ("forward", format!("tokens {forwarded}")),
        ("headers", format!("claims to headers: {headers}")),
        ("leeway", format!("leeway {}", words::duration(it.leeway))),
    ];
    let own = own.map(|(about, what)| fact(about, ChangeKind::Reidentified, what, &it.origin));
    own.into()
}
