use std::path::{Path, PathBuf};

use mesh_compiler::{Compilation, Compiler, Options, SourceSet};
use mesh_ir::{Mesh, Name, Timestamp};
use mesh_source::{Commit, Limits, Repository, SourceError};

use crate::exit::Failure;
use crate::intents::{IntentsError, human, now, read_inventory};
use crate::terminal::Terminal;

/// What two sides have in common.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SidesArgs {
    /// The directory of intents, in the files and in the revisions of their repository
    #[arg(long, short = 'C', value_name = "PATH", default_value = ".")]
    pub(crate) directory: PathBuf,
    /// BASE is the commit where the history of HEAD and that of BASE parted
    #[arg(long)]
    merge_base: bool,
    /// What exists: workloads, addresses, labels (YAML or JSON)
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    /// For which environment; left out: all of them
    #[arg(long, value_name = "NAME", value_parser = Name::parse)]
    environment: Option<Name>,
    /// When, as RFC 3339, for exceptions that end; left out: now
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,
}

/// The two meshes of one environment.
pub(crate) struct Pair {
    pub(crate) environment: Option<Name>,
    pub(crate) base: Mesh,
    pub(crate) head: Mesh,
    pub(crate) now: Timestamp,
}

impl SidesArgs {
    /// Compiles two sides for every environment that either declares. A side that does
    /// not compile is shown to a person and fails.
    ///
    /// One compiler compiles both, so that what is the same in both is shared.
    pub(crate) fn compile(
        &self,
        base: &str,
        head: Option<&str>,
        terminal: &mut Terminal,
    ) -> Result<Vec<Pair>, Failure> {
        let before = if self.merge_base {
            self.read_parting(base, head.unwrap_or("HEAD"))?
        } else {
            self.read(base)?
        };
        let after = self.read_or_files(head)?;
        let mut compiler = self.compiler()?;
        let now = compiler.options.now;
        let olds = compiler.compile_each(&before);
        let news = compiler.compile_each(&after);
        let names = [base, head.unwrap_or("the directory")];
        let mut pairs = vec![];
        for new in &news {
            // Where only one side declares environments, the other is the same in all.
            let old = olds.iter().find(|it| it.environment == new.environment);
            let old = match (old, olds.as_slice()) {
                (Some(old), _) => old,
                (None, [only]) if only.environment.is_none() => only,
                (None, _) => {
                    let name = new.environment.as_ref().map_or("none", Name::as_str);
                    let text = format!("{base} does not have the environment `{name}`");
                    return Err(Failure::Question(text));
                }
            };
            pairs.push(Pair {
                environment: new.environment.clone(),
                base: mesh(old, names[0], terminal)?,
                head: mesh(new, names[1], terminal)?,
                now,
            });
        }
        // The process ends soon: to take large meshes apart is work for nobody.
        std::mem::forget((compiler, olds, news));
        Ok(pairs)
    }

    /// Compiles one side for every environment that it declares.
    pub(crate) fn compile_one(
        &self,
        side: Option<&str>,
        terminal: &mut Terminal,
    ) -> Result<Vec<(Option<Name>, Mesh, Timestamp)>, Failure> {
        let set = self.read_or_files(side)?;
        let mut compiler = self.compiler()?;
        let now = compiler.options.now;
        let name = side.unwrap_or("the directory");
        let each = compiler.compile_each(&set);
        let each = each.iter();
        each.map(|it| Ok((it.environment.clone(), mesh(it, name, terminal)?, now)))
            .collect()
    }

    fn compiler(&self) -> Result<Compiler, Failure> {
        let inventory = self.inventory.as_deref().map(read_inventory).transpose()?;
        let at = self.at.map(|at| Timestamp(at.as_second()));
        Ok(Compiler::new(Options {
            now: at.unwrap_or_else(now),
            inventory,
            environment: self.environment.clone(),
        }))
    }

    fn read_or_files(&self, side: Option<&str>) -> Result<SourceSet, Failure> {
        match side {
            Some(side) => self.read(side),
            None => Ok(crate::intents::read(&self.directory)?),
        }
    }

    /// A directory that is there, else a revision of the repository around the intents.
    fn read(&self, side: &str) -> Result<SourceSet, Failure> {
        let path = Path::new(side);
        if path.is_dir() {
            return Ok(crate::intents::read(path)?);
        }
        let failed = failed(side);
        let repository = Repository::open(&self.directory).map_err(failed)?;
        let commit = repository.resolve(side).map_err(failed)?;
        self.read_commit(&repository, &commit, side)
    }

    /// Where the histories of two revisions parted; files that are in no commit yet stand
    /// on `HEAD`.
    fn read_parting(&self, base: &str, head: &str) -> Result<SourceSet, Failure> {
        let failed = failed(base);
        let repository = Repository::open(&self.directory).map_err(failed)?;
        let before = repository.resolve(base).map_err(failed)?;
        let after = repository.resolve(head).map_err(failed)?;
        let parted = repository.merge_base(&before, &after).map_err(failed)?;
        self.read_commit(&repository, &parted, base)
    }

    fn read_commit(
        &self,
        repository: &Repository,
        commit: &Commit,
        side: &str,
    ) -> Result<SourceSet, Failure> {
        let below = self.below(repository)?;
        let set = repository.read(&commit.id, &below, &Limits::default());
        Ok(set.map_err(failed(side))?)
    }

    /// Where the intents lie in their repository.
    fn below(&self, repository: &Repository) -> Result<String, Failure> {
        let Some(root) = repository.work_tree() else {
            return Ok(String::new());
        };
        let canonical =
            |path: &Path| std::fs::canonicalize(path).map_err(Failure::file("find", path));
        let (root, directory) = (canonical(root)?, canonical(&self.directory)?);
        let below = directory.strip_prefix(&root).unwrap_or(Path::new(""));
        let parts = below
            .components()
            .map(|it| it.as_os_str().to_string_lossy());
        Ok(parts.collect::<Vec<_>>().join("/"))
    }
}

/// What could not be read.
fn failed(side: &str) -> impl Fn(SourceError) -> IntentsError + Copy + '_ {
    move |source| IntentsError::Read {
        path: PathBuf::from(side),
        source,
    }
}

fn mesh(compilation: &Compilation, name: &str, terminal: &mut Terminal) -> Result<Mesh, Failure> {
    if let Some(mesh) = &compilation.mesh {
        return Ok(mesh.clone());
    }
    let text = human(compilation, terminal.style);
    terminal.err.write_all(text.as_bytes())?;
    Err(Failure::Question(format!("{name} does not compile")))
}
