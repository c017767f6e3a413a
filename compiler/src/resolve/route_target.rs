use mesh_ir::{Name, ObjectRef, Protocol, Scope, ServiceRef};

use super::{Program, http_port, listener_name, named_or_all, stream_port};
use crate::syntax::ast::{self, Listener, Port, Spanned, TargetScope};

/// What a `Route` is about, with the ports (or listeners) that are meant.
pub(crate) enum RouteTarget<'p> {
    /// A service.
    Service(&'p ServiceRef, Vec<&'p Port>),
    /// A gateway.
    Gateway(&'p ObjectRef, Vec<&'p Listener>),
    /// An external service.
    External(&'p ServiceRef, Vec<&'p Port>),
}

impl<'p> RouteTarget<'p> {
    /// What a document in the namespace `here` is about; `None` where that is not there.
    pub(crate) fn of(program: &'p Program, here: &Name, written: &'p ast::Target) -> Option<Self> {
        match &written.scope {
            TargetScope::Service(reference) => {
                let id = reference.value.resolve(here);
                let (id, object) = program.services.get_key_value(&id)?;
                let ports = named_or_all(&object.spec.ports, &written.ports).collect();
                Some(Self::Service(id, ports))
            }
            TargetScope::External(reference) => {
                let (id, object) = program.external(&reference.value, here)?;
                let ports = named_or_all(&object.spec.ports, &written.ports).collect();
                Some(Self::External(id, ports))
            }
            TargetScope::Gateway(reference) => {
                let (id, object) = program.gateway(&reference.value, here)?;
                let named = |it: &&Listener| {
                    written.ports.is_empty()
                        || written
                            .ports
                            .iter()
                            .any(|port| port.value == listener_name(it))
                };
                let listeners = object.spec.listeners.iter().filter(named).collect();
                Some(Self::Gateway(id, listeners))
            }
            TargetScope::All(_) => None,
        }
    }

    /// The same in the representation.
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Service(id, ..) => Scope::Service((*id).clone()),
            Self::Gateway(id, _) => Scope::Gateway((*id).clone()),
            Self::External(id, _) => Scope::External((*id).clone()),
        }
    }

    /// The names of its ports or listeners, sorted.
    pub(crate) fn ports(&self) -> Vec<Name> {
        let mut names: Vec<Name> = match self {
            Self::Service(_, ports) | Self::External(_, ports) => {
                ports.iter().map(|it| it.name.value.clone()).collect()
            }
            Self::Gateway(_, listeners) => listeners.iter().map(|it| listener_name(it)).collect(),
        };
        names.sort();
        names
    }

    /// The namespace whose defaults hold: that of what is called; at a gateway that of
    /// the document, since the gateway is not what is called.
    pub(crate) fn defaults_of<'a>(&'a self, here: &'a Name) -> &'a Name {
        match self {
            Self::Service(id, ..) | Self::External(id, _) => &id.namespace,
            Self::Gateway(..) => here,
        }
    }

    /// Whether a backend of this name is the target itself.
    pub(crate) fn is(&self, backend: &ast::BackendTarget, name: &ServiceRef) -> bool {
        match (self, backend) {
            (Self::Service(own, ..), ast::BackendTarget::Service(_))
            | (Self::External(own, _), ast::BackendTarget::External(_)) => *own == name,
            _ => false,
        }
    }

    /// What comes to its ports, in a word.
    pub(crate) fn takes(&self) -> &'static str {
        match self.first() {
            Some((_, protocol)) if !protocol.is_http() => "connections",
            _ => "requests",
        }
    }

    /// The port of a backend that a request (or connection) takes: the one that is named,
    /// else the one that fits.
    pub(crate) fn port_of<'b>(
        &self,
        ports: &'b [Port],
        named: Option<&Spanned<Name>>,
    ) -> Option<&'b Port> {
        if let Some(named) = named {
            return ports.iter().find(|port| port.name.value == named.value);
        }
        let first = self.first()?;
        if first.1.is_http() {
            http_port(ports)
        } else {
            stream_port(ports, &first.0)
        }
    }

    /// Name and protocol of the first of its ports.
    fn first(&self) -> Option<(Name, Protocol)> {
        match self {
            Self::Service(_, own) | Self::External(_, own) => {
                let first = own.iter().min_by(|a, b| a.name.value.cmp(&b.name.value))?;
                Some((first.name.value.clone(), first.protocol.value))
            }
            Self::Gateway(_, listeners) => {
                let first = listeners.iter().min_by_key(|it| listener_name(it))?;
                let protocol = first.protocol.map_or(Protocol::Http, |it| it.value);
                Some((listener_name(first), protocol))
            }
        }
    }
}
