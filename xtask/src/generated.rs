//! Files that are generated and checked in.

use std::fs;
use std::path::{Path, PathBuf};

/// A file as it should be.
pub(crate) struct GeneratedFile {
    /// Where it belongs.
    pub(crate) path: PathBuf,
    /// All of it.
    pub(crate) content: String,
}

/// A generator failed.
#[derive(Debug)]
pub(crate) struct GenerateError {
    /// What it reads or writes.
    pub(crate) what: &'static str,
    /// Why.
    pub(crate) source: Box<dyn std::error::Error + Send + Sync>,
}

impl std::fmt::Display for GenerateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "generating from {}: {}", self.what, self.source)
    }
}

impl From<std::io::Error> for GenerateError {
    fn from(error: std::io::Error) -> Self {
        Self {
            what: "the generated files",
            source: error.into(),
        }
    }
}

/// Makes the files of one source.
type Generator = fn(&Path) -> Result<Vec<GeneratedFile>, GenerateError>;

/// Every generator; a new one is one more line here.
const GENERATORS: &[Generator] = &[crate::gen_proto::generate, crate::gen_schema::generate];

/// Writes what differs and returns its paths.
pub(crate) fn write(root: &Path) -> Result<Vec<PathBuf>, GenerateError> {
    let stale = stale(root)?;
    for file in &stale {
        if let Some(directory) = file.path.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(&file.path, &file.content)?;
    }
    Ok(stale.into_iter().map(|file| file.path).collect())
}

/// The paths of what is missing or differs from what would be generated now.
pub(crate) fn check(root: &Path) -> Result<Vec<PathBuf>, GenerateError> {
    Ok(stale(root)?.into_iter().map(|file| file.path).collect())
}

fn stale(root: &Path) -> Result<Vec<GeneratedFile>, GenerateError> {
    let mut files = Vec::new();
    for generate in GENERATORS {
        files.extend(generate(root)?);
    }
    files.retain(|file| fs::read_to_string(&file.path).ok().as_ref() != Some(&file.content));
    Ok(files)
}
