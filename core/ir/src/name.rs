use std::fmt;
use std::sync::Arc;

/// A name of the language: a DNS label that starts with a letter.
///
/// 1 to 63 bytes of `[a-z0-9-]`, the first a letter, the last no hyphen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// Why a text is not a [`Name`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing there.
    #[error("a name needs at least one character")]
    Empty,
    /// Over 63 bytes.
    #[error("a name has at most 63 characters, this has {0}")]
    TooLong(usize),
    /// Does not start with a lower-case letter.
    #[error("a name starts with a lower-case letter, not `{0}`")]
    Start(char),
    /// Ends with a hyphen.
    #[error("a name does not end with `-`")]
    End,
    /// Holds another character.
    #[error("`{0}` may not stand in a name (lower-case letters, digits, `-`)")]
    Character(char),
}

impl Name {
    /// Checks and takes a name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let Some(first) = text.chars().next() else {
            return Err(InvalidName::Empty);
        };
        if text.len() > 63 {
            return Err(InvalidName::TooLong(text.len()));
        }
        if !first.is_ascii_lowercase() {
            return Err(InvalidName::Start(first));
        }
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if let Some(bad) = text.chars().find(|c| !allowed(*c)) {
            return Err(InvalidName::Character(bad));
        }
        if text.ends_with('-') {
            return Err(InvalidName::End);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

/// A service by namespace and name. `Display` prints `name.namespace`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceRef {
    /// Its namespace.
    pub namespace: Name,
    /// Its name.
    pub name: Name,
}

impl fmt::Display for ServiceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.name, self.namespace)
    }
}

/// The kinds of intents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The mesh's own settings.
    Mesh,
    /// Who owns what.
    Team,
    /// Who a workload is and how it is reached.
    Service,
    /// Where requests go.
    Route,
    /// Who may call.
    Access,
    /// How much is allowed.
    RateLimit,
    /// Whose tokens are believed.
    TokenIssuer,
    /// The edge, on the way in.
    Gateway,
    /// What lies outside, on the way out.
    ExternalService,
    /// What is written down of requests.
    Telemetry,
    /// How a commit reaches the fleet.
    Rollout,
    /// What differs in one cluster or stage.
    Environment,
    /// What holds of any commit.
    Invariant,
    /// Requests and what comes of them.
    PolicyTest,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Mesh,
        Self::Team,
        Self::Service,
        Self::Route,
        Self::Access,
        Self::RateLimit,
        Self::TokenIssuer,
        Self::Gateway,
        Self::ExternalService,
        Self::Telemetry,
        Self::Rollout,
        Self::Environment,
        Self::Invariant,
        Self::PolicyTest,
    ];

    /// Whether its documents live in a namespace; the others speak for the whole mesh.
    pub fn has_namespace(self) -> bool {
        !matches!(
            self,
            Self::Mesh | Self::Team | Self::Rollout | Self::Environment | Self::Invariant
        )
    }

    /// The word of the language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mesh => "Mesh",
            Self::Team => "Team",
            Self::Service => "Service",
            Self::Route => "Route",
            Self::Access => "Access",
            Self::RateLimit => "RateLimit",
            Self::TokenIssuer => "TokenIssuer",
            Self::Gateway => "Gateway",
            Self::ExternalService => "ExternalService",
            Self::Telemetry => "Telemetry",
            Self::Rollout => "Rollout",
            Self::Environment => "Environment",
            Self::Invariant => "Invariant",
            Self::PolicyTest => "PolicyTest",
        }
    }
}

impl Kind {
    /// As one of its kind: `a Mesh`, `an Environment`.
    pub fn with_article(self) -> String {
        let word = self.as_str();
        let article = if word.starts_with(['A', 'E', 'I', 'O', 'U']) {
            "an"
        } else {
            "a"
        };
        format!("{article} {word}")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A namespaced intent object of a known kind. `Display` prints `namespace/name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// Its namespace.
    pub namespace: Name,
    /// Its name.
    pub name: Name,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// What an entry of `rules`, `allow`, `deny`, `audit` or `limits` is called in logs
/// and metrics: its `name`, or a short hash of its content; never its position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub Arc<str>);

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_labels_that_start_with_a_letter() {
        assert!(Name::parse("reviews-v2").is_ok());
        assert_eq!(Name::parse(""), Err(InvalidName::Empty));
        assert_eq!(Name::parse("1a"), Err(InvalidName::Start('1')));
        assert_eq!(Name::parse("A"), Err(InvalidName::Start('A')));
        assert_eq!(Name::parse("a_b"), Err(InvalidName::Character('_')));
        assert_eq!(Name::parse("a-"), Err(InvalidName::End));
        assert_eq!(Name::parse(&"a".repeat(64)), Err(InvalidName::TooLong(64)));
    }

    #[test]
    fn kinds_have_their_article() {
        let said: Vec<_> = Kind::ALL.into_iter().map(Kind::with_article).collect();
        assert!(said.contains(&"an Environment".to_owned()), "{said:?}");
        assert!(said.contains(&"a Team".to_owned()), "{said:?}");
    }
}
