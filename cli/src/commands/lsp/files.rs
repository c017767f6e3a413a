//! The files as the editor has them: those on disk, and over them the text of those that
//! are open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{TextDocumentContentChangeEvent, Uri};
use mesh_compiler::language::{TextPosition, byte_of};
use mesh_compiler::{SourceFile, SourceSet};
use mesh_source::Limits;

/// A directory of intents.
#[derive(Debug, Default)]
pub(super) struct Files {
    root: PathBuf,
    disk: SourceSet,
    open: BTreeMap<Arc<str>, String>,
}

impl Files {
    /// The files of a directory, and nothing open.
    pub(super) fn of(root: &Path) -> Self {
        let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        let mut files = Self {
            root,
            ..Self::default()
        };
        files.reload();
        files
    }

    /// Reads the directory again. One that cannot be read is as empty.
    pub(super) fn reload(&mut self) {
        self.disk = mesh_source::read_directory(&self.root, &Limits::default()).unwrap_or_default();
    }

    /// The path of a document in the directory, as the compiler names it.
    pub(super) fn path_of(&self, uri: &Uri) -> Option<Arc<str>> {
        let path = file_of(uri)?;
        let relative = match path.strip_prefix(&self.root) {
            Ok(relative) => relative.to_owned(),
            // The editor may know the directory under another name.
            Err(_) => std::fs::canonicalize(&path)
                .ok()?
                .strip_prefix(&self.root)
                .ok()?
                .to_owned(),
        };
        let path = relative.to_string_lossy().replace('\\', "/");
        mesh_source::is_intent(&path).then(|| path.into())
    }

    /// How the editor names a file.
    pub(super) fn uri_of(&self, path: &str) -> Option<Uri> {
        let whole = self.root.join(path);
        let mut text = "file://".to_owned();
        for byte in whole.to_str()?.bytes() {
            if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                let escape = format!("%{byte:02X}");
                text.push_str(&escape);
            }
        }
        text.parse().ok()
    }

    pub(super) fn open(&mut self, path: Arc<str>, text: String) {
        self.open.insert(path, text);
    }

    pub(super) fn close(&mut self, path: &str) {
        self.open.remove(path);
    }

    /// Applies changes in order: of a range, or of the whole.
    pub(super) fn change(&mut self, path: &str, changes: Vec<TextDocumentContentChangeEvent>) {
        let Some(text) = self.open.get_mut(path) else {
            return;
        };
        for change in changes {
            let Some(range) = change.range else {
                *text = change.text;
                continue;
            };
            let byte = |it: lsp_types::Position| {
                let at = TextPosition {
                    line: it.line,
                    unit: it.character,
                };
                byte_of(text, at)
            };
            let (start, end) = (byte(range.start), byte(range.end));
            text.replace_range(start..end.max(start), &change.text);
        }
    }

    /// The text of a file: as it is open, else as it is saved.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        if let Some(text) = self.open.get(path) {
            return Some(text);
        }
        let file = self.disk.files.iter().find(|it| &*it.path == path)?;
        std::str::from_utf8(&file.content).ok()
    }

    /// What is compiled.
    pub(super) fn set(&self) -> SourceSet {
        let mut set = self.disk.clone();
        let mut open = self.open.clone();
        for file in &mut set.files {
            if let Some(text) = open.remove(&file.path)
                && text.as_bytes() != &*file.content
            {
                file.content = text.into_bytes().into();
            }
        }
        let new = open.into_iter();
        set.files
            .extend(new.map(|(path, text)| SourceFile::new(path, text.into_bytes())));
        set
    }
}

/// The path of a `file:` URI.
pub(super) fn file_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    // Of this machine: `file:///…`, or `file://localhost/…`.
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let mut bytes = Vec::with_capacity(rest.len());
    let mut left = rest.bytes();
    while let Some(byte) = left.next() {
        if byte == b'%' {
            let digit = |it: Option<u8>| char::from(it?).to_digit(16);
            let value = digit(left.next())? * 16 + digit(left.next())?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lsp_types::{Position, Range};

    #[test]
    fn a_uri_names_a_file_and_back() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::of(directory.path());
        let uri = files.uri_of("teams/a b/é%.yaml").unwrap();
        assert!(uri.as_str().ends_with("/teams/a%20b/%C3%A9%25.yaml"));
        assert_eq!(files.path_of(&uri).as_deref(), Some("teams/a b/é%.yaml"));
        let hidden = files.uri_of(".github/workflows/ci.yml").unwrap();
        assert_eq!(files.path_of(&hidden), None);
        let other: Uri = "file:///elsewhere/a.yaml".parse().unwrap();
        assert_eq!(files.path_of(&other), None);
    }

    #[test]
    fn changes_are_applied_in_order_and_only_to_what_is_open() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a.yaml"), "saved\n").unwrap();
        let mut files = Files::of(directory.path());
        files.open("a.yaml".into(), "🐟a\nb\n".to_owned());
        let at = |line, character| Position { line, character };
        let change = |start, end, text: &str| TextDocumentContentChangeEvent {
            range: Some(Range { start, end }),
            range_length: None,
            text: text.to_owned(),
        };
        let changes = vec![
            change(at(0, 2), at(0, 3), "x"),
            change(at(1, 0), at(1, 1), "yy"),
        ];
        files.change("a.yaml", changes);
        assert_eq!(files.text("a.yaml"), Some("🐟x\nyy\n"));
        assert_eq!(&*files.set().files[0].content, "🐟x\nyy\n".as_bytes());
        files.close("a.yaml");
        assert_eq!(files.text("a.yaml"), Some("saved\n"));
    }
}
