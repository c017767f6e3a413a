use mesh_ir::{ExternalService, Host, HostPattern, UpstreamTls};

use super::enumeration::Enumeration;
use super::{Wire, decode_all, encode_all, optional, print_all, required, text, texts};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::ExternalService {
    type Ir = ExternalService;

    fn encode(ir: &ExternalService) -> Self {
        let ExternalService {
            id,
            origin,
            hosts,
            endpoints,
            addresses,
            ports,
            tls,
            via,
            load_balancing,
            connect_timeout,
            timeout,
            stream_idle_timeout,
            idle_timeout,
            retries,
        } = ir;
        Self {
            id: Some(Wire::encode(id)),
            origin: Some(Wire::encode(origin)),
            hosts: print_all(hosts),
            endpoints: encode_all(endpoints),
            addresses: print_all(addresses),
            ports: encode_all(ports),
            tls: tls.as_ref().map(Wire::encode),
            via: via.as_ref().map(Wire::encode),
            load_balancing: Some(Wire::encode(load_balancing)),
            connect_timeout: Some(Wire::encode(connect_timeout)),
            timeout: timeout.as_ref().map(Wire::encode),
            stream_idle_timeout: stream_idle_timeout.as_ref().map(Wire::encode),
            idle_timeout: idle_timeout.as_ref().map(Wire::encode),
            retries: Some(Wire::encode(retries)),
        }
    }

    fn decode(self) -> Result<ExternalService, InvalidMember> {
        let Self {
            id,
            origin,
            hosts,
            endpoints,
            addresses,
            ports,
            tls,
            via,
            load_balancing,
            connect_timeout,
            timeout,
            stream_idle_timeout,
            idle_timeout,
            retries,
        } = self;
        Ok(ExternalService {
            id: required(id, "ExternalService.id")?,
            origin: required(origin, "ExternalService.origin")?,
            hosts: texts("ExternalService.hosts", &hosts, HostPattern::parse)?,
            endpoints: decode_all(endpoints)?,
            addresses: texts(
                "ExternalService.addresses",
                &addresses,
                str::parse::<ipnet::IpNet>,
            )?,
            ports: decode_all(ports)?,
            tls: optional(tls)?,
            via: optional(via)?,
            load_balancing: required(load_balancing, "ExternalService.load_balancing")?,
            connect_timeout: required(connect_timeout, "ExternalService.connect_timeout")?,
            timeout: optional(timeout)?,
            stream_idle_timeout: optional(stream_idle_timeout)?,
            idle_timeout: optional(idle_timeout)?,
            retries: required(retries, "ExternalService.retries")?,
        })
    }
}

impl Wire for proto::UpstreamTls {
    type Ir = UpstreamTls;

    fn encode(ir: &UpstreamTls) -> Self {
        let UpstreamTls {
            server_name,
            subject_alt_names,
            ca,
            certificate,
            min_version,
        } = ir;
        Self {
            server_name: server_name.as_ref().map(ToString::to_string),
            subject_alt_names: subject_alt_names.clone(),
            ca: ca.clone(),
            certificate: certificate.as_ref().map(Wire::encode),
            min_version: min_version.number(),
        }
    }

    fn decode(self) -> Result<UpstreamTls, InvalidMember> {
        let Self {
            server_name,
            subject_alt_names,
            ca,
            certificate,
            min_version,
        } = self;
        Ok(UpstreamTls {
            server_name: server_name
                .map(|it| text("UpstreamTls.server_name", &it, Host::parse))
                .transpose()?,
            subject_alt_names,
            ca,
            certificate: optional(certificate)?,
            min_version: Enumeration::of("UpstreamTls.min_version", min_version)?,
        })
    }
}
