use mesh_ir::{HeaderEdit, HeaderEdits, Redirect, Respond};

use crate::syntax::ast::{self, Named};

/// The answer that is another place.
pub(super) fn redirect(written: &ast::Redirect) -> Redirect {
    Redirect {
        status: written.status.map_or(302, |it| it.value),
        scheme: written.scheme.as_ref().map(|it| it.value.clone()),
        host: written.host.as_ref().map(|it| it.value.clone()),
        port: written.port.map(|it| it.value),
        path: written.path.as_ref().map(|it| it.value.text.clone()),
    }
}

/// The answer itself.
pub(super) fn respond(written: &ast::Respond) -> Respond {
    Respond {
        status: written.status.value,
        headers: written
            .headers
            .iter()
            .map(|it| (it.name.value.clone(), it.value.value.clone()))
            .collect(),
        body: written
            .body
            .as_ref()
            .map_or_else(String::new, |it| it.value.clone()),
    }
}

/// Edits of one header section.
pub(super) fn edits(written: &ast::HeaderEdits) -> HeaderEdits {
    let edit = |it: &Named<String>| HeaderEdit {
        name: it.name.value.clone(),
        value: it.value.value.clone(),
    };
    HeaderEdits {
        set: written.set.iter().map(edit).collect(),
        add: written.add.iter().map(edit).collect(),
        remove: written.remove.iter().map(|it| it.value.clone()).collect(),
    }
}
