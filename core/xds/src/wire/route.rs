use mesh_ir::{
    Action, Cors, HeaderEdit, HeaderEdits, Host, Rank, Redirect, Respond, Rewrite, Route,
    RouteRule, RuleId,
};

use super::{Wire, decode_all, encode_all, narrow, optional, required, text};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::Route {
    type Ir = Route;

    fn encode(ir: &Route) -> Self {
        let Route {
            id,
            origin,
            target,
            rules,
        } = ir;
        Self {
            id: Some(Wire::encode(id)),
            origin: Some(Wire::encode(origin)),
            target: Some(Wire::encode(target)),
            rules: encode_all(rules),
        }
    }

    fn decode(self) -> Result<Route, InvalidMember> {
        let Self {
            id,
            origin,
            target,
            rules,
        } = self;
        Ok(Route {
            id: required(id, "Route.id")?,
            origin: required(origin, "Route.origin")?,
            target: required(target, "Route.target")?,
            rules: decode_all(rules)?,
        })
    }
}

impl Wire for proto::RouteRule {
    type Ir = RouteRule;

    fn encode(ir: &RouteRule) -> Self {
        use proto::route_rule::Action as Message;
        let RouteRule {
            id,
            origin,
            rank: Rank { priority, depth },
            from,
            matches,
            action,
            cors,
        } = ir;
        Self {
            id: id.to_string(),
            origin: Some(Wire::encode(origin)),
            priority: *priority,
            depth: *depth,
            from: encode_all(from),
            matches: encode_all(matches),
            action: Some(match action {
                Action::Forward(it) => Message::Forward(Wire::encode(it)),
                Action::Respond(it) => Message::Respond(Wire::encode(it)),
                Action::Redirect(it) => Message::Redirect(Wire::encode(it)),
            }),
            cors: cors.as_ref().map(Wire::encode),
        }
    }

    fn decode(self) -> Result<RouteRule, InvalidMember> {
        use proto::route_rule::Action as Message;
        let Self {
            id,
            origin,
            priority,
            depth,
            from,
            matches,
            action,
            cors,
        } = self;
        Ok(RouteRule {
            id: RuleId(id.into()),
            origin: required(origin, "RouteRule.origin")?,
            rank: Rank { priority, depth },
            from: decode_all(from)?,
            matches: decode_all(matches)?,
            action: match action.ok_or(InvalidMember::Missing("RouteRule.action"))? {
                Message::Forward(it) => Action::Forward(Wire::decode(it)?),
                Message::Respond(it) => Action::Respond(Wire::decode(it)?),
                Message::Redirect(it) => Action::Redirect(Wire::decode(it)?),
            },
            cors: optional(cors)?,
        })
    }
}

impl Wire for proto::Cors {
    type Ir = Cors;

    fn encode(ir: &Cors) -> Self {
        let Cors {
            origins,
            methods,
            headers,
            expose,
            max_age,
            credentials,
            origin,
        } = ir;
        Self {
            origins: encode_all(origins),
            methods: methods.clone(),
            headers: headers.clone(),
            expose: expose.clone(),
            max_age: max_age.as_ref().map(Wire::encode),
            credentials: *credentials,
            origin: Some(Wire::encode(origin)),
        }
    }

    fn decode(self) -> Result<Cors, InvalidMember> {
        let Self {
            origins,
            methods,
            headers,
            expose,
            max_age,
            credentials,
            origin,
        } = self;
        Ok(Cors {
            origins: decode_all(origins)?,
            methods,
            headers,
            expose,
            max_age: optional(max_age)?,
            credentials,
            origin: required(origin, "Cors.origin")?,
        })
    }
}

impl Wire for proto::Rewrite {
    type Ir = Rewrite;

    fn encode(ir: &Rewrite) -> Self {
        let Rewrite { path, host } = ir;
        Self {
            path: path.clone(),
            host: host.as_ref().map(ToString::to_string),
        }
    }

    fn decode(self) -> Result<Rewrite, InvalidMember> {
        let Self { path, host } = self;
        Ok(Rewrite {
            path,
            host: decode_host("Rewrite.host", host)?,
        })
    }
}

fn decode_host(field: &'static str, host: Option<String>) -> Result<Option<Host>, InvalidMember> {
    host.map(|host| text(field, &host, Host::parse)).transpose()
}

impl Wire for proto::Redirect {
    type Ir = Redirect;

    fn encode(ir: &Redirect) -> Self {
        let Redirect {
            status,
            scheme,
            host,
            port,
            path,
        } = ir;
        Self {
            status: (*status).into(),
            scheme: scheme.clone(),
            host: host.as_ref().map(ToString::to_string),
            port: port.map(Into::into),
            path: path.clone(),
        }
    }

    fn decode(self) -> Result<Redirect, InvalidMember> {
        let Self {
            status,
            scheme,
            host,
            port,
            path,
        } = self;
        Ok(Redirect {
            status: narrow("Redirect.status", status)?,
            scheme,
            host: decode_host("Redirect.host", host)?,
            port: port.map(|it| narrow("Redirect.port", it)).transpose()?,
            path,
        })
    }
}

impl Wire for proto::Respond {
    type Ir = Respond;

    fn encode(ir: &Respond) -> Self {
        let Respond {
            status,
            headers,
            body,
        } = ir;
        let header = |(name, value): &(String, String)| proto::HeaderEdit {
            name: name.clone(),
            value: value.clone(),
        };
        Self {
            status: (*status).into(),
            headers: headers.iter().map(header).collect(),
            body: body.clone(),
        }
    }

    fn decode(self) -> Result<Respond, InvalidMember> {
        let Self {
            status,
            headers,
            body,
        } = self;
        let header = |proto::HeaderEdit { name, value }| (name, value);
        Ok(Respond {
            status: narrow("Respond.status", status)?,
            headers: headers.into_iter().map(header).collect(),
            body,
        })
    }
}

impl Wire for proto::HeaderEdits {
    type Ir = HeaderEdits;

    fn encode(ir: &HeaderEdits) -> Self {
        let HeaderEdits { set, add, remove } = ir;
        Self {
            set: encode_all(set),
            add: encode_all(add),
            remove: remove.clone(),
        }
    }

    fn decode(self) -> Result<HeaderEdits, InvalidMember> {
        let Self { set, add, remove } = self;
        Ok(HeaderEdits {
            set: decode_all(set)?,
            add: decode_all(add)?,
            remove,
        })
    }
}

impl Wire for proto::HeaderEdit {
    type Ir = HeaderEdit;

    fn encode(ir: &HeaderEdit) -> Self {
        let HeaderEdit { name, value } = ir;
        Self {
            name: name.clone(),
            value: value.clone(),
        }
    }

    fn decode(self) -> Result<HeaderEdit, InvalidMember> {
        let Self { name, value } = self;
        Ok(HeaderEdit { name, value })
    }
}
