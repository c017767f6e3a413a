//! Reading a directory of intents and compiling it, as every offline command does.

use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use mesh_compiler::fix::{Fixed, fix};
use mesh_compiler::{Compilation, Compiler, Options, SourceSet, merged, render};
use mesh_ir::{Inventory, Mesh, Name, Timestamp};
use mesh_source::Limits;

use crate::terminal::{Style, Terminal};

/// Which intents a command speaks of.
#[derive(Debug, Clone, Args)]
pub(crate) struct IntentsArgs {
    /// The directory of intents
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// What exists: workloads, addresses, labels (YAML or JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) inventory: Option<PathBuf>,
    /// For which environment; left out: the only one, or none
    #[arg(long, value_name = "NAME", value_parser = Name::parse)]
    pub(crate) environment: Option<Name>,
}

/// Why intents could not be read at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntentsError {
    /// The directory could not be read.
    #[error("cannot read the intents in {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: mesh_source::SourceError,
    },
    /// The inventory could not be read.
    #[error("cannot read the inventory {path}")]
    InventoryFile {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The inventory is none.
    #[error("{path}: {source}")]
    Inventory {
        /// Which.
        path: PathBuf,
        /// Why.
        source: mesh_compiler::inventory::InvalidInventory,
    },
}

impl IntentsArgs {
    /// Compiles the directory as its files are now.
    pub(crate) fn compile(&self) -> Result<Compilation, IntentsError> {
        self.compile_at(now())
    }

    /// Compiles the directory as its files are now, as of another time.
    pub(crate) fn compile_at(&self, now: Timestamp) -> Result<Compilation, IntentsError> {
        compile_directory(&self.path, self.options(now)?)
    }

    /// Compiles the directory for each environment that it declares, or for the one that
    /// is named: the first of them, with the findings of all.
    pub(crate) fn check(&self) -> Result<Compilation, IntentsError> {
        let set = read(&self.path)?;
        let mut each = Compiler::new(self.options(now())?).compile_each(&set);
        let found = each.iter();
        let diagnostics = merged(found.map(|it| (it.environment.as_ref(), &it.diagnostics[..])));
        let mut first = each.swap_remove(0);
        first.diagnostics = diagnostics;
        Ok(first)
    }

    /// Fixes what can be fixed in the files of the directory, as [`Self::check`] finds it;
    /// nothing is written.
    pub(crate) fn fix(&self) -> Result<Fixed, IntentsError> {
        let set = read(&self.path)?;
        let mut compiler = Compiler::new(self.options(now())?);
        Ok(fix(&set, |set| {
            let each = compiler.compile_each(set);
            let found = each.iter();
            merged(found.map(|it| (it.environment.as_ref(), &it.diagnostics[..])))
        }))
    }

    /// Compiles the directory for each environment that it declares, or for the one that
    /// is named, as of a time; and the files.
    pub(crate) fn each_at(
        &self,
        now: Timestamp,
    ) -> Result<(SourceSet, Vec<Compilation>), IntentsError> {
        let set = read(&self.path)?;
        let each = Compiler::new(self.options(now)?).compile_each(&set);
        Ok((set, each))
    }

    fn options(&self, now: Timestamp) -> Result<Options, IntentsError> {
        let inventory = self.inventory.as_deref().map(read_inventory).transpose()?;
        Ok(Options {
            now,
            inventory,
            environment: self.environment.clone(),
        })
    }
}

/// Compiles the files of a directory.
pub(crate) fn compile_directory(
    path: &Path,
    options: Options,
) -> Result<Compilation, IntentsError> {
    Ok(Compiler::new(options).compile(&read(path)?))
}

pub(crate) fn read(path: &Path) -> Result<SourceSet, IntentsError> {
    mesh_source::read_directory(path, &Limits::default()).map_err(|source| {
        let path = path.to_owned();
        IntentsError::Read { path, source }
    })
}

pub(crate) fn read_inventory(path: &Path) -> Result<Inventory, IntentsError> {
    let text = std::fs::read_to_string(path).map_err(|source| IntentsError::InventoryFile {
        path: path.to_owned(),
        source,
    })?;
    mesh_compiler::inventory::parse(&text).map_err(|source| IntentsError::Inventory {
        path: path.to_owned(),
        source,
    })
}

/// The time that a directory is judged by.
pub(crate) fn now() -> Timestamp {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// What stands before the files of a directory of intents in the repository whose root
/// is the working directory; empty for one that is not below it.
pub(crate) fn base(path: &Path) -> String {
    let mut base = String::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => {
                base.push_str(&name.to_string_lossy());
                base.push('/');
            }
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return String::new();
            }
        }
    }
    base
}

/// The mesh of a compilation; without one, its diagnostics are shown to a person.
pub(crate) fn mesh_or_explain<'a>(
    compilation: &'a Compilation,
    terminal: &mut Terminal,
) -> std::io::Result<Option<&'a Mesh>> {
    if compilation.mesh.is_none() {
        let text = human(compilation, terminal.style);
        terminal.err.write_all(text.as_bytes())?;
    }
    Ok(compilation.mesh.as_ref())
}

/// The mesh of a compilation that can be carried out: without one, or where the data
/// plane cannot do what it says, the diagnostics are shown to a person.
pub(crate) fn enforceable_or_explain<'a>(
    compilation: &'a Compilation,
    terminal: &mut Terminal,
) -> std::io::Result<Option<&'a Mesh>> {
    if compilation.has_errors() {
        let text = human(compilation, terminal.style);
        terminal.err.write_all(text.as_bytes())?;
        return Ok(None);
    }
    Ok(compilation.mesh.as_ref())
}

/// A compilation's diagnostics for a person.
pub(crate) fn human(compilation: &Compilation, style: Style) -> String {
    let colour = match style {
        Style::Plain => render::Colour::Never,
        Style::Colour => render::Colour::Always,
    };
    render::human(&compilation.diagnostics, &compilation.sources, colour)
}
