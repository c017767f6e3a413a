use mesh_ir::{AccessDefault, Name, Otlp, Percent, Role, Settings, SpiffeId, TrustDomain};

use super::enumeration::Enumeration;
use super::names::name;
use super::{Wire, decode_all, encode_all, optional, required, text};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::Settings {
    type Ir = Settings;

    fn encode(ir: &Settings) -> Self {
        let Settings {
            origin,
            trust_domain,
            access,
            namespaces,
            certificate_lifetime,
            renew_at,
            otlp,
        } = ir;
        Self {
            origin: Some(Wire::encode(origin)),
            trust_domain: trust_domain.to_string(),
            access: Some(Wire::encode(access)),
            namespaces: encode_all(namespaces),
            certificate_lifetime: Some(Wire::encode(certificate_lifetime)),
            renew_at: renew_at.0,
            otlp: otlp.as_ref().map(Wire::encode),
        }
    }

    fn decode(self) -> Result<Settings, InvalidMember> {
        let Self {
            origin,
            trust_domain,
            access,
            namespaces,
            certificate_lifetime,
            renew_at,
            otlp,
        } = self;
        Ok(Settings {
            origin: required(origin, "Settings.origin")?,
            trust_domain: text("Settings.trust_domain", &trust_domain, TrustDomain::parse)?,
            access: required(access, "Settings.access")?,
            namespaces: decode_all(namespaces)?,
            certificate_lifetime: required(certificate_lifetime, "Settings.certificate_lifetime")?,
            renew_at: Percent(renew_at),
            otlp: optional(otlp)?,
        })
    }
}

impl Wire for proto::AccessDefault {
    type Ir = AccessDefault;

    fn encode(ir: &AccessDefault) -> Self {
        let AccessDefault { mode, origin } = ir;
        Self {
            mode: mode.number(),
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<AccessDefault, InvalidMember> {
        let Self { mode, origin } = self;
        Ok(AccessDefault {
            mode: Enumeration::of("AccessDefault.mode", mode)?,
            origin: required(origin, "AccessDefault.origin")?,
        })
    }
}

impl Wire for proto::NamespaceAccess {
    type Ir = (Name, AccessDefault);

    fn encode((namespace, access): &(Name, AccessDefault)) -> Self {
        Self {
            namespace: namespace.to_string(),
            access: Some(Wire::encode(access)),
        }
    }

    fn decode(self) -> Result<(Name, AccessDefault), InvalidMember> {
        let Self { namespace, access } = self;
        Ok((
            name("NamespaceAccess.namespace", &namespace)?,
            required(access, "NamespaceAccess.access")?,
        ))
    }
}

impl Wire for proto::Otlp {
    type Ir = Otlp;

    fn encode(ir: &Otlp) -> Self {
        let Otlp {
            service,
            port,
            origin,
        } = ir;
        Self {
            service: Some(Wire::encode(service)),
            port: port.to_string(),
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<Otlp, InvalidMember> {
        let Self {
            service,
            port,
            origin,
        } = self;
        Ok(Otlp {
            service: required(service, "Otlp.service")?,
            port: name("Otlp.port", &port)?,
            origin: required(origin, "Otlp.origin")?,
        })
    }
}

impl Wire for proto::Role {
    type Ir = Role;

    fn encode(ir: &Role) -> Self {
        let Role {
            identity,
            serves,
            gateways,
            calls,
            externals,
        } = ir;
        Self {
            identity: identity.to_string(),
            serves: encode_all(serves),
            calls: encode_all(calls),
            gateways: encode_all(gateways),
            externals: encode_all(externals),
        }
    }

    fn decode(self) -> Result<Role, InvalidMember> {
        let Self {
            identity,
            serves,
            calls,
            gateways,
            externals,
        } = self;
        Ok(Role {
            identity: text("Role.identity", &identity, SpiffeId::parse)?,
            serves: decode_all(serves)?,
            gateways: decode_all(gateways)?,
            calls: decode_all(calls)?.into(),
            externals: decode_all(externals)?.into(),
        })
    }
}
