//! The formats of other tools, held to what those tools ask for.

use super::*;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, FileId, Place, Severity, Span};
use crate::{SourceFile, SourceSet, Sources};

const INFO: CodeInfo = CodeInfo {
    code: Code(101),
    title: "a test",
    severity: Severity::Error,
    page: "",
};

const TEXT: &str = "kind: Mesh\nspec: {𝄞: 1, b: 2}\n";

fn example() -> (Vec<Diagnostic>, Sources) {
    named("a b.yaml", TEXT)
}

fn named(path: &str, text: &str) -> (Vec<Diagnostic>, Sources) {
    let set = SourceSet {
        files: vec![SourceFile::new(path, text.as_bytes())],
        ..SourceSet::default()
    };
    let at = u32::try_from(text.find("b: 2").unwrap()).unwrap();
    let span = |start, end| Span {
        file: FileId(0),
        start,
        end,
    };
    let field = span(at, at + 1);
    let found = vec![
        Diagnostic::new(&INFO, field, "`b` is 100% <no>, field:\nreally")
            .label(span(0, 4), "of this kind")
            .help("remove `b`, or \"rename\" it & go on")
            .fix(field, "c"),
        Diagnostic::at(
            &INFO,
            Place::Path("c.yaml".into()),
            "a link is not followed",
        ),
        Diagnostic::at(&INFO, Place::Repository, "there is no `Mesh`"),
    ];
    (found, Sources::new(&set))
}

fn found() -> Vec<Finding> {
    let (diagnostics, sources) = example();
    findings(&diagnostics, &sources)
}

fn log(findings: &[Finding]) -> serde_json::Value {
    serde_json::from_str(&sarif(findings, "intents/")).unwrap()
}

#[test]
fn sarif_is_valid_by_the_schema_of_the_standard() {
    let schema = include_str!("../../tests/fixtures/sarif-2.1.0.json");
    // The one pattern that is no regular expression, as the errata of the standard have it.
    let schema = schema.replace(
        "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$",
        "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$",
    );
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::draft4::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    for findings in [found(), vec![]] {
        let log = log(&findings);
        let wrong: Vec<_> = validator
            .iter_errors(&log)
            .map(|it| it.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}\n{log:#}");
    }
    assert!(!validator.is_valid(&serde_json::json!({"version": "2.1.0"})));
}

#[test]
fn sarif_counts_columns_in_utf16_and_escapes_paths() {
    let result = &log(&found())["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "intents/a%20b.yaml");
    assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    let column = TEXT.lines().nth(1).unwrap().split("b: 2").next().unwrap();
    let column = column.encode_utf16().count() + 1;
    let region = serde_json::json!({
        "startLine": 2, "startColumn": column, "endLine": 2, "endColumn": column + 1,
    });
    assert_eq!(place["region"], region);
    let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["deletedRegion"], region);
    assert_eq!(change["insertedContent"]["text"], "c");
    assert_eq!(result["ruleIndex"], 0);
    assert_eq!(log(&found())["runs"][0]["columnKind"], "utf16CodeUnits");
}

#[test]
fn fingerprints_stay_when_lines_move_and_differ_between_findings() {
    let prints = |found: &(Vec<Diagnostic>, Sources)| {
        fingerprint::fingerprints(&findings(&found.0, &found.1))
    };
    let before = prints(&example());
    let mut distinct = before.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), before.len());
    let moved = format!("# new\n\n{TEXT}");
    let (mut found, sources) = named("a b.yaml", &moved);
    assert_eq!(prints(&(found.clone(), sources.clone())), before);
    // Two that are alike have two names.
    found.push(found[0].clone());
    let twice = prints(&(found, sources));
    assert_eq!(twice[..3], before);
    assert_ne!(twice[3], before[0]);
}

#[test]
fn github_commands_are_one_line_each_and_escaped() {
    let text = github(&found(), "");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    let title = INFO.title;
    let expected = format!(
        "::error file=a b.yaml,line=2,endLine=2,col=14,endColumn=15,title=M0101%3A {title}::\
         `b` is 100%25 <no>, field:%0Areally%0Aremove `b`, or \"rename\" it & go on"
    );
    assert_eq!(lines[0], expected);
    assert!(lines[1].starts_with("::error file=c.yaml,title="));
    assert!(lines[2].starts_with("::error title="));
}

#[test]
fn gitlab_issues_have_what_its_reports_need() {
    let issues: serde_json::Value = serde_json::from_str(&gitlab(&found(), "x/")).unwrap();
    assert_eq!(issues[0]["location"]["path"], "x/a b.yaml");
    assert_eq!(issues[0]["location"]["lines"]["begin"], 2);
    assert_eq!(issues[1]["location"]["path"], "x/c.yaml");
    assert_eq!(issues[2]["location"]["path"], "x");
    for issue in issues.as_array().unwrap() {
        assert_eq!(issue["severity"], "major");
        assert_eq!(issue["check_name"], "M0101");
        assert_eq!(issue["fingerprint"].as_str().unwrap().len(), 32);
    }
}

#[test]
fn junit_escapes_what_xml_cannot_hold() {
    let case = TestCase {
        name: "<a> & \"b\"\u{1}".into(),
        class: "c".into(),
        file: Some(("a.yaml".into(), 3)),
        outcome: TestOutcome::Failed {
            message: "x < y".into(),
            details: "one\ntwo ]]>".into(),
        },
    };
    let suite = Suite {
        name: "s".into(),
        cases: vec![case],
    };
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mesh" tests="1" failures="1" errors="0">
  <testsuite name="s" tests="1" failures="1" errors="0">
    <testcase name="&lt;a&gt; &amp; &quot;b&quot;�" classname="c" file="a.yaml" line="3">
      <failure message="x &lt; y">one&#10;two ]]&gt;</failure>
    </testcase>
  </testsuite>
</testsuites>
"#;
    assert_eq!(junit(&[suite]), expected);
    let passed = junit(&[suite_of("check", &[])]);
    assert!(passed.contains(r#"tests="1" failures="0""#), "{passed}");
}

#[test]
fn markdown_is_a_table_that_no_finding_breaks() {
    let text = markdown(&found());
    assert!(text.starts_with("**mesh**: 3 errors\n\n| | where | what |\n|---|---|---|\n"));
    assert!(
        text.contains(
            "| error M0101 | `a b.yaml:2` | `b` is 100% &lt;no&gt;, field:<br>really<br>"
        )
    );
    assert_eq!(text.lines().count(), 2 + 2 + 3);
    assert_eq!(markdown(&[]), "**mesh**: no findings\n");
}

#[test]
fn code_ends_neither_its_cell_nor_itself() {
    assert_eq!(code("GET /a"), "`GET /a`");
    assert_eq!(code("a`b``"), "``` a`b`` ```");
    assert_eq!(
        code(r"[a\|b]`<i>"),
        "<code>&#91;a&#92;&#124;b&#93;&#96;&#60;i&#62;</code>"
    );
    assert_eq!(entities("a\n| @b & c"), "a &#124; &#64;b &#38; c");
}
