use std::path::Path;

use git2::{AutotagOption, Direction, FetchOptions, RemoteCallbacks, RemoteRedirect};

use crate::{Repository, SourceError};

/// Packs that a mirror gathers before it is made anew.
const MAX_PACKS: usize = 500;

/// How much a remote may send in one fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// Bytes received.
    pub bytes: u64,
    /// Objects announced.
    pub objects: usize,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            objects: 2_000_000,
        }
    }
}

/// A bare copy of one branch of a remote repository.
///
/// It holds objects and one reference: no configuration of the remote's, no
/// submodules, no tags, no work tree. The history is fetched whole, because only
/// that shows whether a branch was rewritten; a shallow one could not tell.
pub struct Mirror {
    repository: Repository,
}

impl Mirror {
    /// Opens the mirror at `path`, or makes an empty one. One process at a time: what
    /// a fetch that was killed left behind is removed.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        tidy(path);
        let failed = |error: git2::Error| SourceError::Open {
            path: path.to_owned(),
            reason: error.message().to_owned(),
        };
        let git = if path.join("HEAD").exists() {
            git2::Repository::open_bare(path).map_err(failed)?
        } else {
            let mut options = git2::RepositoryInitOptions::new();
            options.bare(true).external_template(false);
            git2::Repository::init_opts(path, &options).map_err(failed)?
        };
        Ok(Self {
            repository: Repository { git },
        })
    }

    /// What has been fetched.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Fetches one branch, by default the remote's own choice, and gives its name.
    pub fn fetch(
        &self,
        url: &str,
        branch: Option<&str>,
        limits: &FetchLimits,
    ) -> Result<String, SourceError> {
        let failed = |error: git2::Error| SourceError::Fetch {
            url: url.to_owned(),
            reason: error.message().to_owned(),
        };
        let mut remote = self.repository.git.remote_anonymous(url).map_err(failed)?;
        let branch = match branch {
            Some(name) => name.to_owned(),
            None => default_branch(&mut remote).map_err(failed)?,
        };
        let refspec = format!("+refs/heads/{branch}:refs/heads/{branch}");
        let mut too_large = false;
        let fetched = {
            let mut callbacks = RemoteCallbacks::new();
            callbacks.transfer_progress(|progress| {
                too_large |= progress.received_bytes() as u64 > limits.bytes
                    || progress.total_objects() > limits.objects;
                !too_large
            });
            let mut options = FetchOptions::new();
            options
                .remote_callbacks(callbacks)
                .download_tags(AutotagOption::None)
                .follow_redirects(RemoteRedirect::None)
                .update_fetchhead(false);
            remote.fetch(&[&refspec], Some(&mut options), None)
        };
        match fetched {
            Ok(()) => Ok(branch),
            Err(_) if too_large => Err(SourceError::FetchTooLarge {
                url: url.to_owned(),
                limit: limits.bytes,
            }),
            Err(error) => Err(failed(error)),
        }
    }
}

/// Removes half-written packs, and the whole mirror once every small fetch of a long
/// time lies in it as a pack of its own. What cannot be removed is left.
fn tidy(path: &Path) {
    let Ok(entries) = std::fs::read_dir(path.join("objects/pack")) else {
        return;
    };
    let mut packs = 0;
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b"pack_git2_") {
            let _ = std::fs::remove_file(entry.path());
        } else if name.as_encoded_bytes().ends_with(b".pack") {
            packs += 1;
        }
    }
    if packs > MAX_PACKS {
        let _ = std::fs::remove_dir_all(path);
    }
}

fn default_branch(remote: &mut git2::Remote<'_>) -> Result<String, git2::Error> {
    remote.connect(Direction::Fetch)?;
    let name = remote.default_branch()?;
    remote.disconnect()?;
    let name = name.as_str().unwrap_or_default();
    name.strip_prefix("refs/heads/")
        .map(str::to_owned)
        .ok_or_else(|| git2::Error::from_str("the remote has no default branch; name one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote() -> (tempfile::TempDir, git2::Repository, String) {
        let directory = tempfile::tempdir().unwrap();
        let git = git2::Repository::init_bare(directory.path()).unwrap();
        git.set_head("refs/heads/trunk").unwrap();
        let url = format!("file://{}", directory.path().display());
        (directory, git, url)
    }

    fn commit(git: &git2::Repository, content: &[u8]) {
        let who = git2::Signature::new("Ada", "a@b", &git2::Time::new(0, 0)).unwrap();
        let mut builder = git.treebuilder(None).unwrap();
        let blob = git.blob(content).unwrap();
        builder.insert("x.yaml", blob, 0o100_644).unwrap();
        let tree = git.find_tree(builder.write().unwrap()).unwrap();
        let id = git.commit(None, &who, &who, "x", &tree, &[]).unwrap();
        git.reference("refs/heads/trunk", id, true, "x").unwrap();
        git.reference("refs/heads/other", id, true, "x").unwrap();
        git.reference("refs/tags/v1", id, true, "x").unwrap();
    }

    #[test]
    fn one_branch_is_fetched_and_nothing_else() {
        let (_remote, git, url) = remote();
        commit(&git, b"a: b\n");
        let here = tempfile::tempdir().unwrap();
        let mirror = Mirror::open(&here.path().join("mirror.git")).unwrap();
        let branch = mirror.fetch(&url, None, &FetchLimits::default()).unwrap();
        assert_eq!(branch, "trunk");
        let names: Vec<String> = mirror
            .repository
            .git
            .references()
            .unwrap()
            .map(|reference| reference.unwrap().name().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["refs/heads/trunk"]);
        commit(&git, b"a: c\n");
        mirror
            .fetch(&url, Some("trunk"), &FetchLimits::default())
            .unwrap();
        let set = crate::read_revision(
            mirror.repository.git.path(),
            "trunk",
            "",
            &crate::Limits::default(),
        );
        assert_eq!(&*set.unwrap().files[0].content, b"a: c\n");
    }

    #[test]
    fn a_branch_that_is_not_there_is_an_error() {
        let (_remote, git, url) = remote();
        commit(&git, b"");
        let here = tempfile::tempdir().unwrap();
        let mirror = Mirror::open(here.path()).unwrap();
        let fetched = mirror.fetch(&url, Some("nope"), &FetchLimits::default());
        assert!(fetched.is_err() || mirror.repository().branch("nope").is_err());
    }

    #[test]
    fn a_remote_that_announces_too_much_is_cut_off() {
        let (_remote, git, url) = remote();
        commit(&git, b"a: b\n");
        let here = tempfile::tempdir().unwrap();
        let mirror = Mirror::open(here.path()).unwrap();
        let limits = FetchLimits {
            bytes: 1 << 20,
            objects: 1,
        };
        let fetched = mirror.fetch(&url, Some("trunk"), &limits);
        assert!(matches!(fetched, Err(SourceError::FetchTooLarge { .. })));
    }
}
