use mesh_ir::{
    Balancing, HealthCheck, HealthProbe, Locality, OutlierDetection, Percent, ServiceLimits,
    SetCookie,
};

use super::enumeration::Enumeration;
use super::names::name;
use super::{Wire, decode_all, encode_all, optional, required};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::Balancing {
    type Ir = Balancing;

    fn encode(ir: &Balancing) -> Self {
        let Balancing {
            policy,
            by,
            set_cookie,
            slow_start,
            locality,
            panic,
        } = ir;
        Self {
            policy: policy.number(),
            by: encode_all(by),
            set_cookie: set_cookie.as_ref().map(Wire::encode),
            slow_start: slow_start.as_ref().map(Wire::encode),
            locality: locality.as_ref().map(Wire::encode),
            panic: panic.map(|it| it.0),
        }
    }

    fn decode(self) -> Result<Balancing, InvalidMember> {
        let Self {
            policy,
            by,
            set_cookie,
            slow_start,
            locality,
            panic,
        } = self;
        Ok(Balancing {
            policy: Enumeration::of("Balancing.policy", policy)?,
            by: decode_all(by)?,
            set_cookie: optional(set_cookie)?,
            slow_start: optional(slow_start)?,
            locality: optional(locality)?,
            panic: panic.map(Percent),
        })
    }
}

impl Wire for proto::Locality {
    type Ir = Locality;

    fn encode(ir: &Locality) -> Self {
        use proto::locality::Locality as Message;
        Self {
            locality: Some(match ir {
                Locality::Failover(levels) => Message::Failover(proto::Failover {
                    levels: levels.iter().map(|level| level.number()).collect(),
                }),
                Locality::Weights {
                    zone,
                    region,
                    elsewhere,
                } => Message::Weights(proto::LocalityWeights {
                    zone: *zone,
                    region: *region,
                    elsewhere: *elsewhere,
                }),
            }),
        }
    }

    fn decode(self) -> Result<Locality, InvalidMember> {
        use proto::locality::Locality as Message;
        let Self { locality } = self;
        let near = |level: &i32| Enumeration::of("Failover.levels", *level);
        Ok(
            match locality.ok_or(InvalidMember::Missing("Locality.locality"))? {
                Message::Failover(proto::Failover { levels }) => {
                    Locality::Failover(levels.iter().map(near).collect::<Result<_, _>>()?)
                }
                Message::Weights(proto::LocalityWeights {
                    zone,
                    region,
                    elsewhere,
                }) => Locality::Weights {
                    zone,
                    region,
                    elsewhere,
                },
            },
        )
    }
}

impl Wire for proto::SetCookie {
    type Ir = SetCookie;

    fn encode(ir: &SetCookie) -> Self {
        let SetCookie { name, ttl } = ir;
        Self {
            name: name.clone(),
            ttl: ttl.as_ref().map(Wire::encode),
        }
    }

    fn decode(self) -> Result<SetCookie, InvalidMember> {
        let Self { name, ttl } = self;
        Ok(SetCookie {
            name,
            ttl: optional(ttl)?,
        })
    }
}

impl Wire for proto::ServiceLimits {
    type Ir = ServiceLimits;

    fn encode(ir: &ServiceLimits) -> Self {
        let ServiceLimits {
            connections,
            requests,
            pending,
        } = *ir;
        Self {
            connections,
            requests,
            pending,
        }
    }

    fn decode(self) -> Result<ServiceLimits, InvalidMember> {
        let Self {
            connections,
            requests,
            pending,
        } = self;
        Ok(ServiceLimits {
            connections,
            requests,
            pending,
        })
    }
}

impl Wire for proto::OutlierDetection {
    type Ir = OutlierDetection;

    fn encode(ir: &OutlierDetection) -> Self {
        let OutlierDetection {
            consecutive_5xx,
            gateway_errors,
            local_errors,
            success_rate,
            interval,
            base_ejection,
            max_ejected,
        } = *ir;
        Self {
            consecutive_5xx,
            gateway_errors,
            local_errors,
            success_rate: success_rate.map(|it| it.0),
            interval: Some(Wire::encode(&interval)),
            base_ejection: Some(Wire::encode(&base_ejection)),
            max_ejected: max_ejected.0,
        }
    }

    fn decode(self) -> Result<OutlierDetection, InvalidMember> {
        let Self {
            consecutive_5xx,
            gateway_errors,
            local_errors,
            success_rate,
            interval,
            base_ejection,
            max_ejected,
        } = self;
        Ok(OutlierDetection {
            consecutive_5xx,
            gateway_errors,
            local_errors,
            success_rate: success_rate.map(Percent),
            interval: required(interval, "OutlierDetection.interval")?,
            base_ejection: required(base_ejection, "OutlierDetection.base_ejection")?,
            max_ejected: Percent(max_ejected),
        })
    }
}

impl Wire for proto::HealthCheck {
    type Ir = HealthCheck;

    fn encode(ir: &HealthCheck) -> Self {
        use proto::health_check::Probe;
        let HealthCheck {
            port,
            probe,
            interval,
            timeout,
            healthy_after,
            unhealthy_after,
        } = ir;
        Self {
            port: port.to_string(),
            probe: Some(match probe {
                HealthProbe::Http(path) => Probe::Http(path.clone()),
                HealthProbe::Grpc(service) => Probe::Grpc(proto::GrpcProbe {
                    service: service.clone(),
                }),
                HealthProbe::Tcp => Probe::Tcp(proto::Nothing {}),
            }),
            interval: Some(Wire::encode(interval)),
            timeout: Some(Wire::encode(timeout)),
            healthy_after: *healthy_after,
            unhealthy_after: *unhealthy_after,
        }
    }

    fn decode(self) -> Result<HealthCheck, InvalidMember> {
        use proto::health_check::Probe;
        let Self {
            port,
            probe,
            interval,
            timeout,
            healthy_after,
            unhealthy_after,
        } = self;
        Ok(HealthCheck {
            port: name("HealthCheck.port", &port)?,
            probe: match probe.ok_or(InvalidMember::Missing("HealthCheck.probe"))? {
                Probe::Http(path) => HealthProbe::Http(path),
                Probe::Grpc(proto::GrpcProbe { service }) => HealthProbe::Grpc(service),
                Probe::Tcp(proto::Nothing {}) => HealthProbe::Tcp,
            },
            interval: required(interval, "HealthCheck.interval")?,
            timeout: required(timeout, "HealthCheck.timeout")?,
            healthy_after,
            unhealthy_after,
        })
    }
}
