use mesh_ir::Name;

use crate::diagnostic::Diagnostic;

/// The findings of a compilation for each of several environments as one list: what all
/// of them have in common once, and of anything else where it was found.
pub fn merged<'c>(
    each: impl IntoIterator<Item = (Option<&'c Name>, &'c [Diagnostic])>,
) -> Vec<Diagnostic> {
    let mut all: Vec<(Diagnostic, Vec<&'c Name>)> = Vec::new();
    let mut environments = 0;
    for (name, diagnostics) in each {
        environments += 1;
        for found in diagnostics {
            match all.iter_mut().find(|(known, _)| known == found) {
                Some((_, names)) => names.extend(name),
                None => all.push((found.clone(), name.into_iter().collect())),
            }
        }
    }
    let mut merged: Vec<Diagnostic> = all
        .into_iter()
        .map(|(found, mut names)| {
            names.dedup();
            if names.is_empty() || names.len() == environments {
                return found;
            }
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let place = format!("found for the environment {}", names.join(", "));
            match &found.help {
                Some(help) => {
                    let help = format!("{help} ({place})");
                    found.help(help)
                }
                None => found.help(place),
            }
        })
        .collect();
    merged.sort_by(Diagnostic::report_order);
    merged
}
