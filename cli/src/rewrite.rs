//! Writing files of a person's so that none is ever half written.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::exit::Failure;

/// Puts new bytes in the place of a file in one step; its permissions stay. A link is
/// followed: what it names is written.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let target = fs::canonicalize(path).map_err(Failure::file("write", path))?;
    let directory = target.parent().unwrap_or_else(|| Path::new("."));
    let write = || {
        let mut file = tempfile::Builder::new()
            .prefix(".mesh-")
            .tempfile_in(directory)?;
        file.write_all(bytes)?;
        file.as_file()
            .set_permissions(fs::metadata(&target)?.permissions())?;
        file.persist(&target)?;
        Ok(())
    };
    write().map_err(Failure::file("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_bytes_are_new_and_the_rest_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.yaml");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_not_there_is_not_made() {
        let directory = tempfile::tempdir().unwrap();
        assert!(replace(&directory.path().join("a.yaml"), b"x").is_err());
    }
}
