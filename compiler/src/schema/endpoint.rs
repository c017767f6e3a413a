#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::balancing::Mtls;
use super::combine::exactly_one;
use super::scalar::{Address, Host, NAME, Name, PortNumber, Zone};

/// Where it runs; exactly one of these.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = exactly_one(&["selector", "dns", "endpoints"]))
)]
pub(super) struct Workloads {
    /// Workloads of the namespace with all of these labels.
    #[schemars(extend("minProperties" = 1))]
    selector: Option<BTreeMap<String, String>>,
    /// The addresses of a host, as long as its records live.
    dns: Option<Host>,
    /// Fixed addresses.
    #[schemars(length(min = 1))]
    endpoints: Option<Vec<Endpoint>>,
}

/// An endpoint at a fixed address.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Endpoint {
    /// IPv4 or IPv6.
    address: Address,
    /// The version it belongs to.
    version: Option<Name>,
    /// `region/zone`.
    locality: Option<Zone>,
    /// Its share beside the others. Left out: 1.
    #[schemars(range(min = 1, max = 1_000_000))]
    weight: Option<u32>,
    /// Where a number differs from the service's, by port name.
    #[schemars(extend(
        "minProperties" = 1,
        "propertyNames" = {"pattern": NAME, "maxLength": 63},
    ))]
    ports: Option<BTreeMap<String, PortNumber>>,
}

/// An endpoint outside the mesh, at a fixed address.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExternalEndpoint {
    /// IPv4 or IPv6.
    address: Address,
    /// `region/zone`.
    locality: Option<Zone>,
    /// Its share beside the others. Left out: 1.
    #[schemars(range(min = 1, max = 1_000_000))]
    weight: Option<u32>,
    /// Where a number differs from the service's, by port name.
    #[schemars(extend(
        "minProperties" = 1,
        "propertyNames" = {"pattern": NAME, "maxLength": 63},
    ))]
    ports: Option<BTreeMap<String, PortNumber>>,
}

/// A port in its long form.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ServicePort {
    /// What callers write after the host.
    port: PortNumber,
    /// Left out: the name of the port, which is a protocol then.
    protocol: Option<Protocol>,
    /// Where the application listens. Left out: the same number.
    target_port: Option<PortNumber>,
    /// Left out: what holds for the namespace. `permissive` not on `tcp`.
    mtls: Option<Mtls>,
    /// The application gets a PROXY header with the caller's address.
    proxy_protocol: Option<ProxyProtocol>,
    /// Whether requests of HTTP/1.0 are taken. Left out: no.
    http10: Option<bool>,
}

/// A port outside the mesh, in its long form.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExternalPort {
    /// What callers write after the host.
    port: PortNumber,
    /// What callers speak. Left out: the name of the port, which is a protocol then.
    protocol: Option<Protocol>,
    /// Where it goes. Left out: the same number.
    target_port: Option<PortNumber>,
}

/// What is spoken: declared, never sniffed.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum Protocol {
    Http,
    Http2,
    Grpc,
    Tcp,
    Tls,
}

/// A version of the PROXY protocol.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum ProxyProtocol {
    V2,
}

/// Ports by name: `http: 9080`, or with a `protocol` where the name is none.
pub(super) struct Ports;

/// As [`Ports`], outside the mesh.
pub(super) struct ExternalPorts;

impl JsonSchema for Ports {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ports".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let long = generator.subschema_for::<ServicePort>();
        by_name(&long, generator)
    }
}

impl JsonSchema for ExternalPorts {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ExternalPorts".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let long = generator.subschema_for::<ExternalPort>();
        by_name(&long, generator)
    }
}

/// A name that is no protocol leaves open what is spoken, so that its port says it.
fn by_name(long: &Schema, generator: &mut SchemaGenerator) -> Schema {
    let short = generator.subschema_for::<PortNumber>();
    json_schema!({
        "description": "Ports by name: `http: 9080`, or with a `protocol` where the name is none.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": NAME, "maxLength": 63},
        "additionalProperties": {"anyOf": [short, long]},
        "allOf": [{
            "patternProperties": {
                "^(?!(http|http2|grpc|tcp|tls)$)": {"type": "object", "required": ["protocol"]},
            },
        }],
    })
}
