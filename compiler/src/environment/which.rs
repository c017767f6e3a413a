use mesh_ir::Name;

use super::{Declared, documents};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Place, Severity};
use crate::syntax::{Parsed, closest};

/// Several environments, and nothing says which; or one that is not there.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1001),
    title: "no such environment, or none was named",
    severity: Severity::Error,
    page: include_str!("../../../docs/diagnostics/M1001.md"),
};

/// The environment to compile for; `None` where none is declared and none wanted.
pub(super) fn choose<'p>(
    parsed: &'p Parsed,
    wanted: Option<&Name>,
) -> Result<Option<Declared<'p>>, Box<Diagnostic>> {
    let mut all: Vec<Declared<'p>> = documents(parsed).collect();
    all.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    all.dedup_by(|a, b| a.name.value == b.name.value);
    match (wanted, &all[..]) {
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(*only)),
        (None, several) => Err(Box::new(unnamed(several))),
        (Some(wanted), _) => {
            let found = all.iter().find(|it| it.name.value == *wanted);
            found
                .map(|it| Some(*it))
                .ok_or_else(|| Box::new(unknown(wanted, &all)))
        }
    }
}

fn unnamed(several: &[Declared<'_>]) -> Diagnostic {
    let names: Vec<&str> = several.iter().map(|it| it.name.value.as_str()).collect();
    let message = "there are several environments, and none was named";
    let found = Diagnostic::at(&INFO, Place::Repository, message);
    let found = found.help(format!(
        "name one with `--environment`: {}",
        names.join(", ")
    ));
    several.iter().fold(found, |found, it| {
        found.label(it.name.span, format!("`{}` is one", it.name.value))
    })
}

fn unknown(wanted: &Name, all: &[Declared<'_>]) -> Diagnostic {
    let message = format!("there is no environment `{wanted}`");
    let found = Diagnostic::at(&INFO, Place::Repository, message);
    let names = all.iter().map(|it| it.name.value.as_str());
    match (closest(wanted.as_str(), names.clone()), all) {
        (Some(near), _) => found.help(format!("did you mean `{near}`?")),
        (None, []) => found.help("leave the environment out: this repository declares none"),
        (None, _) => found.help(format!(
            "there are {}",
            names.collect::<Vec<_>>().join(", ")
        )),
    }
}
