//! Diagnostics as text for people and for machines.
//!
//! All take diagnostics in report order and the sources they point into.

//!
//! The formats of other tools are written from [`Finding`]s, so that whatever else has
//! something to say of a repository says it in the same way.

mod concise;
mod finding;
mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;

pub use concise::concise;
pub use finding::{Finding, Level, Location, Mark, Region, findings};
pub use github::github;
pub use gitlab::gitlab;
pub use human::{Colour, human};
pub use json::{Record, json, records};
pub use junit::{Suite, TestCase, TestOutcome, junit, suite_of};
pub use markdown::markdown;
pub(crate) use markdown::{code, entities};
pub use sarif::sarif;

#[cfg(test)]
mod machines;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, CodeInfo, Diagnostic, FileId, Place, Severity, Span};
    use crate::{SourceFile, SourceSet, Sources};

    const INFO: CodeInfo = CodeInfo {
        code: Code(999),
        title: "a test",
        severity: Severity::Error,
        page: "",
    };

    fn example() -> (Vec<Diagnostic>, Sources) {
        let set = SourceSet {
            files: vec![
                SourceFile::new("a.yaml", "kind: Mesh\nspec: {é: 1, b: 2}\n".as_bytes()),
                SourceFile::new("b.yaml", "other\n".as_bytes()),
            ],
            ..SourceSet::default()
        };
        let span = |file, start, end| Span {
            file: FileId(file),
            start,
            end,
        };
        let found = vec![
            Diagnostic::new(&INFO, span(0, 25, 26), "`b` is no field")
                .marked("not known")
                .label(span(0, 6, 10), "of this kind")
                .label(span(1, 0, 5), "and here")
                .help("remove it"),
            Diagnostic::at(
                &INFO,
                Place::Path("c.yaml".into()),
                "a link is not followed",
            ),
        ];
        (found, Sources::new(&set))
    }

    #[test]
    fn concise_is_one_line_each() {
        let (found, sources) = example();
        let lines = "a.yaml:2:14: error[M0999]: `b` is no field
c.yaml:1:1: error[M0999]: a link is not followed
";
        assert_eq!(concise(&found, &sources), lines);
    }

    #[test]
    fn json_counts_columns_in_characters() {
        let (found, sources) = example();
        let text = json(&found, &sources);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let expected = serde_json::json!({
            "code": "M0999", "severity": "error", "message": "`b` is no field",
            "help": "remove it", "file": "a.yaml",
            "line": 2, "column": 14, "end_line": 2, "end_column": 15,
        });
        assert_eq!(value["diagnostics"][0], expected);
        assert_eq!(value["diagnostics"][1]["help"], serde_json::Value::Null);
    }

    #[test]
    fn human_shows_the_lines_and_what_to_do() {
        let (found, sources) = example();
        let text = human(&found, &sources, Colour::Never);
        let expected = "error[M0999]: `b` is no field
 --> a.yaml:2:14
  |
1 | kind: Mesh
  |       ---- of this kind
2 | spec: {é: 1, b: 2}
  |              ^ not known
  |
 ::: b.yaml:1:1
  |
1 | other
  | ----- and here
  |
  = help: remove it

error[M0999]: a link is not followed
--> c.yaml

";
        assert_eq!(text, expected);
        assert!(human(&found, &sources, Colour::Always).contains("\u{1b}["));
    }
}
