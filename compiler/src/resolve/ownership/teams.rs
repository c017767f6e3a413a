use std::collections::BTreeMap;

use mesh_ir::{Host, HostPattern, Name, PathPattern};

use crate::diagnostic::Span;
use crate::resolve::Program;

/// What belongs to whom; of two claims, the first by the name of the team.
pub(super) struct Teams<'a> {
    /// The team that owns the mesh.
    pub(super) mesh: Option<&'a Name>,
    directories: BTreeMap<&'a str, &'a Name>,
    namespaces: BTreeMap<&'a Name, &'a Name>,
    hosts: Vec<(&'a HostPattern, &'a Name, Span)>,
    /// Parts of hosts.
    parts: Vec<(&'a HostPattern, &'a PathPattern, &'a Name, Span)>,
}

impl<'a> Teams<'a> {
    pub(super) fn of(program: &'a Program) -> Self {
        let mut teams = Self {
            mesh: None,
            directories: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            hosts: vec![],
            parts: vec![],
        };
        for team in program.teams.values().rev() {
            let (name, owns) = (&team.name.value, &team.spec.owns);
            if owns.mesh.is_some() {
                teams.mesh = Some(name);
            }
            for directory in &owns.directories {
                teams.directories.insert(&directory.value, name);
            }
            for namespace in &owns.namespaces {
                teams.namespaces.insert(&namespace.value, name);
            }
            for host in &owns.hosts {
                match &host.value.path {
                    None => teams.hosts.push((&host.value.host, name, host.span)),
                    Some(path) => {
                        teams.parts.push((&host.value.host, path, name, host.span));
                    }
                }
            }
        }
        teams
    }

    /// The team of the deepest directory that a file lies in.
    pub(super) fn of_file(&self, path: &str) -> Option<&'a Name> {
        let mut directory = path;
        while let Some((parent, _)) = directory.rsplit_once('/') {
            if let Some(team) = self.directories.get(parent) {
                return Some(team);
            }
            directory = parent;
        }
        self.directories.get(".").copied()
    }

    /// The team of a namespace.
    pub(super) fn of_namespace(&self, namespace: &Name) -> Option<&'a Name> {
        self.namespaces.get(namespace).copied()
    }

    /// The team with the narrowest claim to a host, and where it says so.
    pub(super) fn of_host(&self, host: &Host) -> Option<(&'a Name, Span)> {
        self.hosts
            .iter()
            .filter(|(pattern, ..)| pattern.matches(host.as_str()))
            .max_by_key(|(pattern, ..)| match pattern {
                HostPattern::Exact(_) => usize::MAX,
                HostPattern::Below(base) => base.as_str().len(),
            })
            .map(|(_, team, at)| (*team, *at))
    }

    /// The team with the narrowest claim to some paths of the hosts of a pattern, and where
    /// it says so; no path is all of them.
    pub(super) fn of_host_and_path(
        &self,
        host: &HostPattern,
        path: Option<&PathPattern>,
    ) -> Option<(&'a Name, Span)> {
        let covers = |claim: &HostPattern| match (claim, host) {
            (claim, HostPattern::Exact(host)) => claim.matches(host.as_str()),
            (HostPattern::Below(claim), HostPattern::Below(host)) => {
                claim == host || HostPattern::Below(claim.clone()).matches(host.as_str())
            }
            (HostPattern::Exact(_), HostPattern::Below(_)) => false,
        };
        let length = |claim: &HostPattern| match claim {
            HostPattern::Exact(_) => usize::MAX,
            HostPattern::Below(base) => base.as_str().len(),
        };
        let parts = self.parts.iter().filter(|(claim, part, ..)| {
            covers(claim) && path.is_some_and(|path| contains(part, path))
        });
        let narrowest = parts.max_by_key(|(claim, part, ..)| (length(claim), depth(part)));
        if let Some((_, _, team, at)) = narrowest {
            return Some((*team, *at));
        }
        let whole = self.hosts.iter().filter(|(claim, ..)| covers(claim));
        let narrowest = whole.max_by_key(|(claim, ..)| length(claim));
        narrowest.map(|(_, team, at)| (*team, *at))
    }
}

/// How many segments a pattern names.
fn depth(path: &PathPattern) -> usize {
    path.to_string().matches('/').count()
}

/// Whether a claimed part of a host holds every path of a pattern. A regular expression
/// is in none: it is for the owner of the whole host.
fn contains(part: &PathPattern, path: &PathPattern) -> bool {
    if matches!(path, PathPattern::Regex(_)) {
        return false;
    }
    let (part, path) = (part.to_string(), path.to_string());
    if part == path {
        return true;
    }
    let Some(front) = part.strip_suffix("/**") else {
        return false;
    };
    let mut names = path.split('/');
    front.split('/').all(|wanted| {
        let name = names.next();
        name.is_some_and(|name| wanted == name || (wanted == "*" && name != "**"))
    })
}
