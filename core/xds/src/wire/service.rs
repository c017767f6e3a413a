use mesh_ir::{Call, Called, Host, Port, Service, SpiffeId, StaticEndpoint, Version, Workloads};

use super::enumeration::Enumeration;
use super::names::name;
use super::{Wire, decode_all, encode_all, narrow, optional, print_all, required, text, texts};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::Service {
    type Ir = Service;

    fn encode(ir: &Service) -> Self {
        let Service {
            id,
            origin,
            accounts,
            hosts,
            ports,
            versions,
            workloads,
            probes,
            health,
            load_balancing,
            limits,
            outlier,
            connect_timeout,
            timeout,
            stream_idle_timeout,
            idle_timeout,
            retries,
            encoded_slash,
            calls,
        } = ir;
        Self {
            id: Some(Wire::encode(id)),
            origin: Some(Wire::encode(origin)),
            accounts: print_all(accounts),
            hosts: print_all(hosts),
            ports: encode_all(ports),
            versions: encode_all(versions),
            workloads: Some(Wire::encode(workloads)),
            load_balancing: Some(Wire::encode(load_balancing)),
            connect_timeout: Some(Wire::encode(connect_timeout)),
            timeout: timeout.as_ref().map(Wire::encode),
            stream_idle_timeout: stream_idle_timeout.as_ref().map(Wire::encode),
            idle_timeout: idle_timeout.as_ref().map(Wire::encode),
            retries: Some(Wire::encode(retries)),
            encoded_slash: encoded_slash.number(),
            calls: calls.as_ref().map(|calls| proto::Calls {
                calls: encode_all(calls),
            }),
            probes: probes.clone(),
            health: health.as_ref().map(Wire::encode),
            limits: Some(Wire::encode(limits)),
            outlier: outlier.as_ref().map(Wire::encode),
        }
    }

    fn decode(self) -> Result<Service, InvalidMember> {
        let Self {
            id,
            origin,
            accounts,
            hosts,
            ports,
            versions,
            workloads,
            load_balancing,
            connect_timeout,
            timeout,
            stream_idle_timeout,
            idle_timeout,
            retries,
            encoded_slash,
            calls,
            probes,
            health,
            limits,
            outlier,
        } = self;
        Ok(Service {
            id: required(id, "Service.id")?,
            origin: required(origin, "Service.origin")?,
            accounts: texts("Service.accounts", &accounts, SpiffeId::parse)?,
            hosts: texts("Service.hosts", &hosts, Host::parse)?,
            ports: decode_all(ports)?,
            versions: decode_all(versions)?,
            workloads: required(workloads, "Service.workloads")?,
            probes,
            health: optional(health)?,
            load_balancing: required(load_balancing, "Service.load_balancing")?,
            limits: required(limits, "Service.limits")?,
            outlier: optional(outlier)?,
            connect_timeout: required(connect_timeout, "Service.connect_timeout")?,
            timeout: optional(timeout)?,
            stream_idle_timeout: optional(stream_idle_timeout)?,
            idle_timeout: optional(idle_timeout)?,
            retries: required(retries, "Service.retries")?,
            encoded_slash: Enumeration::of("Service.encoded_slash", encoded_slash)?,
            calls: calls.map(|it| decode_all(it.calls)).transpose()?,
        })
    }
}

impl Wire for proto::Workloads {
    type Ir = Workloads;

    fn encode(ir: &Workloads) -> Self {
        use proto::workloads::Workloads as Message;
        Self {
            workloads: Some(match ir {
                Workloads::Inventory => Message::Inventory(proto::Nothing {}),
                Workloads::Selector(labels) => Message::Selector(proto::Labels {
                    labels: encode_all(labels),
                }),
                Workloads::Dns(host) => Message::Dns(host.to_string()),
                Workloads::Endpoints(endpoints) => Message::Endpoints(proto::StaticEndpoints {
                    endpoints: encode_all(endpoints),
                }),
            }),
        }
    }

    fn decode(self) -> Result<Workloads, InvalidMember> {
        use proto::workloads::Workloads as Message;
        let Self { workloads } = self;
        Ok(
            match workloads.ok_or(InvalidMember::Missing("Service.workloads"))? {
                Message::Inventory(proto::Nothing {}) => Workloads::Inventory,
                Message::Selector(proto::Labels { labels }) => {
                    Workloads::Selector(decode_all(labels)?)
                }
                Message::Dns(host) => Workloads::Dns(text("Workloads.dns", &host, Host::parse)?),
                Message::Endpoints(proto::StaticEndpoints { endpoints }) => {
                    Workloads::Endpoints(decode_all(endpoints)?)
                }
            },
        )
    }
}

impl Wire for proto::Port {
    type Ir = Port;

    fn encode(ir: &Port) -> Self {
        let Port {
            name,
            number,
            target,
            protocol,
            mtls,
            proxy_protocol,
            http10,
            origin,
        } = ir;
        Self {
            name: name.to_string(),
            number: (*number).into(),
            target: (*target).into(),
            protocol: protocol.number(),
            mtls: mtls.number(),
            proxy_protocol: *proxy_protocol,
            http10: *http10,
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<Port, InvalidMember> {
        let Self {
            name: text,
            number,
            target,
            protocol,
            mtls,
            proxy_protocol,
            http10,
            origin,
        } = self;
        Ok(Port {
            name: name("Port.name", &text)?,
            number: narrow("Port.number", number)?,
            target: narrow("Port.target", target)?,
            protocol: Enumeration::of("Port.protocol", protocol)?,
            mtls: Enumeration::of("Port.mtls", mtls)?,
            proxy_protocol,
            http10,
            origin: required(origin, "Port.origin")?,
        })
    }
}

impl Wire for proto::Version {
    type Ir = Version;

    fn encode(ir: &Version) -> Self {
        let Version {
            name,
            labels,
            origin,
        } = ir;
        Self {
            name: name.to_string(),
            labels: encode_all(labels),
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<Version, InvalidMember> {
        let Self {
            name: text,
            labels,
            origin,
        } = self;
        Ok(Version {
            name: name("Version.name", &text)?,
            labels: decode_all(labels)?,
            origin: required(origin, "Version.origin")?,
        })
    }
}

impl Wire for proto::StaticEndpoint {
    type Ir = StaticEndpoint;

    fn encode(ir: &StaticEndpoint) -> Self {
        let StaticEndpoint {
            ports,
            version,
            locality,
            weight,
        } = ir;
        Self {
            ports: encode_all(ports),
            version: version.as_ref().map(ToString::to_string),
            locality: locality.clone(),
            weight: *weight,
        }
    }

    fn decode(self) -> Result<StaticEndpoint, InvalidMember> {
        let Self {
            ports,
            version,
            locality,
            weight,
        } = self;
        Ok(StaticEndpoint {
            ports: decode_all(ports)?,
            version: version
                .map(|version| name("StaticEndpoint.version", &version))
                .transpose()?,
            locality,
            weight,
        })
    }
}

impl Wire for proto::Call {
    type Ir = Call;

    fn encode(ir: &Call) -> Self {
        use proto::call::To as Message;
        let Call {
            to,
            timeout,
            attempts,
            origin,
        } = ir;
        Self {
            to: Some(match to {
                Called::Service(service) => Message::Service(Wire::encode(service)),
                Called::External(service) => Message::External(Wire::encode(service)),
            }),
            timeout: timeout.as_ref().map(Wire::encode),
            attempts: *attempts,
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<Call, InvalidMember> {
        use proto::call::To as Message;
        let Self {
            to,
            timeout,
            attempts,
            origin,
        } = self;
        Ok(Call {
            to: match to.ok_or(InvalidMember::Missing("Call.to"))? {
                Message::Service(service) => Called::Service(Wire::decode(service)?),
                Message::External(service) => Called::External(Wire::decode(service)?),
            },
            timeout: optional(timeout)?,
            attempts,
            origin: required(origin, "Call.origin")?,
        })
    }
}
