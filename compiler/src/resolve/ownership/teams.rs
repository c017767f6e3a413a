use std::collections::BTreeMap;

use mesh_ir::{Host, HostPattern, Name, PathPattern};

use crate::algebra::{path_contains, paths_may_meet};
use crate::diagnostic::Span;
use crate::resolve::Program;

/// What belongs to whom; of two claims, the first by the name of the team.
pub(super) struct Teams<'a> {
    /// The team that owns the mesh.
    pub(super) mesh: Option<&'a Name>,
    directories: BTreeMap<&'a str, &'a Name>,
    namespaces: BTreeMap<&'a Name, &'a Name>,
    /// Hosts and parts of hosts.
    claims: Vec<Claim<'a>>,
}

/// Some hosts, perhaps some of their paths only, and whose they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim<'a> {
    host: &'a HostPattern,
    path: Option<&'a PathPattern>,
    pub(super) team: &'a Name,
    pub(super) at: Span,
}

impl<'a> Teams<'a> {
    pub(super) fn of(program: &'a Program) -> Self {
        let mut teams = Self {
            mesh: None,
            directories: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            claims: vec![],
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
                teams.claims.push(Claim {
                    host: &host.value.host,
                    path: host.value.path.as_ref(),
                    team: name,
                    at: host.span,
                });
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

    /// The narrowest claim that holds a host whole.
    pub(super) fn of_host(&self, host: &Host) -> Option<Claim<'a>> {
        self.of_part(&HostPattern::Exact(host.clone()), None)
    }

    /// The narrowest claim that holds these paths of these hosts; no path is all of them.
    pub(super) fn of_part(
        &self,
        host: &HostPattern,
        path: Option<&PathPattern>,
    ) -> Option<Claim<'a>> {
        let holding = self.claims.iter().filter(|it| it.contains(host, path));
        holding
            .max_by_key(|it| (it.host.closeness(), it.depth()))
            .copied()
    }

    /// The claims that hold some of these paths of these hosts, and not all of them.
    pub(super) fn within_part(
        &self,
        host: &HostPattern,
        path: Option<&PathPattern>,
    ) -> impl Iterator<Item = Claim<'a>> {
        let meeting = self.claims.iter().filter(move |it| {
            let on_paths = match (it.path, path) {
                (Some(claimed), Some(path)) => paths_may_meet(claimed, path),
                _ => true,
            };
            it.host.meets(host) && on_paths && !it.contains(host, path)
        });
        meeting.copied()
    }
}

impl Claim<'_> {
    fn contains(&self, host: &HostPattern, path: Option<&PathPattern>) -> bool {
        let on_paths = match (self.path, path) {
            (None, _) => true,
            (Some(claimed), Some(path)) => path_contains(claimed, path),
            (Some(_), None) => false,
        };
        self.host.contains(host) && on_paths
    }

    /// How many segments it names.
    fn depth(&self) -> usize {
        self.path
            .map_or(0, |path| path.to_string().matches('/').count())
    }
}
