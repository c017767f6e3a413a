use mesh_ir::{
    CallerMatch, EncodedSlash, Host, HostPattern, Listener, MtlsMode, Name, Origin, Port, Protocol,
    Who,
};

use super::change::{Lines, Open};
use super::side::{Side, Target};
use crate::algebra::Undecided;

/// A port of a service or external service, or a listener of a gateway.
#[derive(Debug, Clone)]
pub(crate) struct Site<'m> {
    pub(crate) name: &'m Name,
    pub(crate) number: u16,
    pub(crate) protocol: Protocol,
    /// Whether callers without an identity are refused.
    pub(crate) strict: bool,
    pub(crate) encoded_slash: bool,
    /// What a witness calls, the best first.
    pub(crate) hosts: Vec<Host>,
    pub(crate) origin: &'m Origin,
    /// Whether the number must stand after the host.
    pub(crate) says_number: bool,
    pub(crate) listener: Option<&'m Listener>,
}

/// The same site on both sides, or on one of them.
#[derive(Debug)]
pub(crate) struct Point<'m> {
    pub(crate) target: Target,
    pub(crate) base: Option<Site<'m>>,
    pub(crate) head: Option<Site<'m>>,
    /// Whoever shows no certificate.
    pub(crate) nobody: [CallerMatch; 1],
}

impl<'m> Point<'m> {
    /// Every port of a target on either side.
    pub(crate) fn all(base: &Side<'m>, head: &Side<'m>, target: &Target) -> Vec<Self> {
        let (before, after) = (sites(base, target), sites(head, target));
        let both = before.iter().map(|site| {
            let after = after.iter().find(|it| it.name == site.name);
            Self::new(target, Some(site.clone()), after.cloned())
        });
        let is_new = |site: &&Site<'m>| !before.iter().any(|it| it.name == site.name);
        let new = after.iter().filter(is_new);
        let new = new.map(|site| Self::new(target, None, Some(site.clone())));
        both.chain(new).collect()
    }

    /// Of one side alone, twice.
    pub(crate) fn one(target: &Target, site: &Site<'m>) -> Self {
        Self::new(target, Some(site.clone()), Some(site.clone()))
    }

    fn new(target: &Target, base: Option<Site<'m>>, head: Option<Site<'m>>) -> Self {
        let nobody = CallerMatch {
            not: vec![CallerMatch::from(Who::Authenticated)],
            ..CallerMatch::from(Who::Anyone)
        };
        Self {
            target: target.clone(),
            base,
            head,
            nobody: [nobody],
        }
    }

    /// What it is after the change, or else was before.
    pub(crate) fn site(&self) -> &Site<'m> {
        let site = self.head.as_ref().or(self.base.as_ref());
        site.expect("a point is on one side at least")
    }

    /// Whether it speaks of requests on both sides, or of connections on both.
    pub(crate) fn is_comparable(&self) -> bool {
        match (&self.base, &self.head) {
            (Some(a), Some(b)) => a.protocol.is_http() == b.protocol.is_http(),
            _ => true,
        }
    }

    /// That a bound was reached here.
    pub(crate) fn open(&self, why: &Undecided) -> Open {
        let lines = |site: &Option<Site<'_>>| {
            let site = site.as_ref();
            site.map(|site| site.origin.to_string())
                .into_iter()
                .collect()
        };
        Open {
            from: "anyone".to_owned(),
            to: self.target.to_string(),
            why: why.to_string(),
            lines: Lines {
                base: lines(&self.base),
                head: lines(&self.head),
            },
        }
    }
}

/// The ports or listeners of a target.
pub(crate) fn sites<'m>(side: &Side<'m>, target: &Target) -> Vec<Site<'m>> {
    match target {
        Target::Service(id) => {
            let service = side.mesh.services.get(id);
            let host = Host::parse(&id.to_string()).ok();
            let hosts: Vec<_> = host.into_iter().collect();
            let service = service.into_iter();
            let all = service.flat_map(|service| {
                let slash = service.encoded_slash == EncodedSlash::Judge;
                let strict = |port: &Port| port.mtls == MtlsMode::Strict;
                let ports = service.ports.iter();
                let hosts = &hosts;
                ports.map(move |port| site(&service.ports, port, (strict(port), slash), hosts))
            });
            all.collect()
        }
        Target::External(id) => {
            let external = side.mesh.externals.get(id).into_iter();
            let all = external.flat_map(|external| {
                let hosts: Vec<_> = external.hosts.iter().filter_map(example).collect();
                let ports = external.ports.iter();
                ports.map(move |port| site(&external.ports, port, (false, false), &hosts))
            });
            all.collect()
        }
        Target::Gateway(id) => {
            let gateway = side.mesh.gateways.get(id).into_iter();
            gateway.flat_map(|it| &it.listeners).map(door).collect()
        }
    }
}

fn site<'m>(
    ports: &[Port],
    port: &'m Port,
    (strict, encoded_slash): (bool, bool),
    hosts: &[Host],
) -> Site<'m> {
    let of_http = ports.iter().filter(|it| it.protocol.is_http());
    Site {
        name: &port.name,
        number: port.number,
        protocol: port.protocol,
        strict,
        encoded_slash,
        hosts: hosts.to_vec(),
        origin: &port.origin,
        says_number: port.number != 80 && of_http.count() > 1,
        listener: None,
    }
}

fn door(listener: &Listener) -> Site<'_> {
    let usual = if listener.tls.is_some() { 443 } else { 80 };
    Site {
        name: &listener.name,
        number: listener.port,
        protocol: listener.protocol,
        strict: false,
        encoded_slash: true,
        hosts: listener.hosts.iter().filter_map(example).collect(),
        origin: &listener.origin,
        says_number: listener.port != usual,
        listener: Some(listener),
    }
}

/// A host that a pattern matches.
pub(super) fn example(pattern: &HostPattern) -> Option<Host> {
    match pattern {
        HostPattern::Exact(host) => Some(host.clone()),
        HostPattern::Below(base) => Host::parse(&format!("x.{}", base.as_str())).ok(),
    }
}
