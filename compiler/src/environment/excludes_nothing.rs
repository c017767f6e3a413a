use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::sources::Sources;
use crate::syntax::ast::Environment;

/// A path that means no file: what was meant to be left out is compiled.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1008),
    title: "an exclusion excludes no file",
    severity: Severity::Warning,
    page: include_str!("../../../docs/diagnostics/M1008.md"),
};

/// Entries of `exclude` that no file of the repository matches.
pub(super) fn check(spec: &Environment, sources: &Sources, out: &mut Vec<Diagnostic>) {
    for glob in &spec.exclude {
        let mut paths = sources.files().map(|(_, file)| &file.path);
        if !paths.any(|path| glob.value.matches(path)) {
            let message = format!("no file matches `{}`", glob.value.as_str());
            out.push(Diagnostic::new(&INFO, glob.span, message).help(
                "write a path from the directory of intents: `teams/labs/**` or a whole file name",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_files;

    #[test]
    fn what_is_excluded_is_there() {
        let environment = "
kind: Environment
metadata: {name: staging}
spec:
  exclude:
    - labs/**
    - lab/** # expect: M1008
";
        let broken = "
kind: Service
metadata: {name: a, namespace: labs}
spec: {ports: {http: 80}, calls: [{service: nobody}]}
";
        check_files(&[("e.yaml", environment), ("labs/a.yaml", broken)]);
    }
}
