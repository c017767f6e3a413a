use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// Variables make a file of a few kilobytes as large as its author likes.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1010),
    title: "variables make a file too large",
    severity: Severity::Error,
    page: include_str!("../../../../../docs/diagnostics/M1010.md"),
};

/// The text where the bound was met.
pub(in crate::syntax::overlay) fn error(at: Span, limit: usize) -> Diagnostic {
    let message = format!("variables add more than {limit} bytes to this file");
    Diagnostic::new(&INFO, at, message).help("shorten the variable, or use it less often")
}

#[cfg(test)]
mod tests {
    use crate::testing::codes_of;

    #[test]
    fn what_variables_add_to_a_file_is_bounded() {
        let long = "x".repeat(2 << 20);
        let uses = "$(a)".repeat(9);
        let environment = format!(
            "kind: Environment\nmetadata: {{name: e}}\nspec: {{variables: {{a: {long}}}}}\n"
        );
        let mesh = "kind: Mesh\nmetadata: {name: m}\nspec: {trustDomain: a.example}\n";
        let team = format!(
            "kind: Team\nmetadata: {{name: t}}\nspec: {{owns: {{mesh: true, directories: [.]}}, contact: \"{uses}\"}}\n"
        );
        let files = [
            ("e.yaml", &*environment),
            ("m.yaml", mesh),
            ("t.yaml", &team),
        ];
        assert_eq!(codes_of(&files), ["M1010"]);
    }
}
