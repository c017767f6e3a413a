use mesh_ir::{Access, AccessRule, Limit, Rate, RateLimit, RuleId, Timestamp};

use super::{Wire, decode_all, encode_all, narrow, required};
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
            authorizer: _,
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
        } = self;
        Ok(Access {
            id: required(id, "Access.id")?,
            origin: required(origin, "Access.origin")?,
            target: required(target, "Access.target")?,
            allow: decode_all(allow)?,
            deny: decode_all(deny)?,
            audit: decode_all(audit)?,
            authorizer: None,
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

impl Wire for proto::RateLimit {
    type Ir = RateLimit;

    fn encode(ir: &RateLimit) -> Self {
        let RateLimit {
            id,
            origin,
            target,
            limits,
            provider: _,
        } = ir;
        Self {
            id: Some(Wire::encode(id)),
            origin: Some(Wire::encode(origin)),
            target: Some(Wire::encode(target)),
            limits: encode_all(limits),
        }
    }

    fn decode(self) -> Result<RateLimit, InvalidMember> {
        let Self {
            id,
            origin,
            target,
            limits,
        } = self;
        Ok(RateLimit {
            id: required(id, "RateLimit.id")?,
            origin: required(origin, "RateLimit.origin")?,
            target: required(target, "RateLimit.target")?,
            limits: decode_all(limits)?,
            provider: None,
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
            scope: _,
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
            scope: mesh_ir::LimitScope::Proxy,
            status: narrow("Limit.status", status)?,
            shadow,
        })
    }
}
