use mesh_ir::{AccessDefault, DefaultAccess, Name, Percent, Role, Settings, SpiffeId, TrustDomain};

use super::names::name;
use super::{Wire, decode_all, encode_all, required, text, unknown};
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
            otlp: _,
        } = ir;
        Self {
            origin: Some(Wire::encode(origin)),
            trust_domain: trust_domain.to_string(),
            access: Some(Wire::encode(access)),
            namespaces: encode_all(namespaces),
            certificate_lifetime: Some(Wire::encode(certificate_lifetime)),
            renew_at: renew_at.0,
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
        } = self;
        Ok(Settings {
            origin: required(origin, "Settings.origin")?,
            trust_domain: text("Settings.trust_domain", &trust_domain, TrustDomain::parse)?,
            access: required(access, "Settings.access")?,
            namespaces: decode_all(namespaces)?,
            certificate_lifetime: required(certificate_lifetime, "Settings.certificate_lifetime")?,
            renew_at: Percent(renew_at),
            otlp: None,
        })
    }
}

impl Wire for proto::AccessDefault {
    type Ir = AccessDefault;

    fn encode(ir: &AccessDefault) -> Self {
        let AccessDefault { mode, origin } = ir;
        Self {
            mode: match mode {
                DefaultAccess::Allow => proto::DefaultAccess::Allow,
                DefaultAccess::Deny => proto::DefaultAccess::Deny,
            }
            .into(),
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<AccessDefault, InvalidMember> {
        let Self { mode, origin } = self;
        Ok(AccessDefault {
            mode: match proto::DefaultAccess::try_from(mode) {
                Ok(proto::DefaultAccess::Allow) => DefaultAccess::Allow,
                Ok(proto::DefaultAccess::Deny) => DefaultAccess::Deny,
                Ok(proto::DefaultAccess::Unspecified) | Err(_) => {
                    return Err(unknown("AccessDefault.mode", mode));
                }
            },
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

impl Wire for proto::Role {
    type Ir = Role;

    fn encode(ir: &Role) -> Self {
        let Role {
            identity,
            serves,
            gateways: _,
            calls,
            externals: _,
        } = ir;
        Self {
            identity: identity.to_string(),
            serves: encode_all(serves),
            calls: encode_all(calls),
        }
    }

    fn decode(self) -> Result<Role, InvalidMember> {
        let Self {
            identity,
            serves,
            calls,
        } = self;
        Ok(Role {
            identity: text("Role.identity", &identity, SpiffeId::parse)?,
            serves: decode_all(serves)?,
            gateways: vec![],
            calls: decode_all(calls)?.into(),
            externals: [].into(),
        })
    }
}
