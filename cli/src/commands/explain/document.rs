//! A document of the repository: how its rules stand to those that decide before them.

use std::fmt::Write as _;

use mesh_compiler::reach::{Left, Reach, of_access, of_route};
use mesh_ir::{Mesh, Name, ObjectRef};

/// A subject such as `Route/shop/reviews`; `None`: it is none of this shape.
pub(super) fn parse(subject: &str) -> Option<Result<Document, String>> {
    let (kind, id) = subject.split_once('/')?;
    let wanted = || format!("`{subject}` is not of the form {kind}/NAMESPACE/NAME");
    let id = || {
        let (namespace, name) = id.split_once('/')?;
        let namespace = Name::parse(namespace).ok()?;
        let name = Name::parse(name).ok()?;
        Some(ObjectRef { namespace, name })
    };
    let kind = match kind {
        "Route" => Kind::Route,
        "Access" => Kind::Access,
        other => {
            let message =
                format!("of a `{other}` no rules are explained: name a Route or an Access");
            return Some(Err(message));
        }
    };
    Some(id().map(|id| Document { kind, id }).ok_or_else(wanted))
}

/// A document with rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    kind: Kind,
    id: ObjectRef,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Route,
    Access,
}

impl Document {
    /// What there is to say of its rules; the error says that it is not there.
    pub(super) fn page(&self, mesh: &Mesh) -> Result<String, String> {
        let ObjectRef { namespace, name } = &self.id;
        let (kind, found) = match self.kind {
            Kind::Route => ("Route", of_route(mesh, &self.id)),
            Kind::Access => ("Access", of_access(mesh, &self.id)),
        };
        let found = found.ok_or_else(|| format!("there is no {kind} `{namespace}/{name}`"))?;
        let head = match self.kind {
            Kind::Route => "its rules, in the order in which they decide",
            Kind::Access => "its `allow` entries, and what denies leave of them",
        };
        let mut text = format!("{kind} {namespace}/{name}: {head}\n");
        for reach in &found {
            describe(&mut text, reach);
        }
        if found.is_empty() {
            text.push_str("\nnone\n");
        }
        Ok(text)
    }
}

fn describe(text: &mut String, reach: &Reach) {
    let Reach {
        rule,
        origin,
        before,
        left,
    } = reach;
    let mut add = |line: String| writeln!(text, "{line}").expect("strings take text");
    add(format!("\n{rule}  ({origin})"));
    for (name, origin) in before {
        add(format!("  partly taken by  {name} ({origin})"));
    }
    let still = if before.is_empty() { "" } else { "still " };
    add(match left {
        Left::Request(request) => format!("  {still}reached by  {request}"),
        Left::Nothing => "  reached by nothing".to_owned(),
        Left::Undecided(why) => format!("  undecided: {why}"),
    });
}
