use std::collections::BTreeMap;

use mesh_ir::{Host, HostPattern, Name};

use crate::diagnostic::Span;
use crate::resolve::Program;

/// What belongs to whom; of two claims, the first by the name of the team.
pub(super) struct Teams<'a> {
    /// The team that owns the mesh.
    pub(super) mesh: Option<&'a Name>,
    directories: BTreeMap<&'a str, &'a Name>,
    namespaces: BTreeMap<&'a Name, &'a Name>,
    hosts: Vec<(&'a HostPattern, &'a Name, Span)>,
}

impl<'a> Teams<'a> {
    pub(super) fn of(program: &'a Program) -> Self {
        let mut teams = Self {
            mesh: None,
            directories: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            hosts: vec![],
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
                if host.value.path.is_none() {
                    teams.hosts.push((&host.value.host, name, host.span));
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
}
