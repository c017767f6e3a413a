//! `schemas/*.json` from the compiler's description of each kind.

use std::path::Path;

use crate::generated::{GenerateError, GeneratedFile};

const TARGET: &str = "schemas";

/// One file per kind, and one for any kind.
#[expect(
    clippy::unnecessary_wraps,
    reason = "every generator has this signature; most of them read files"
)]
pub(crate) fn generate(root: &Path) -> Result<Vec<GeneratedFile>, GenerateError> {
    let file = |(name, content): (&str, String)| GeneratedFile {
        path: root.join(TARGET).join(name),
        content,
    };
    Ok(mesh_compiler::schema::all().into_iter().map(file).collect())
}
