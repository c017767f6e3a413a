#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::scalar::{GlobalMetadata, Name, OnlyTrue, Text, document};

document!(
    /// Who owns what.
    TeamDocument,
    "Team",
    GlobalMetadata,
    Team
);

/// A team and what belongs to it.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Team {
    /// What belongs to it.
    owns: Owns,
    /// How to reach it.
    contact: Option<Text>,
}

/// What belongs to a team.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Owns {
    /// It alone writes `Mesh`, `Team`, `Environment`, `Rollout`, `Invariant` and `all: mesh`.
    mesh: Option<OnlyTrue>,
    /// Where its documents lie, relative to the directory of intents; `.` is all of it.
    #[schemars(
        length(min = 1),
        inner(regex(pattern = r"^(\.|(?!\.{1,2}(/|$))[^/]+(/(?!\.{1,2}(/|$))[^/]+)*)$"))
    )]
    directories: Option<Vec<String>>,
    /// Whole namespaces.
    #[schemars(length(min = 1))]
    namespaces: Option<Vec<Name>>,
    /// Hosts, perhaps with a path pattern: `shop.example/search/**`.
    #[schemars(length(min = 1), inner(regex(pattern = r"^(\*\.)?[a-z0-9.-]+(/.*)?$")))]
    hosts: Option<Vec<String>>,
}
