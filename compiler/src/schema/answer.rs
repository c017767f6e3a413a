#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::combine::exactly_one;
use super::scalar::{Header, HeaderValue, Host, PortNumber, TOKEN};

/// What the upstream sees instead.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct Rewrite {
    /// The new path.
    path: Option<PathTemplate>,
    /// The new host.
    host: Option<Host>,
}

/// `$1` to `$9` are what the stars of the path were; a trailing `/**` is what the pattern's matched.
#[derive(JsonSchema)]
pub(super) struct PathTemplate(#[schemars(regex(pattern = r"^/[^\s?#;]*$"))] String);

/// What the client is told.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("anyOf" = exactly_one(&["scheme", "host", "port", "path"]))
)]
pub(super) struct Redirect {
    /// Left out: as it came.
    scheme: Option<Scheme>,
    /// Left out: as it came.
    host: Option<Host>,
    /// Left out: as it came.
    port: Option<PortNumber>,
    /// Left out: as it came.
    path: Option<PathTemplate>,
    /// Left out: 302.
    #[schemars(extend("enum" = [301, 302, 303, 307, 308]))]
    status: Option<u16>,
}

/// A scheme of URLs.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum Scheme {
    Http,
    Https,
}

/// The answer itself.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Respond {
    /// Of HTTP.
    #[schemars(range(min = 200, max = 599))]
    status: u16,
    /// By name.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": TOKEN}))]
    headers: Option<BTreeMap<String, HeaderValue>>,
    /// At most 64 KiB. Left out: empty.
    #[schemars(length(max = 65536))]
    body: Option<String>,
}

/// Edits of headers.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct Headers {
    /// On the way out.
    request: Option<HeaderEdits>,
    /// On the way back.
    response: Option<HeaderEdits>,
}

/// In the order set, add, remove.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct HeaderEdits {
    /// In place of every value under the name.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": TOKEN}))]
    set: Option<BTreeMap<String, HeaderValue>>,
    /// One more value under the name.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": TOKEN}))]
    add: Option<BTreeMap<String, HeaderValue>>,
    /// Every value under these names.
    #[schemars(length(min = 1))]
    remove: Option<Vec<Header>>,
}
