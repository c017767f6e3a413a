//! What the watching modes do: one compiler, one edit after the other.

use std::fs;
use std::path::Path;
use std::time::Instant;

use mesh_compiler::{Compilation, Compiler, Options, SourceFile, SourceSet};
use mesh_ir::Timestamp;

use super::{repository, statistics};

const EDITS: u32 = 20;

/// An edit of one file: what it is called, the text before and after, and whether the
/// file is whole then.
const KINDS: [(&str, &str, &str, bool); 6] = [
    ("a timeout", "timeout: 2s", "timeout: 3s", true),
    ("an access path", "/api/v0/*", "/api/v9/*", true),
    ("a caller", "from: [{", "from: [{namespace: n001}, {", true),
    (
        "a comment",
        "kind: Service",
        "kind: Service # a comment",
        true,
    ),
    ("broken", "kind: Access", "kind: [Access", false),
    ("mended", "kind: [Access", "kind: Access", true),
];

/// Compiles once, then after each edit, and prints how long the latter takes.
pub(super) fn measure(directory: &Path, services: u32) -> Result<(), String> {
    let mut set = read(directory).map_err(|error| error.to_string())?;
    let mut compiler = Compiler::new(Options::at(Timestamp(0)));
    judged(&compiler.compile(&set), true)?;
    let mut taken = [const { vec![] }; KINDS.len()];
    for edit in 0..EDITS {
        let path = repository::path(edit * 7919 % services);
        for ((_, before, after, is_whole), taken) in KINDS.iter().zip(&mut taken) {
            let file = set.files.iter_mut().find(|file| *file.path == *path);
            let file = file.ok_or_else(|| format!("{path} is missing"))?;
            let text = String::from_utf8_lossy(&file.content).replacen(before, after, 1);
            *file = SourceFile::new(path.as_str(), text.into_bytes());
            compiler.options.now.0 += 1;
            let start = Instant::now();
            let compilation = compiler.compile(&set);
            taken.push(start.elapsed().as_secs_f64() * 1e3);
            judged(&compilation, *is_whole)?;
        }
    }
    for ((name, ..), taken) in KINDS.iter().zip(&taken) {
        println!(
            "{services:>9} {:>8} after one edit ({name}) {:>24} ms",
            "",
            statistics::spread(taken, 1),
        );
    }
    Ok(())
}

fn judged(compilation: &Compilation, is_whole: bool) -> Result<(), String> {
    let found = compilation.diagnostics.first();
    match found.filter(|_| compilation.has_errors()) {
        Some(found) if is_whole => Err(found.message.clone()),
        None if !is_whole => Err("what is broken compiles".to_owned()),
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
