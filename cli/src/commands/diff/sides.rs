use std::collections::BTreeSet;
use std::fmt;
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

/// What there is to compare.
#[derive(Default)]
pub(crate) struct Sides {
    /// Of each environment of both sides.
    pub(crate) pairs: Vec<Pair>,
    /// The environments that have nothing beside them.
    pub(crate) alone: Vec<Alone>,
}

/// An environment of one side only, where the other has others.
pub(crate) struct Alone {
    environment: Name,
    is_gone: bool,
}

impl fmt::Display for Alone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.environment;
        let what = if self.is_gone { "gone" } else { "new" };
        write!(
            f,
            "the environment `{name}` is {what}: there is nothing to compare it with"
        )
    }
}

/// The mesh of an environment; that of a side without environments is the same in all.
fn of<'c>(each: &'c [Compilation], name: Option<&Name>) -> Option<&'c Compilation> {
    let plain = each.first().filter(|it| it.environment.is_none());
    let found = each.iter().find(|it| it.environment.as_ref() == name);
    found.or(plain)
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
    ) -> Result<Sides, Failure> {
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
        let declared: BTreeSet<_> = olds.iter().chain(&news).map(|it| &it.environment).collect();
        // Where only one side declares environments, the other is the same in all.
        let is_plain = |each: &[Compilation]| matches!(each, [it] if it.environment.is_none());
        let is_one_plain = is_plain(&olds) || is_plain(&news);
        let mut sides = Sides::default();
        for &name in &declared {
            if name.is_none() && is_one_plain && declared.len() > 1 {
                continue;
            }
            match (of(&olds, name.as_ref()), of(&news, name.as_ref())) {
                (Some(old), Some(new)) => sides.pairs.push(Pair {
                    environment: name.clone(),
                    base: mesh(old, names[0], terminal)?,
                    head: mesh(new, names[1], terminal)?,
                    now,
                }),
                (old, _) => sides.alone.extend(name.clone().map(|name| Alone {
                    environment: name,
                    is_gone: old.is_some(),
                })),
            }
        }
        // The process ends soon: to take large meshes apart is work for nobody.
        std::mem::forget((compiler, olds, news));
        Ok(sides)
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
