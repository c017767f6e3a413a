use std::fmt;
use std::sync::Arc;

/// Where an intent says something: a file of the repository and a place in it.
///
/// The commit is not part of it: the same place in the same words is the same
/// meaning, whichever commit brought it. `Display` prints `file:line`, and after it
/// in brackets where an environment changed what stands there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Relative to the directory of intents, with `/` between its parts.
    pub file: Arc<str>,
    /// One-based.
    pub line: u32,
    /// One-based, in characters.
    pub column: u32,
    /// The place in an `Environment` that wrote or changed the value.
    pub patch: Option<Arc<Place>>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Relative to the directory of intents, with `/` between its parts.
    pub file: Arc<str>,
    /// One-based.
    pub line: u32,
    /// One-based, in characters.
    pub column: u32,
}

impl Origin {
    /// A place in a file; line and column are one-based.
    pub fn new(file: impl Into<Arc<str>>, line: u32, column: u32) -> Self {
        Self {
            file: file.into(),
            line,
            column,
            patch: None,
        }
    }

    /// The same place, changed by an environment.
    #[must_use]
    pub fn patched(self, patch: Arc<Place>) -> Self {
        Self {
            patch: Some(patch),
            ..self
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        match &self.patch {
            Some(patch) => write!(f, " ({patch})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patched_place_names_both_files() {
        let origin = Origin::new("teams/shop/reviews.yaml", 12, 7);
        assert_eq!(origin.to_string(), "teams/shop/reviews.yaml:12");
        let patch = Place {
            file: "environments/staging.yaml".into(),
            line: 9,
            column: 5,
        };
        assert_eq!(
            origin.patched(Arc::new(patch)).to_string(),
            "teams/shop/reviews.yaml:12 (environments/staging.yaml:9)"
        );
    }
}
