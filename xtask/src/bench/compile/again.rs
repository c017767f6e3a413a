//! What the watching modes do: one compiler, one edit after the other.

use std::fs;
use std::path::Path;
use std::time::Instant;

use mesh_compiler::{Compilation, Compiler, Options, SourceFile, SourceSet};
use mesh_ir::Timestamp;

use super::{repository, statistics};

const EDITS: u32 = 20;

/// An edit of one file: what it is called, and the text before and after.
const KINDS: [(&str, &str, &str); 3] = [
    ("a timeout", "timeout: 2s", "timeout: 3s"),
    ("an access path", "/api/v0/*", "/api/v9/*"),
    ("a comment", "kind: Service", "kind: Service # a comment"),
];

/// Compiles once, then after each edit, and prints how long the latter takes.
pub(super) fn measure(directory: &Path, services: u32) -> Result<(), String> {
    let mut set = read(directory).map_err(|error| error.to_string())?;
    let mut compiler = Compiler::new(Options::at(Timestamp(0)));
    compiled(&compiler.compile(&set))?;
    for (name, before, after) in KINDS {
        let mut taken = vec![];
        for edit in 0..EDITS {
            let path = repository::path(edit * 7919 % services);
            let file = set.files.iter_mut().find(|file| *file.path == *path);
            let file = file.ok_or_else(|| format!("{path} is missing"))?;
            let text = String::from_utf8_lossy(&file.content).replacen(before, after, 1);
            *file = SourceFile::new(path, text.into_bytes());
            let start = Instant::now();
            let compilation = compiler.compile(&set);
            taken.push(start.elapsed().as_secs_f64() * 1e3);
            compiled(&compilation)?;
        }
        println!(
            "{services:>9} {:>8} after one edit ({name}) {:>24} ms",
            "",
            statistics::spread(&taken, 1),
        );
    }
    Ok(())
}

fn compiled(compilation: &Compilation) -> Result<(), String> {
    match compilation.diagnostics.first() {
        Some(finding) if compilation.has_errors() => Err(finding.message.clone()),
        _ => Ok(()),
    }
}

fn read(directory: &Path) -> std::io::Result<SourceSet> {
    let mut files = vec![];
    let mut open = vec![directory.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(directory).unwrap_or(&path);
            let name = name.to_string_lossy().into_owned();
            files.push(SourceFile::new(name, fs::read(&path)?));
        }
    }
    Ok(SourceSet {
        files,
        ..SourceSet::default()
    })
}
