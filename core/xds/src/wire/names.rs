use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mesh_ir::{Name, ObjectRef, Origin, Place, ServiceRef};

use super::{Wire, optional, text};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

/// A [`Name`] in a field.
pub(super) fn name(field: &'static str, value: &str) -> Result<Name, InvalidMember> {
    text(field, value, Name::parse)
}

/// A socket address in a field.
pub(super) fn address(field: &'static str, value: &str) -> Result<SocketAddr, InvalidMember> {
    text(field, value, str::parse)
}

impl Wire for proto::ServiceRef {
    type Ir = ServiceRef;

    fn encode(ir: &ServiceRef) -> Self {
        let ServiceRef { namespace, name } = ir;
        Self {
            namespace: namespace.to_string(),
            name: name.to_string(),
        }
    }

    fn decode(self) -> Result<ServiceRef, InvalidMember> {
        Ok(ServiceRef {
            namespace: name("ServiceRef.namespace", &self.namespace)?,
            name: name("ServiceRef.name", &self.name)?,
        })
    }
}

impl Wire for proto::ObjectRef {
    type Ir = ObjectRef;

    fn encode(ir: &ObjectRef) -> Self {
        let ObjectRef { namespace, name } = ir;
        Self {
            namespace: namespace.to_string(),
            name: name.to_string(),
        }
    }

    fn decode(self) -> Result<ObjectRef, InvalidMember> {
        Ok(ObjectRef {
            namespace: name("ObjectRef.namespace", &self.namespace)?,
            name: name("ObjectRef.name", &self.name)?,
        })
    }
}

impl Wire for proto::Origin {
    type Ir = Origin;

    fn encode(ir: &Origin) -> Self {
        let Origin {
            file,
            line,
            column,
            patch,
        } = ir;
        Self {
            file: file.to_string(),
            line: *line,
            column: *column,
            patch: patch.as_deref().map(Wire::encode),
        }
    }

    fn decode(self) -> Result<Origin, InvalidMember> {
        let Self {
            file,
            line,
            column,
            patch,
        } = self;
        Ok(Origin {
            file: file.into(),
            line,
            column,
            patch: optional(patch)?.map(Arc::new),
        })
    }
}

impl Wire for proto::Place {
    type Ir = Place;

    fn encode(ir: &Place) -> Self {
        let Place { file, line, column } = ir;
        Self {
            file: file.to_string(),
            line: *line,
            column: *column,
        }
    }

    fn decode(self) -> Result<Place, InvalidMember> {
        let Self { file, line, column } = self;
        Ok(Place {
            file: file.into(),
            line,
            column,
        })
    }
}

impl Wire for proto::Duration {
    type Ir = Duration;

    fn encode(ir: &Duration) -> Self {
        Self {
            seconds: ir.as_secs(),
            nanos: ir.subsec_nanos(),
        }
    }

    fn decode(self) -> Result<Duration, InvalidMember> {
        let Self { seconds, nanos } = self;
        if nanos >= 1_000_000_000 {
            return Err(InvalidMember::OutOfRange {
                field: "Duration.nanos",
                value: nanos.into(),
            });
        }
        Ok(Duration::new(seconds, nanos))
    }
}

impl Wire for proto::Label {
    type Ir = (String, String);

    fn encode((key, value): &(String, String)) -> Self {
        Self {
            key: key.clone(),
            value: value.clone(),
        }
    }

    fn decode(self) -> Result<(String, String), InvalidMember> {
        let Self { key, value } = self;
        Ok((key, value))
    }
}

impl Wire for proto::PortAddress {
    type Ir = (Name, SocketAddr);

    fn encode((port, address): &(Name, SocketAddr)) -> Self {
        Self {
            port: port.to_string(),
            address: address.to_string(),
        }
    }

    fn decode(self) -> Result<(Name, SocketAddr), InvalidMember> {
        Ok((
            name("PortAddress.port", &self.port)?,
            address("PortAddress.address", &self.address)?,
        ))
    }
}
