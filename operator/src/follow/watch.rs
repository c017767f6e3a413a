use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// How long events are gathered: one commit is a handful of them.
const QUIET: Duration = Duration::from_millis(10);

/// What is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Watched {
    /// A directory and everything in it, less what Git locks and stores.
    Tree(PathBuf),
    /// Some entries of a directory, by name; all of them where none is named.
    Entries(PathBuf, &'static [&'static str]),
}

/// Events of the file system, gathered into "look again".
///
/// Where watching is not possible – no such directory yet, no watches left, a
/// network file system – nothing is announced, and polling finds what there is.
pub(crate) struct Watch {
    changed: Arc<Notify>,
    watched: Vec<Watched>,
    watcher: Option<RecommendedWatcher>,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self {
            changed: Arc::new(Notify::new()),
            watched: Vec::new(),
            watcher: None,
        }
    }

    /// Watches these from now on, and no others. Cheap where nothing changed.
    /// Gives whether a change may have been missed while watching began.
    pub(crate) fn set(&mut self, watched: &[Watched]) -> bool {
        if self.watched == watched && self.watcher.is_some() {
            return false;
        }
        match self.start(watched) {
            Ok(watcher) => {
                self.watcher = Some(watcher);
                self.watched = watched.to_vec();
                true
            }
            Err(error) => {
                self.watcher = None;
                tracing::warn!(%error, "cannot watch for changes, polling instead");
                false
            }
        }
    }

    /// Waits for a change and for the quiet after it. Cancel-safe: whoever stops
    /// waiting in the quiet is told of the change the next time.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
        self.changed.notify_one();
        tokio::time::sleep(QUIET).await;
        self.changed.notified().await;
    }

    fn start(&self, watched: &[Watched]) -> notify::Result<RecommendedWatcher> {
        let (changed, interest) = (self.changed.clone(), watched.to_vec());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // An error says that events were lost: look.
            if event.is_err() || event.is_ok_and(|event| concerns(&interest, &event)) {
                changed.notify_one();
            }
        })?;
        for it in watched {
            match it {
                Watched::Tree(path) => watcher.watch(path, RecursiveMode::Recursive)?,
                Watched::Entries(path, _) => watcher.watch(path, RecursiveMode::NonRecursive)?,
            }
        }
        Ok(watcher)
    }
}

fn concerns(interest: &[Watched], event: &Event) -> bool {
    // Reading is no change, and we read after every change.
    !event.kind.is_access()
        && (event.paths.is_empty()
            || event
                .paths
                .iter()
                .any(|path| interest.iter().any(|it| it.concerns(path))))
}

impl Watched {
    fn concerns(&self, path: &Path) -> bool {
        match self {
            Self::Tree(root) => path.strip_prefix(root).is_ok_and(|below| {
                below.extension() != Some(OsStr::new("lock"))
                    && below.components().all(|part| part.as_os_str() != ".git")
            }),
            Self::Entries(directory, names) => {
                path.parent() == Some(directory)
                    && (names.is_empty()
                        || names
                            .iter()
                            .any(|name| path.file_name() == Some(OsStr::new(name))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    async fn is_announced(watch: &Watch) -> bool {
        tokio::time::timeout(Duration::from_secs(10), watch.changed())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn a_change_below_is_announced() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("refs/heads/team")).unwrap();
        let mut watch = Watch::new();
        assert!(watch.set(&[Watched::Tree(root.path().join("refs/heads"))]));
        std::fs::write(root.path().join("refs/heads/team/main"), "x").unwrap();
        assert!(is_announced(&watch).await);
    }

    #[tokio::test]
    async fn a_change_is_not_lost_by_who_stops_waiting_in_the_quiet_after_it() {
        let watch = Watch::new();
        watch.changed.notify_one();
        assert!(
            watch.changed().now_or_never().is_none(),
            "it is quiet first"
        );
        assert!(is_announced(&watch).await);
        let more = watch.changed.notified().now_or_never();
        assert!(more.is_none(), "it is announced once");
    }

    #[test]
    fn locks_objects_and_other_names_are_no_change() {
        let tree = Watched::Tree("/r".into());
        assert!(tree.concerns(Path::new("/r/a/b.yaml")));
        assert!(!tree.concerns(Path::new("/r/.git/index")));
        assert!(!tree.concerns(Path::new("/r/heads/main.lock")));
        let entries = Watched::Entries("/r/.git".into(), &["HEAD"]);
        assert!(entries.concerns(Path::new("/r/.git/HEAD")));
        assert!(!entries.concerns(Path::new("/r/.git/index")));
        assert!(!entries.concerns(Path::new("/r/.git/logs/HEAD")));
    }

    #[test]
    fn a_directory_that_is_not_there_is_left_to_polling() {
        assert!(!Watch::new().set(&[Watched::Tree("/no/such/directory".into())]));
    }
}
