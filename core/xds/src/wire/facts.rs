use mesh_ir::{
    Bundle, CommitId, Digest, Endpoint, Endpoints, Epoch, InboundListener, Listeners, SpiffeId,
    TcpListener, TrustDomain, TrustRoots,
};

use super::names::{address, name};
use super::{Wire, decode_all, encode_all, required, text};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::Bundle {
    type Ir = Bundle;

    fn encode(ir: &Bundle) -> Self {
        let Bundle {
            epoch,
            commit,
            digest,
        } = ir;
        Self {
            epoch: epoch.0,
            commit: commit.to_string(),
            digest: digest.0.to_vec().into(),
        }
    }

    fn decode(self) -> Result<Bundle, InvalidMember> {
        let Self {
            epoch,
            commit,
            digest,
        } = self;
        let bytes = <[u8; 32]>::try_from(&*digest).map_err(|_| InvalidMember::OutOfRange {
            field: "Bundle.digest.length",
            value: digest.len() as u64,
        })?;
        Ok(Bundle {
            epoch: Epoch(epoch),
            commit: CommitId(commit.into()),
            digest: Digest(bytes),
        })
    }
}

impl Wire for proto::Endpoints {
    type Ir = Endpoints;

    fn encode(ir: &Endpoints) -> Self {
        let Endpoints { service, endpoints } = ir;
        Self {
            service: Some(Wire::encode(service)),
            endpoints: encode_all(endpoints),
        }
    }

    fn decode(self) -> Result<Endpoints, InvalidMember> {
        let Self { service, endpoints } = self;
        Ok(Endpoints {
            service: required(service, "Endpoints.service")?,
            endpoints: decode_all(endpoints)?,
        })
    }
}

impl Wire for proto::Endpoint {
    type Ir = Endpoint;

    fn encode(ir: &Endpoint) -> Self {
        let Endpoint {
            workload,
            identity,
            ports,
            labels,
            locality,
            weight,
            healthy,
        } = ir;
        Self {
            workload: workload.clone(),
            identity: identity.to_string(),
            ports: encode_all(ports),
            labels: encode_all(labels),
            locality: locality.clone(),
            weight: *weight,
            healthy: *healthy,
        }
    }

    fn decode(self) -> Result<Endpoint, InvalidMember> {
        let Self {
            workload,
            identity,
            ports,
            labels,
            locality,
            weight,
            healthy,
        } = self;
        Ok(Endpoint {
            workload,
            identity: text("Endpoint.identity", &identity, SpiffeId::parse)?,
            ports: decode_all(ports)?,
            labels: decode_all(labels)?,
            locality,
            weight,
            healthy,
        })
    }
}

impl Wire for proto::TrustRoots {
    type Ir = TrustRoots;

    fn encode(ir: &TrustRoots) -> Self {
        let TrustRoots {
            trust_domain,
            roots,
        } = ir;
        Self {
            trust_domain: trust_domain.to_string(),
            roots: roots.iter().cloned().map(Into::into).collect(),
        }
    }

    fn decode(self) -> Result<TrustRoots, InvalidMember> {
        let Self {
            trust_domain,
            roots,
        } = self;
        Ok(TrustRoots {
            trust_domain: text("TrustRoots.trust_domain", &trust_domain, TrustDomain::parse)?,
            roots: roots.iter().map(|root| root.to_vec()).collect(),
        })
    }
}

impl Wire for proto::Listeners {
    type Ir = Listeners;

    fn encode(ir: &Listeners) -> Self {
        let Listeners {
            workload,
            admin,
            inbound,
            outbound,
            tcp,
        } = ir;
        Self {
            workload: workload.clone(),
            admin: admin.as_ref().map(ToString::to_string),
            inbound: encode_all(inbound),
            outbound: outbound.as_ref().map(ToString::to_string),
            tcp: encode_all(tcp),
        }
    }

    fn decode(self) -> Result<Listeners, InvalidMember> {
        let Self {
            workload,
            admin,
            inbound,
            outbound,
            tcp,
        } = self;
        Ok(Listeners {
            workload,
            admin: admin
                .map(|it| address("Listeners.admin", &it))
                .transpose()?,
            inbound: decode_all(inbound)?,
            outbound: outbound
                .map(|it| address("Listeners.outbound", &it))
                .transpose()?,
            tcp: decode_all(tcp)?,
        })
    }
}

impl Wire for proto::InboundListener {
    type Ir = InboundListener;

    fn encode(ir: &InboundListener) -> Self {
        let InboundListener {
            service,
            port,
            listen,
            application,
        } = ir;
        Self {
            service: Some(Wire::encode(service)),
            port: port.to_string(),
            listen: listen.to_string(),
            application: application.to_string(),
        }
    }

    fn decode(self) -> Result<InboundListener, InvalidMember> {
        let Self {
            service,
            port,
            listen,
            application,
        } = self;
        Ok(InboundListener {
            service: required(service, "InboundListener.service")?,
            port: name("InboundListener.port", &port)?,
            listen: address("InboundListener.listen", &listen)?,
            application: address("InboundListener.application", &application)?,
        })
    }
}

impl Wire for proto::TcpListener {
    type Ir = TcpListener;

    fn encode(ir: &TcpListener) -> Self {
        let TcpListener {
            service,
            port,
            listen,
        } = ir;
        Self {
            service: Some(Wire::encode(service)),
            port: port.to_string(),
            listen: listen.to_string(),
        }
    }

    fn decode(self) -> Result<TcpListener, InvalidMember> {
        let Self {
            service,
            port,
            listen,
        } = self;
        Ok(TcpListener {
            service: required(service, "TcpListener.service")?,
            port: name("TcpListener.port", &port)?,
            listen: address("TcpListener.listen", &listen)?,
        })
    }
}
