use crate::PathPattern;

/// One entry of a `match`: its fields are AND, what a field lists is OR, `not` subtracts.
///
/// A field that is empty says nothing. `grpc` entries arrive here as paths with
/// the method `POST`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RequestMatch {
    /// Method tokens, case-sensitive; `GET` includes `HEAD`.
    pub methods: Vec<String>,
    /// Any of these.
    pub paths: Vec<PathPattern>,
    /// All of these; names in lower case, sorted, each once.
    pub headers: Vec<NamedValue>,
    /// All of these; names as written, sorted, each once.
    pub query: Vec<NamedValue>,
    /// All of these; names as written, sorted, each once.
    pub cookies: Vec<NamedValue>,
    /// None of these.
    pub not: Vec<Self>,
}

/// A condition on the value (or values) under a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedValue {
    /// The header, query parameter, cookie or claim.
    pub name: String,
    /// What it must be.
    pub value: ValueMatch,
}

/// What a value must be. Several values under one name: see `mesh-decide`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueMatch {
    /// These bytes.
    Exact(String),
    /// Starts with these bytes.
    Prefix(String),
    /// Ends with these bytes.
    Suffix(String),
    /// RE2 over the whole value, in bytes.
    Regex(String),
    /// One of these, exactly.
    In(Vec<String>),
    /// There, whatever it is.
    Present,
    /// Not there.
    Absent,
}
