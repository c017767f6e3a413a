use std::fmt::Write as _;

use mesh_ir::Name;
use sha2::{Digest as _, Sha256};

use crate::diagnostic::Span;
use crate::syntax::ast::Listener;

/// What a listener is called: its name, or `l` and a short hash of where it listens for
/// whom; never its position.
pub(crate) fn listener_name(listener: &Listener) -> Name {
    if let Some(name) = &listener.name {
        return name.value.clone();
    }
    let mut hash = Sha256::new();
    hash.update(listener.port.value.to_be_bytes());
    for address in &listener.addresses {
        hash.update(address.value.to_string());
        hash.update(b" ");
    }
    for host in &listener.hosts {
        hash.update(host.value.to_string());
        hash.update(b" ");
    }
    let mut text = "l".to_owned();
    for byte in &hash.finalize()[..4] {
        write!(text, "{byte:02x}").expect("a string takes every text");
    }
    Name::parse(&text).expect("a letter and hexadecimal digits are a name")
}

/// Where a listener is pointed at.
pub(crate) fn listener_span(listener: &Listener) -> Span {
    let name = listener.name.as_ref();
    name.map_or(listener.span.start(), |it| it.span)
}
