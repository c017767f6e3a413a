//! Rust messages from `schemas/proto`, checked in under `core/xds/src/generated`.
//!
//! Neither `protoc` nor a build script: whoever builds the project compiles plain Rust.

use std::fs;
use std::path::Path;

use crate::generated::{GenerateError, GeneratedFile};

const SOURCES: &str = "schemas/proto";
const TARGET: &str = "core/xds/src/generated";
const HEADER: &str = "// Generated from schemas/proto by `cargo xtask gen`. Do not edit.\n\n";

/// One file per protobuf package.
pub(crate) fn generate(root: &Path) -> Result<Vec<GeneratedFile>, GenerateError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| GenerateError {
        what: SOURCES,
        source,
    };
    let sources = root.join(SOURCES);
    let mut names = fs::read_dir(&sources)
        .map_err(|error| failed(error.into()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| failed(error.into()))?;
    names.retain(|path| path.extension().is_some_and(|ext| ext == "proto"));
    names.sort();
    let descriptors = protox::compile(&names, [&sources]).map_err(|error| failed(error.into()))?;
    let out = tempfile::tempdir().map_err(|error| failed(error.into()))?;
    prost_build::Config::new()
        .out_dir(out.path())
        .btree_map(["."])
        .bytes(["."])
        .compile_fds(descriptors)
        .map_err(|error| failed(error.into()))?;
    let mut files = Vec::new();
    for entry in fs::read_dir(out.path()).map_err(|error| failed(error.into()))? {
        let path = entry.map_err(|error| failed(error.into()))?.path();
        let text = fs::read_to_string(&path).map_err(|error| failed(error.into()))?;
        let package = path.file_stem().unwrap_or_default().to_string_lossy();
        files.push(GeneratedFile {
            path: root
                .join(TARGET)
                .join(format!("{}.rs", package.replace('.', "_"))),
            content: format!("{HEADER}{text}"),
        });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
