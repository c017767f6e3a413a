use mesh_ir::{
    Access, AccessRule, Authorizer, Limit, LimitProvider, Rate, RateLimit, RuleId, Timestamp,
};

use super::enumeration::Enumeration;
use super::names::name;
use super::{Wire, decode_all, encode_all, narrow, optional, required};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::Access {
    type Ir = Access;

    fn encode(ir: &Access) -> Self {
        let Access {
            id,
            origin,
            target,
            allow,
            deny,
            audit,
            authorizer,
            shadow,
        } = ir;
        Self {
            id: Some(Wire::encode(id)),
            origin: Some(Wire::encode(origin)),
            target: Some(Wire::encode(target)),
            allow: encode_all(allow),
            deny: encode_all(deny),
            audit: encode_all(audit),
            shadow: *shadow,
            authorizer: authorizer.as_ref().map(Wire::encode),
        }
    }

    fn decode(self) -> Result<Access, InvalidMember> {
        let Self {
            id,
            origin,
            target,
            allow,
            deny,
            audit,
            shadow,
            authorizer,
        } = self;
        Ok(Access {
            id: required(id, "Access.id")?,
            origin: required(origin, "Access.origin")?,
            target: required(target, "Access.target")?,
            allow: decode_all(allow)?,
            deny: decode_all(deny)?,
            audit: decode_all(audit)?,
            authorizer: optional(authorizer)?,
            shadow,
        })
    }
}

impl Wire for proto::AccessRule {
    type Ir = AccessRule;

    fn encode(ir: &AccessRule) -> Self {
        let AccessRule {
            id,
            origin,
            from,
            matches,
            expires,
        } = ir;
        Self {
            id: id.to_string(),
            origin: Some(Wire::encode(origin)),
            from: encode_all(from),
            matches: encode_all(matches),
            expires: expires.map(|Timestamp(seconds)| seconds),
        }
    }

    fn decode(self) -> Result<AccessRule, InvalidMember> {
        let Self {
            id,
            origin,
            from,
            matches,
            expires,
        } = self;
        Ok(AccessRule {
            id: RuleId(id.into()),
            origin: required(origin, "AccessRule.origin")?,
            from: decode_all(from)?,
            matches: decode_all(matches)?,
            expires: expires.map(Timestamp),
        })
    }
}

impl Wire for proto::Authorizer {
    type Ir = Authorizer;

    fn encode(ir: &Authorizer) -> Self {
        let Authorizer {
            id,
            origin,
            service,
            port,
            protocol,
            timeout,
            on_failure,
            matches,
        } = ir;
        Self {
            id: id.to_string(),
            origin: Some(Wire::encode(origin)),
            service: Some(Wire::encode(service)),
            port: port.to_string(),
            protocol: protocol.number(),
            timeout: Some(Wire::encode(timeout)),
            on_failure: on_failure.number(),
            matches: encode_all(matches),
        }
    }

    fn decode(self) -> Result<Authorizer, InvalidMember> {
        let Self {
            id,
            origin,
            service,
            port,
            protocol,
            timeout,
            on_failure,
            matches,
        } = self;
        Ok(Authorizer {
            id: RuleId(id.into()),
            origin: required(origin, "Authorizer.origin")?,
            service: required(service, "Authorizer.service")?,
            port: name("Authorizer.port", &port)?,
            protocol: Enumeration::of("Authorizer.protocol", protocol)?,
            timeout: required(timeout, "Authorizer.timeout")?,
            on_failure: Enumeration::of("Authorizer.on_failure", on_failure)?,
            matches: decode_all(matches)?,
        })
    }
}

impl Wire for proto::RateLimit {
    type Ir = RateLimit;

    fn encode(ir: &RateLimit) -> Self {
        let RateLimit {
            id,
            origin,
            target,
            limits,
            provider,
        } = ir;
        Self {
            id: Some(Wire::encode(id)),
            origin: Some(Wire::encode(origin)),
            target: Some(Wire::encode(target)),
            limits: encode_all(limits),
            provider: provider.as_ref().map(Wire::encode),
        }
    }

    fn decode(self) -> Result<RateLimit, InvalidMember> {
        let Self {
            id,
            origin,
            target,
            limits,
            provider,
        } = self;
        Ok(RateLimit {
            id: required(id, "RateLimit.id")?,
            origin: required(origin, "RateLimit.origin")?,
            target: required(target, "RateLimit.target")?,
            limits: decode_all(limits)?,
            provider: optional(provider)?,
        })
    }
}

impl Wire for proto::LimitProvider {
    type Ir = LimitProvider;

    fn encode(ir: &LimitProvider) -> Self {
        let LimitProvider {
            service,
            port,
            domain,
            timeout,
            on_failure,
            origin,
        } = ir;
        Self {
            service: Some(Wire::encode(service)),
            port: port.to_string(),
            domain: domain.clone(),
            timeout: Some(Wire::encode(timeout)),
            on_failure: on_failure.number(),
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<LimitProvider, InvalidMember> {
        let Self {
            service,
            port,
            domain,
            timeout,
            on_failure,
            origin,
        } = self;
        Ok(LimitProvider {
            service: required(service, "LimitProvider.service")?,
            port: name("LimitProvider.port", &port)?,
            domain,
            timeout: required(timeout, "LimitProvider.timeout")?,
            on_failure: Enumeration::of("LimitProvider.on_failure", on_failure)?,
            origin: required(origin, "LimitProvider.origin")?,
        })
    }
}

impl Wire for proto::Limit {
    type Ir = Limit;

    fn encode(ir: &Limit) -> Self {
        let Limit {
            id,
            origin,
            from,
            matches,
            per,
            rate: Rate {
                count,
                per: interval,
            },
            burst,
            scope,
            status,
            shadow,
        } = ir;
        Self {
            id: id.to_string(),
            origin: Some(Wire::encode(origin)),
            from: encode_all(from),
            matches: encode_all(matches),
            per: encode_all(per),
            count: *count,
            interval: Some(Wire::encode(interval)),
            burst: *burst,
            status: (*status).into(),
            shadow: *shadow,
            scope: scope.number(),
        }
    }

    fn decode(self) -> Result<Limit, InvalidMember> {
        let Self {
            id,
            origin,
            from,
            matches,
            per,
            count,
            interval,
            burst,
            status,
            shadow,
            scope,
        } = self;
        Ok(Limit {
            id: RuleId(id.into()),
            origin: required(origin, "Limit.origin")?,
            from: decode_all(from)?,
            matches: decode_all(matches)?,
            per: decode_all(per)?,
            rate: Rate {
                count,
                per: required(interval, "Limit.interval")?,
            },
            burst,
            scope: Enumeration::of("Limit.scope", scope)?,
            status: narrow("Limit.status", status)?,
            shadow,
        })
    }
}
