#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::scalar::{Bound, Host, LoadBalancing, Metadata, Name, PortNumber, Reference, document};

document!(
    /// Who a workload is and how it is reached.
    ServiceDocument,
    "Service",
    Metadata,
    Service
);

/// A service.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Service {
    /// Who its workloads are; left out: the service's name.
    #[schemars(length(min = 1))]
    accounts: Option<Vec<Name>>,
    /// More names for it.
    #[schemars(length(min = 1))]
    hosts: Option<Vec<Host>>,
    /// By name; none: a workload that only calls.
    #[schemars(extend("minProperties" = 1))]
    ports: Option<BTreeMap<String, Port>>,
    workloads: Option<Workloads>,
    /// By name.
    #[schemars(extend("minProperties" = 1))]
    versions: Option<BTreeMap<String, Version>>,
    load_balancing: Option<LoadBalancing>,
    /// What happens to `%2F` in a path: `refuse`, or `judge` it as text and as a slash.
    encoded_slash: Option<EncodedSlash>,
    /// Then these and no others.
    #[schemars(length(min = 1))]
    calls: Option<Vec<Call>>,
}

/// A number (the name is the protocol), or a mapping.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Port {
    Short(PortNumber),
    Long(LongPort),
}

/// A port whose name is no protocol, or whose application listens elsewhere.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct LongPort {
    /// What callers write after the host.
    port: PortNumber,
    protocol: Option<Protocol>,
    /// Where the application listens.
    target_port: Option<PortNumber>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Protocol {
    Http,
    Http2,
    Grpc,
    Tcp,
    Tls,
}

/// Where it runs; left out: the inventory's workloads of this service.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Workloads {
    #[schemars(length(min = 1))]
    endpoints: Vec<Endpoint>,
}

/// An endpoint at a fixed address.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Endpoint {
    #[schemars(regex(pattern = "^[0-9a-fA-F.:]+$"))]
    address: String,
    version: Option<Name>,
    /// `region/zone`.
    #[schemars(regex(pattern = "^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$"))]
    locality: Option<String>,
    #[schemars(range(min = 1, max = 1_000_000))]
    weight: Option<u32>,
    /// Where a number differs from the service's, by port name.
    #[schemars(extend("minProperties" = 1))]
    ports: Option<BTreeMap<String, PortNumber>>,
}

/// A version: the endpoints that carry all of its labels.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Version {
    /// Left out: `version` with the name.
    #[schemars(extend("minProperties" = 1))]
    labels: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum EncodedSlash {
    Refuse,
    Judge,
}

/// A service that may be called, and the bounds of the caller.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Call {
    service: Reference,
    /// At most this long.
    timeout: Option<Bound>,
    retries: Option<CallRetries>,
}

/// A bound on retries.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct CallRetries {
    /// At most so many.
    #[schemars(range(min = 0, max = 10))]
    attempts: u32,
}
