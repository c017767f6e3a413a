use mesh_ir::{
    Backoff, Call, Called, EncodedSlash, Host, LoadBalancing, Percent, Port, Protocol, RetryOn,
    RetryPolicy, Service, ServiceLimits, SpiffeId, StaticEndpoint, Version, Workloads,
};

use super::names::name;
use super::{Wire, decode_all, encode_all, narrow, optional, print_all, required, texts, unknown};
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
            workloads: _,
            probes: _,
            health: _,
            load_balancing,
            limits: _,
            outlier: _,
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
            endpoints: encode_all(ir.endpoints()),
            load_balancing: encode_load_balancing(load_balancing.policy).into(),
            connect_timeout: Some(Wire::encode(connect_timeout)),
            timeout: timeout.as_ref().map(Wire::encode),
            stream_idle_timeout: stream_idle_timeout.as_ref().map(Wire::encode),
            idle_timeout: idle_timeout.as_ref().map(Wire::encode),
            retries: Some(Wire::encode(retries)),
            encoded_slash: match encoded_slash {
                EncodedSlash::Refuse => proto::EncodedSlash::Refuse,
                EncodedSlash::Judge => proto::EncodedSlash::Judge,
            }
            .into(),
            calls: calls.as_ref().map(|calls| proto::Calls {
                calls: encode_all(calls),
            }),
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
            endpoints,
            load_balancing,
            connect_timeout,
            timeout,
            stream_idle_timeout,
            idle_timeout,
            retries,
            encoded_slash,
            calls,
        } = self;
        Ok(Service {
            id: required(id, "Service.id")?,
            origin: required(origin, "Service.origin")?,
            accounts: texts("Service.accounts", &accounts, SpiffeId::parse)?,
            hosts: texts("Service.hosts", &hosts, Host::parse)?,
            ports: decode_all(ports)?,
            versions: decode_all(versions)?,
            workloads: match decode_all(endpoints)? {
                none if none.is_empty() => Workloads::Inventory,
                endpoints => Workloads::Endpoints(endpoints),
            },
            probes: vec![],
            health: None,
            load_balancing: decode_load_balancing(load_balancing)?.into(),
            limits: ServiceLimits::default(),
            outlier: None,
            connect_timeout: required(connect_timeout, "Service.connect_timeout")?,
            timeout: optional(timeout)?,
            stream_idle_timeout: optional(stream_idle_timeout)?,
            idle_timeout: optional(idle_timeout)?,
            retries: required(retries, "Service.retries")?,
            encoded_slash: match proto::EncodedSlash::try_from(encoded_slash) {
                Ok(proto::EncodedSlash::Refuse) => EncodedSlash::Refuse,
                Ok(proto::EncodedSlash::Judge) => EncodedSlash::Judge,
                Ok(proto::EncodedSlash::Unspecified) | Err(_) => {
                    return Err(unknown("Service.encoded_slash", encoded_slash));
                }
            },
            calls: calls.map(|it| decode_all(it.calls)).transpose()?,
        })
    }
}

fn encode_load_balancing(ir: LoadBalancing) -> proto::LoadBalancing {
    match ir {
        LoadBalancing::RoundRobin => proto::LoadBalancing::RoundRobin,
        LoadBalancing::Random => proto::LoadBalancing::Random,
        LoadBalancing::LeastRequest => proto::LoadBalancing::LeastRequest,
        LoadBalancing::Ewma
        | LoadBalancing::RingHash
        | LoadBalancing::Maglev
        | LoadBalancing::OriginalDestination => proto::LoadBalancing::Unspecified,
    }
}

fn decode_load_balancing(value: i32) -> Result<LoadBalancing, InvalidMember> {
    match proto::LoadBalancing::try_from(value) {
        Ok(proto::LoadBalancing::RoundRobin) => Ok(LoadBalancing::RoundRobin),
        Ok(proto::LoadBalancing::Random) => Ok(LoadBalancing::Random),
        Ok(proto::LoadBalancing::LeastRequest) => Ok(LoadBalancing::LeastRequest),
        Ok(proto::LoadBalancing::Unspecified) | Err(_) => {
            Err(unknown("Service.load_balancing", value))
        }
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
            mtls: _,
            proxy_protocol: _,
            http10: _,
            origin,
        } = ir;
        Self {
            name: name.to_string(),
            number: (*number).into(),
            target: (*target).into(),
            protocol: match protocol {
                Protocol::Http => proto::Protocol::Http,
                Protocol::Http2 => proto::Protocol::Http2,
                Protocol::Grpc => proto::Protocol::Grpc,
                Protocol::Tcp => proto::Protocol::Tcp,
                Protocol::Tls => proto::Protocol::Tls,
            }
            .into(),
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<Port, InvalidMember> {
        let Self {
            name: text,
            number,
            target,
            protocol,
            origin,
        } = self;
        Ok(Port {
            name: name("Port.name", &text)?,
            number: narrow("Port.number", number)?,
            target: narrow("Port.target", target)?,
            protocol: match proto::Protocol::try_from(protocol) {
                Ok(proto::Protocol::Http) => Protocol::Http,
                Ok(proto::Protocol::Http2) => Protocol::Http2,
                Ok(proto::Protocol::Grpc) => Protocol::Grpc,
                Ok(proto::Protocol::Tcp) => Protocol::Tcp,
                Ok(proto::Protocol::Tls) => Protocol::Tls,
                Ok(proto::Protocol::Unspecified) | Err(_) => {
                    return Err(unknown("Port.protocol", protocol));
                }
            },
            mtls: mesh_ir::MtlsMode::Strict,
            proxy_protocol: false,
            http10: false,
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
        let Call {
            to,
            timeout,
            attempts,
            origin,
        } = ir;
        Self {
            service: match to {
                Called::Service(service) => Some(Wire::encode(service)),
                Called::External(_) => None,
            },
            timeout: timeout.as_ref().map(Wire::encode),
            attempts: *attempts,
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<Call, InvalidMember> {
        let Self {
            service,
            timeout,
            attempts,
            origin,
        } = self;
        Ok(Call {
            to: Called::Service(required(service, "Call.service")?),
            timeout: optional(timeout)?,
            attempts,
            origin: required(origin, "Call.origin")?,
        })
    }
}

impl Wire for proto::RetryPolicy {
    type Ir = RetryPolicy;

    fn encode(ir: &RetryPolicy) -> Self {
        let RetryPolicy {
            attempts,
            on,
            idempotent,
            backoff: Backoff { base, max },
            budget,
        } = ir;
        Self {
            attempts: *attempts,
            on: encode_all(on),
            idempotent: *idempotent,
            backoff_base: Some(Wire::encode(base)),
            backoff_max: Some(Wire::encode(max)),
            budget: budget.0,
        }
    }

    fn decode(self) -> Result<RetryPolicy, InvalidMember> {
        let Self {
            attempts,
            on,
            idempotent,
            backoff_base,
            backoff_max,
            budget,
        } = self;
        Ok(RetryPolicy {
            attempts,
            on: decode_all(on)?,
            idempotent,
            backoff: Backoff {
                base: required(backoff_base, "RetryPolicy.backoff_base")?,
                max: required(backoff_max, "RetryPolicy.backoff_max")?,
            },
            budget: Percent(budget),
        })
    }
}

impl Wire for proto::RetryOn {
    type Ir = RetryOn;

    fn encode(ir: &RetryOn) -> Self {
        use proto::RetryCondition as Condition;
        use proto::retry_on::On;
        let condition = |it: Condition| On::Condition(it.into());
        Self {
            on: Some(match ir {
                RetryOn::ConnectFailure => condition(Condition::ConnectFailure),
                RetryOn::RefusedStream => condition(Condition::RefusedStream),
                RetryOn::ResetBeforeRequest => condition(Condition::ResetBeforeRequest),
                RetryOn::Reset => condition(Condition::Reset),
                RetryOn::ServerError => condition(Condition::ServerError),
                RetryOn::GatewayError => condition(Condition::GatewayError),
                RetryOn::RetriableClientError => condition(Condition::RetriableClientError),
                RetryOn::Status(status) => On::Status((*status).into()),
                RetryOn::Grpc(status) => On::Grpc((*status).into()),
            }),
        }
    }

    fn decode(self) -> Result<RetryOn, InvalidMember> {
        use proto::RetryCondition as Condition;
        use proto::retry_on::On;
        Ok(match self.on.ok_or(InvalidMember::Missing("RetryOn.on"))? {
            On::Status(status) => RetryOn::Status(narrow("RetryOn.status", status)?),
            On::Grpc(status) => RetryOn::Grpc(narrow("RetryOn.grpc", status)?),
            On::Condition(value) => match Condition::try_from(value) {
                Ok(Condition::ConnectFailure) => RetryOn::ConnectFailure,
                Ok(Condition::RefusedStream) => RetryOn::RefusedStream,
                Ok(Condition::ResetBeforeRequest) => RetryOn::ResetBeforeRequest,
                Ok(Condition::Reset) => RetryOn::Reset,
                Ok(Condition::ServerError) => RetryOn::ServerError,
                Ok(Condition::GatewayError) => RetryOn::GatewayError,
                Ok(Condition::RetriableClientError) => RetryOn::RetriableClientError,
                Ok(Condition::Unspecified) | Err(_) => {
                    return Err(unknown("RetryOn.condition", value));
                }
            },
        })
    }
}
