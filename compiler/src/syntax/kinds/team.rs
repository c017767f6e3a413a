use crate::syntax::ast::{Owns, Spanned, Team};
use crate::syntax::decode::scalar::{only_true, parsed};
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{name, owned_host, text};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a Team",
    fields: &["owns", "contact"],
};

pub(in crate::syntax) const OWNS: Shape = Shape {
    what: "`owns`",
    fields: &["mesh", "directories", "namespaces", "hosts"],
};

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Team> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let owns = fields.required("owns", owns);
    let contact = fields.optional("contact", text);
    fields.end()?;
    Ok(Team {
        owns: owns?,
        contact: contact?,
    })
}

fn owns(node: &Node<'_>, report: &mut Report) -> Read<Owns> {
    let mut fields = Fields::open(node, &OWNS, report)?;
    let mesh = fields.optional("mesh", only_true);
    let directories = fields.list("directories", directory);
    let namespaces = fields.list("namespaces", name);
    let hosts = fields.list("hosts", owned_host);
    fields.end()?;
    Ok(Owns {
        mesh: mesh?.map(|it| it.span),
        directories: directories?,
        namespaces: namespaces?,
        hosts: hosts?,
        span: node.span,
    })
}

/// A directory as a path of a file begins with it; `.` is all of it.
fn directory(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    parsed(node, report, "a directory", |text| {
        let is_part = |part: &str| !matches!(part, "" | "." | "..");
        if text == "." || text.split('/').all(is_part) {
            Ok(text.to_owned())
        } else {
            Err("relative to the directory of intents, without `.`, `..` or a slash at its ends")
        }
    })
}
