//! Loopback ports that stay: below the ephemeral range, so that no outgoing
//! connection takes one while its listener restarts, and the same after a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Ports are reserved in blocks of so many.
const BLOCK: u16 = 64;
/// The first port that is ever given out.
const FIRST: u16 = 10_240;
/// Where the ephemeral range begins, if the kernel does not say.
const EPHEMERAL: u16 = 32_768;

/// Gives each name a port of its own.
///
/// A block of ports belongs to the process that holds the lock on the block's file,
/// so two runs on one machine never give out the same port, whenever they ask.
pub(super) struct Ports {
    locks: PathBuf,
    blocks: BTreeMap<u16, File>,
    given: Given,
    ephemeral: u16,
}

/// What is kept over restarts: the port of each name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Given(pub(super) BTreeMap<String, u16>);

/// Why no port can be given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PortsError {
    /// The directory of lock files cannot be used.
    #[error("cannot keep port reservations in {path}")]
    Locks {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Everything is taken.
    #[error("no free loopback port between {FIRST} and {0}")]
    Exhausted(u16),
}

impl Ports {
    /// Takes up what was given before; a port whose block now belongs to another
    /// run is forgotten.
    pub(super) fn new(locks: &Path, before: Given) -> Result<Self, PortsError> {
        make_own(locks).map_err(|source| PortsError::Locks {
            path: locks.to_owned(),
            source,
        })?;
        let mut ports = Self {
            locks: locks.to_owned(),
            blocks: BTreeMap::new(),
            given: Given::default(),
            ephemeral: ephemeral_start(),
        };
        for (name, port) in before.0 {
            if ports.reserve(port / BLOCK)? && is_free(port) {
                ports.given.0.insert(name, port);
            }
        }
        Ok(ports)
    }

    /// The address of a name: the same one each time it is asked for.
    pub(super) fn address(&mut self, name: &str) -> Result<SocketAddr, PortsError> {
        let port = match self.given.0.get(name) {
            Some(port) => *port,
            None => self.fresh()?,
        };
        self.given.0.insert(name.to_owned(), port);
        Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    /// Every name's port.
    pub(super) fn given(&self) -> &Given {
        &self.given
    }

    fn fresh(&mut self) -> Result<u16, PortsError> {
        let taken: BTreeSet<u16> = self.given.0.values().copied().collect();
        let free = |port: &u16| !taken.contains(port) && is_free(*port);
        if let Some(port) = self.blocks.keys().copied().flat_map(ports_of).find(free) {
            return Ok(port);
        }
        let (first, last) = (FIRST / BLOCK, self.ephemeral / BLOCK);
        let count = last.saturating_sub(first).max(1);
        // Starting anywhere keeps runs from queueing at the same block.
        let start = RandomState::new().hash_one(std::process::id());
        for step in 0..count {
            let offset = (start.wrapping_add(u64::from(step))) % u64::from(count);
            let block = first + u16::try_from(offset).unwrap_or(0);
            if self.blocks.contains_key(&block) || !self.reserve(block)? {
                continue;
            }
            if let Some(port) = ports_of(block).find(free) {
                return Ok(port);
            }
        }
        Err(PortsError::Exhausted(self.ephemeral))
    }

    /// Whether the block is ours, now or already.
    fn reserve(&mut self, block: u16) -> Result<bool, PortsError> {
        if self.blocks.contains_key(&block) {
            return Ok(true);
        }
        let path = self.locks.join(format!("ports-{}", block * BLOCK));
        let file = File::create(&path).map_err(|source| PortsError::Locks { path, source })?;
        let ours = file.try_lock().is_ok();
        if ours {
            self.blocks.insert(block, file);
        }
        Ok(ours)
    }
}

/// The directory lies where everybody may write, under a name that everybody can
/// guess: another's, or a link, could lead our lock files anywhere.
fn make_own(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    match builder.mode(0o700).create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let found = fs::symlink_metadata(directory)?;
    if found.is_dir() && found.uid() == rustix::process::getuid().as_raw() {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it is not a directory of this user",
        ))
    }
}

fn ports_of(block: u16) -> impl Iterator<Item = u16> {
    (0..BLOCK).map(move |offset| block * BLOCK + offset)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn ephemeral_start() -> u16 {
    fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .filter(|start| *start > FIRST + BLOCK)
        .unwrap_or(EPHEMERAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_port_over_a_restart() {
        let locks = tempfile::tempdir().unwrap();
        let mut first = Ports::new(locks.path(), Given::default()).unwrap();
        let address = first.address("shop/reviews-v1/outbound").unwrap();
        assert_ne!(first.address("shop/ratings/outbound").unwrap(), address);
        assert!((FIRST..ephemeral_start()).contains(&address.port()));
        let given = first.given().clone();
        drop(first);
        let mut second = Ports::new(locks.path(), given).unwrap();
        assert_eq!(second.address("shop/reviews-v1/outbound").unwrap(), address);
    }

    #[test]
    fn reservations_are_never_kept_where_a_link_leads() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(directory.path(), &link).unwrap();
        let refused = Ports::new(&link, Given::default());
        assert!(matches!(refused, Err(PortsError::Locks { .. })));
    }

    #[test]
    fn two_runs_never_share_a_port() {
        let locks = tempfile::tempdir().unwrap();
        let mut first = Ports::new(locks.path(), Given::default()).unwrap();
        let taken = first.address("a").unwrap();
        let mut second = Ports::new(locks.path(), first.given().clone()).unwrap();
        let other: Vec<_> = (0..100)
            .map(|n| second.address(&n.to_string()).unwrap())
            .collect();
        assert!(!other.contains(&taken));
        assert_ne!(second.address("a").unwrap(), taken);
    }
}
