use mesh_ir::{
    CallerMatch, HostPattern, Key, NamedValue, PathPattern, RequestMatch, Scope, SpiffeId,
    SpiffePattern, Target, TokenMatch, ValueMatch, Who,
};

use super::names::name;
use super::{Wire, decode_all, encode_all, narrow, optional, print_all, required, text, texts};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

const NOTHING: proto::Nothing = proto::Nothing {};

impl Wire for proto::CallerMatch {
    type Ir = CallerMatch;

    fn encode(ir: &CallerMatch) -> Self {
        use proto::caller_match::Who as Message;
        let CallerMatch {
            who,
            cidr,
            token,
            not,
        } = ir;
        Self {
            who: Some(match who {
                Who::Service {
                    service,
                    identities,
                } => Message::Service(proto::ServiceCaller {
                    service: Some(Wire::encode(service)),
                    identities: print_all(identities),
                }),
                Who::Gateway {
                    gateway,
                    identities,
                } => Message::Gateway(proto::GatewayCaller {
                    gateway: Some(Wire::encode(gateway)),
                    identities: print_all(identities),
                }),
                Who::Namespace(namespace) => Message::Namespace(namespace.to_string()),
                Who::Identity(pattern) => Message::Identity(pattern.to_string()),
                Who::Authenticated => Message::Authenticated(NOTHING),
                Who::Anyone => Message::Anyone(NOTHING),
            }),
            cidr: print_all(cidr),
            token: token.as_ref().map(Wire::encode),
            not: encode_all(not),
        }
    }

    fn decode(self) -> Result<CallerMatch, InvalidMember> {
        use proto::caller_match::Who as Message;
        let Self {
            who,
            cidr,
            token,
            not,
        } = self;
        Ok(CallerMatch {
            who: match who.ok_or(InvalidMember::Missing("CallerMatch.who"))? {
                Message::Service(proto::ServiceCaller {
                    service,
                    identities,
                }) => Who::Service {
                    service: required(service, "ServiceCaller.service")?,
                    identities: texts("ServiceCaller.identities", &identities, SpiffeId::parse)?,
                },
                Message::Gateway(proto::GatewayCaller {
                    gateway,
                    identities,
                }) => Who::Gateway {
                    gateway: required(gateway, "GatewayCaller.gateway")?,
                    identities: texts("GatewayCaller.identities", &identities, SpiffeId::parse)?,
                },
                Message::Namespace(it) => Who::Namespace(name("CallerMatch.namespace", &it)?),
                Message::Identity(it) => {
                    Who::Identity(text("CallerMatch.identity", &it, SpiffePattern::parse)?)
                }
                Message::Authenticated(proto::Nothing {}) => Who::Authenticated,
                Message::Anyone(proto::Nothing {}) => Who::Anyone,
            },
            cidr: texts("CallerMatch.cidr", &cidr, str::parse::<ipnet::IpNet>)?,
            token: optional(token)?,
            not: decode_all(not)?,
        })
    }
}

impl Wire for proto::TokenMatch {
    type Ir = TokenMatch;

    fn encode(ir: &TokenMatch) -> Self {
        let TokenMatch { issuer, claims } = ir;
        Self {
            issuer: Some(Wire::encode(issuer)),
            claims: encode_all(claims),
        }
    }

    fn decode(self) -> Result<TokenMatch, InvalidMember> {
        let Self { issuer, claims } = self;
        Ok(TokenMatch {
            issuer: required(issuer, "TokenMatch.issuer")?,
            claims: decode_all(claims)?,
        })
    }
}

impl Wire for proto::Target {
    type Ir = Target;

    fn encode(ir: &Target) -> Self {
        use proto::target::Scope as Message;
        let Target {
            scope,
            ports,
            hosts,
        } = ir;
        Self {
            scope: Some(match scope {
                Scope::Service(service) => Message::Service(Wire::encode(service)),
                Scope::Namespace(namespace) => Message::Namespace(namespace.to_string()),
                Scope::Mesh => Message::Mesh(NOTHING),
                Scope::Gateway(gateway) => Message::Gateway(Wire::encode(gateway)),
                Scope::External(service) => Message::External(Wire::encode(service)),
            }),
            ports: print_all(ports),
            hosts: print_all(hosts),
        }
    }

    fn decode(self) -> Result<Target, InvalidMember> {
        use proto::target::Scope as Message;
        let Self {
            scope,
            ports,
            hosts,
        } = self;
        Ok(Target {
            scope: match scope.ok_or(InvalidMember::Missing("Target.scope"))? {
                Message::Service(service) => Scope::Service(Wire::decode(service)?),
                Message::Namespace(it) => Scope::Namespace(name("Target.namespace", &it)?),
                Message::Mesh(proto::Nothing {}) => Scope::Mesh,
                Message::Gateway(gateway) => Scope::Gateway(Wire::decode(gateway)?),
                Message::External(service) => Scope::External(Wire::decode(service)?),
            },
            ports: texts("Target.ports", &ports, mesh_ir::Name::parse)?,
            hosts: texts("Target.hosts", &hosts, HostPattern::parse)?,
        })
    }
}

impl Wire for proto::RequestMatch {
    type Ir = RequestMatch;

    fn encode(ir: &RequestMatch) -> Self {
        let RequestMatch {
            methods,
            paths,
            headers,
            query,
            cookies,
            not,
        } = ir;
        Self {
            methods: methods.clone(),
            paths: encode_all(paths),
            headers: encode_all(headers),
            query: encode_all(query),
            cookies: encode_all(cookies),
            not: encode_all(not),
        }
    }

    fn decode(self) -> Result<RequestMatch, InvalidMember> {
        let Self {
            methods,
            paths,
            headers,
            query,
            cookies,
            not,
        } = self;
        Ok(RequestMatch {
            methods,
            paths: decode_all(paths)?,
            headers: decode_all(headers)?,
            query: decode_all(query)?,
            cookies: decode_all(cookies)?,
            not: decode_all(not)?,
        })
    }
}

impl Wire for proto::PathPattern {
    type Ir = PathPattern;

    fn encode(ir: &PathPattern) -> Self {
        use proto::path_pattern::Pattern;
        Self {
            pattern: Some(match ir {
                PathPattern::Segments {
                    segments: _,
                    below: _,
                    slash: _,
                } => Pattern::Segments(ir.to_string()),
                PathPattern::Regex(regex) => Pattern::Regex(regex.clone()),
            }),
        }
    }

    fn decode(self) -> Result<PathPattern, InvalidMember> {
        use proto::path_pattern::Pattern;
        match self
            .pattern
            .ok_or(InvalidMember::Missing("PathPattern.pattern"))?
        {
            Pattern::Segments(it) => text("PathPattern.segments", &it, PathPattern::parse),
            Pattern::Regex(regex) => Ok(PathPattern::Regex(regex)),
        }
    }
}

impl Wire for proto::NamedValue {
    type Ir = NamedValue;

    fn encode(ir: &NamedValue) -> Self {
        let NamedValue { name, value } = ir;
        Self {
            name: name.clone(),
            value: Some(Wire::encode(value)),
        }
    }

    fn decode(self) -> Result<NamedValue, InvalidMember> {
        let Self { name, value } = self;
        Ok(NamedValue {
            name,
            value: required(value, "NamedValue.value")?,
        })
    }
}

impl Wire for proto::ValueMatch {
    type Ir = ValueMatch;

    fn encode(ir: &ValueMatch) -> Self {
        use proto::value_match::Value;
        Self {
            value: Some(match ir {
                ValueMatch::Exact(text) => Value::Exact(text.clone()),
                ValueMatch::Prefix(text) => Value::Prefix(text.clone()),
                ValueMatch::Suffix(text) => Value::Suffix(text.clone()),
                ValueMatch::Regex(text) => Value::Regex(text.clone()),
                ValueMatch::In(texts) => Value::In(proto::Texts {
                    texts: texts.clone(),
                }),
                ValueMatch::Present => Value::Present(NOTHING),
                ValueMatch::Absent => Value::Absent(NOTHING),
            }),
        }
    }

    fn decode(self) -> Result<ValueMatch, InvalidMember> {
        use proto::value_match::Value;
        let Self { value } = self;
        Ok(
            match value.ok_or(InvalidMember::Missing("ValueMatch.value"))? {
                Value::Exact(text) => ValueMatch::Exact(text),
                Value::Prefix(text) => ValueMatch::Prefix(text),
                Value::Suffix(text) => ValueMatch::Suffix(text),
                Value::Regex(text) => ValueMatch::Regex(text),
                Value::In(proto::Texts { texts }) => ValueMatch::In(texts),
                Value::Present(proto::Nothing {}) => ValueMatch::Present,
                Value::Absent(proto::Nothing {}) => ValueMatch::Absent,
            },
        )
    }
}

impl Wire for proto::Key {
    type Ir = Key;

    fn encode(ir: &Key) -> Self {
        use proto::key::Key as Message;
        Self {
            key: Some(match ir {
                Key::Caller => Message::Caller(NOTHING),
                Key::Address => Message::Address(NOTHING),
                Key::Header(name) => Message::Header(name.clone()),
                Key::Query(name) => Message::Query(name.clone()),
                Key::Cookie(name) => Message::Cookie(name.clone()),
                Key::Claim(name) => Message::Claim(name.clone()),
                Key::Capture(index) => Message::Capture((*index).into()),
            }),
        }
    }

    fn decode(self) -> Result<Key, InvalidMember> {
        use proto::key::Key as Message;
        Ok(match self.key.ok_or(InvalidMember::Missing("Key.key"))? {
            Message::Caller(proto::Nothing {}) => Key::Caller,
            Message::Address(proto::Nothing {}) => Key::Address,
            Message::Header(name) => Key::Header(name),
            Message::Query(name) => Key::Query(name),
            Message::Cookie(name) => Key::Cookie(name),
            Message::Claim(name) => Key::Claim(name),
            Message::Capture(index @ 1..=9) => Key::Capture(narrow("Key.capture", index)?),
            Message::Capture(index) => {
                return Err(InvalidMember::OutOfRange {
                    field: "Key.capture",
                    value: index.into(),
                });
            }
        })
    }
}
