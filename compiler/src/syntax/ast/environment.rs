use mesh_ir::{Kind, Name};

use super::{Named, Spanned};
use crate::diagnostic::Span;
use crate::syntax::node::Node;

/// `spec` of an `Environment`; may be `{}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Environment {
    /// What `$(name)` stands for.
    pub(crate) variables: Vec<Named<String>>,
    /// Files that are not compiled for it.
    pub(crate) exclude: Vec<Spanned<FileGlob>>,
    /// In the order written.
    pub(crate) patches: Vec<Patch>,
}

/// A path as files have it, relative to the directory of intents; `*` is one segment,
/// a trailing `/**` everything below.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileGlob(String);

impl FileGlob {
    /// Segments of text or `*`, the last one perhaps `**`; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let front = text.strip_suffix("/**").unwrap_or(text);
        let is_segment = |segment: &str| match segment {
            "" | "." | ".." => false,
            "*" => true,
            other => !other.contains('*'),
        };
        (front == "**" || front.split('/').all(is_segment)).then(|| Self(text.to_owned()))
    }

    /// As written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it means this file.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        for pattern in self.0.split('/') {
            match (pattern, parts.next()) {
                ("**", Some(_)) => return true,
                ("*", Some(_)) => {}
                (text, Some(part)) if text == part => {}
                _ => return false,
            }
        }
        parts.next().is_none()
    }
}

/// One entry of `patches`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Patch {
    /// The kind of the document that it changes.
    pub(crate) kind: Spanned<Kind>,
    /// Its name.
    pub(crate) name: Spanned<Name>,
    /// Its namespace, of the kinds that have one.
    pub(crate) namespace: Option<Spanned<Name>>,
    /// A mapping that is not empty, into `spec`: mappings by key, named entries by name.
    pub(crate) merge: Node<'static>,
    /// The entry.
    pub(crate) span: Span,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_go_by_whole_segments() {
        let cases = [
            ("teams/labs/**", "teams/labs/a.yaml", true),
            ("teams/labs/**", "teams/labs/b/a.yaml", true),
            ("teams/labs/**", "teams/labs", false),
            ("teams/labs/**", "teams/labsx/a.yaml", false),
            ("teams/*/a.yaml", "teams/x/a.yaml", true),
            ("teams/*/a.yaml", "teams/x/y/a.yaml", false),
            ("**", "a.yaml", true),
            ("a.yaml", "a.yaml", true),
            ("a.yaml", "b/a.yaml", false),
        ];
        for (glob, path, expected) in cases {
            let parsed = FileGlob::parse(glob).unwrap();
            assert_eq!(parsed.matches(path), expected, "{glob} {path}");
        }
        for text in ["", "/a", "a/", "a//b", "../a", "a*", "a/**/b", "a/b**"] {
            assert_eq!(FileGlob::parse(text), None, "{text}");
        }
    }
}
