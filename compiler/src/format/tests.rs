use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::compile::{Compiler, Options};
use crate::source_set::SourceSet;

fn formatted(text: &str) -> String {
    match format(FileId(0), &SourceFile::new("a.yaml", text.as_bytes())) {
        Ok(text) => text,
        Err(why) => panic!("{why:?} of\n{text}"),
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let once = formatted(text);
    assert_eq!(once, expected, "\n{once}");
    assert_eq!(formatted(&once), once, "twice is once");
}

#[test]
fn a_block_scalar_may_end_the_file_without_a_line_break() {
    check("a: |\n b\n   - c", "a: |\n  b\n    - c\n");
    check("a: |-\n b\n c", "a: |-\n  b\n  c\n");
    check("a: >\n b\n\n c", "a: >\n  b\n\n  c\n");
}

#[test]
fn a_block_scalar_that_ends_in_spaces_is_quoted() {
    check("a: |\n  b\n    ", "a: \"b\\n  \\n\"\n");
    check("a: |-\n  b\n    \n", "a: \"b\\n  \"\n");
    check("a: |\n  b\n\n   \nc: d\n", "a: \"b\\n\\n \\n\"\n\nc: d\n");
}

#[test]
fn a_document_of_comments_alone_goes_with_the_next() {
    check("---\n# c\n---\na: b\n", "# c\na: b\n");
    check("# c\n---\n\n# d\n---\na: b\n", "# c\n\n# d\na: b\n");
    check("a: b\n---\n# c\n---\n---\na: b\n", "a: b\n---\n# c\na: b\n");
    check("a: b\n---\n# c\n", "a: b\n---\n# c\n");
    check("| # c\n---\na: b\n", "\"\"\n# c\n---\na: b\n");
}

#[test]
fn a_block_scalar_may_be_empty() {
    for header in ["|", ">", "|-"] {
        check(&format!("a: {header}"), "a: \"\"\n");
        check(&format!("a: {header}\n\n"), "a: \"\"\n");
        check(
            &format!("a:\n b:\n  {header}\n c:\n    - d: e # f\n      g: h\n"),
            "a:\n  b: \"\"\n  c:\n    - d: e # f\n      g: h\n",
        );
    }
}

#[test]
fn fields_come_in_the_order_of_the_language() {
    check(
        "kind: Team\nspec:\n    contact: x\n    owns: {hosts: [b], mesh: true}\nmetadata:\n  namespace: n\n  name: a\napiVersion: v\n",
        "apiVersion: v\nkind: Team\nmetadata:\n  name: a\n  namespace: n\nspec:\n  owns: {mesh: true, hosts: [b]}\n  contact: x\n",
    );
}

#[test]
fn unknown_fields_come_last_as_they_were_written() {
    check(
        "kind: Team\nzebra: 1\nant: 2\napiVersion: v\n",
        "apiVersion: v\nkind: Team\nzebra: 1\nant: 2\n",
    );
}

#[test]
fn comments_stay_where_they_belong() {
    check(
        "\
# The file.

---   # marker
# header
kind: Route # the kind
# of rules
spec: # no order
   # above the first
   rules:
   - name: a   # its name
     # above from
     from: [a, # first
       b]
     # at the end of a

   # above b
   -   # behind the dash
       # above its name
       name: b
   # at the end of rules?
# at the end
",
        "\
# The file.

# marker
# header
kind: Route # the kind
# of rules
spec: # no order
  # above the first
  rules:
    - name: a  # its name
      # above from
      from:
        - a    # first
        - b
      # at the end of a

    # above b
    # behind the dash
    # above its name
    - name: b
  # at the end of rules?
# at the end
",
    );
}

#[test]
fn comments_of_a_line_keep_their_column() {
    check(
        "\
a:
    b: 1       # one
    c: 22      # two
    d: '3'     # three
    e: \"four and more\" # four
",
        "\
a:
  b: 1         # one
  c: 22        # two
  d: \"3\"       # three
  e: four and more     # four
",
    );
}

#[test]
fn short_brackets_stay_and_long_ones_are_opened() {
    let long = "x".repeat(60);
    check(
        &format!("a: {{b: [c,\n  d], e: [{long}, {long}]}}\n"),
        &format!("a:\n  b: [c, d]\n  e:\n    - {long}\n    - {long}\n"),
    );
    check("a: { b: [ c,d ] , e: {} }\n", "a: {b: [c, d], e: {}}\n");
    check(
        "- [a, b]\n- {c: d}\n-   - e\n    - f: 1\n      g: 2\n",
        "- [a, b]\n- {c: d}\n- - e\n  - f: 1\n    g: 2\n",
    );
}

#[test]
fn quotes_stay_only_where_they_are_needed() {
    check(
        "a: 'x y'\nb: \"1.10\"\n\"c\": '/a\\d'\nd: [\"*.x\", 'a,b', \"cookie:session\"]\n",
        "a: x y\nb: \"1.10\"\nc: /a\\d\nd: [\"*.x\", \"a,b\", cookie:session]\n",
    );
}

#[test]
fn blank_lines_group_and_are_single() {
    check(
        "\n\na: 1\n\n\nb:\n\n  c: 1\n\n  d: 1\n\n\n---\n\n\ne: 1\n\n\n",
        "a: 1\n\nb:\n  c: 1\n\n  d: 1\n---\ne: 1\n",
    );
}

#[test]
fn text_of_several_lines_keeps_its_lines() {
    check(
        "a: |   # what\n    one\n      two\n\n    three\n\nb: >-\n  x\n  y\nc: |+\n  z\n\nd: plain\n  again\n",
        "a: |   # what\n  one\n    two\n\n  three\n\nb: >-\n  x\n  y\nc: \"z\\n\\n\"\n\nd: plain again\n",
    );
}

#[test]
fn lines_end_as_they_should() {
    check("a: 1\r\nb: |\r\n  x\r\n  y\r\n", "a: 1\nb: |\n  x\n  y\n");
    check("", "");
    check("# only\n\n\n# comments\n", "# only\n\n# comments\n");
    check("---\n---\na: 1\n...\n---\nb: 1\n", "a: 1\n---\nb: 1\n");
}

#[test]
fn what_is_no_yaml_is_left_alone() {
    let of = |text: &str| format(FileId(0), &SourceFile::new("a.yaml", text.as_bytes()));
    for text in [
        "a: [",
        "a: *b",
        "a: !x b",
        "a: 1\na: 2\n",
        "a:\n  - b\n c\n",
        "a: &x 1",
    ] {
        assert!(matches!(of(text), Err(Unformatted::Invalid(_))), "{text}");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test may read the examples; the compiler itself gets its files as values"
)]
fn yaml_below(directory: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_below(&path, found);
        } else if path.extension().is_some_and(|it| it == "yaml") {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
}

#[test]
fn every_example_has_the_layout_or_gets_it_at_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    yaml_below(&root.join("../policies-example"), &mut files);
    yaml_below(&root.join("src"), &mut files);
    let mut count = 0;
    for (path, bytes) in files {
        let of = |bytes: &[u8]| format(FileId(0), &SourceFile::new("a.yaml", bytes));
        match of(&bytes) {
            Ok(once) => {
                assert_eq!(
                    of(once.as_bytes()).as_ref(),
                    Ok(&once),
                    "{}",
                    path.display()
                );
                count += 1;
            }
            Err(Unformatted::Invalid(_)) => {}
            Err(Unformatted::Unfaithful) => panic!("{} changes", path.display()),
        }
    }
    assert!(count > 50, "{count} files");
}

/// A mesh as text, without the places that it comes from.
fn meaning_of(files: Vec<SourceFile>) -> String {
    let set = SourceSet {
        files,
        ..SourceSet::default()
    };
    let options = Options::at(mesh_ir::Timestamp(1_800_000_000));
    let each = Compiler::new(options).compile_each(&set);
    let meshes: Vec<_> = each
        .iter()
        .map(|it| it.mesh.as_ref().expect("it compiles"))
        .collect();
    let text = format!("{meshes:?}");
    let origins = regex::Regex::new(r"Origin \{[^}]*?patch: (None|Some\([^}]*\}\)) \}").unwrap();
    origins.replace_all(&text, "").into_owned()
}

/// Every document of `shop` with its keys, lists and spaces as nobody writes them.
#[test]
fn a_repository_in_its_layout_means_the_same_mesh() {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies-example/shop");
    let mut files = Vec::new();
    yaml_below(&shop, &mut files);
    let named = |text: &dyn Fn(&str) -> String| -> Vec<SourceFile> {
        files
            .iter()
            .map(|(path, bytes)| {
                let path = path.strip_prefix(&shop).unwrap().to_str().unwrap();
                let text = text(std::str::from_utf8(bytes).unwrap());
                SourceFile::new(path, text.into_bytes())
            })
            .collect()
    };
    let untidy = |text: &str| text.replace("\n  ", "\n     ").replace(": [", ":   [ ");
    let before = meaning_of(named(&untidy));
    let after = meaning_of(named(&|text| formatted(&untidy(text))));
    assert!(before.contains("reviews") && !before.contains(".yaml"));
    assert!(before == after, "the mesh is another");
}

/// A document to be written in some way.
#[derive(Debug, Clone)]
enum Written {
    Scalar(&'static str),
    /// A mapping or a list, with what stands above and beside each item.
    Block(bool, usize, Vec<(&'static str, bool, Self)>),
}

fn written() -> impl Strategy<Value = Written> {
    let scalar = prop::sample::select(vec![
        "a",
        "1",
        "'on'",
        "\"x\\ny\"",
        "/b/**",
        "'#c'",
        "\"a: b\"",
        "'it''s'",
        "'a, b'",
        "-x",
        "{}",
        "[]",
        "{a: 1, 'b': [c, \"d\"]}",
        "[{a: b}, c]",
        "{a: 1, # in\n          b: 2}",
        "[a # x\n          ]",
        "{ # none\n          }",
        "[a,\n\n          # above\n          b]",
        "|\n                    t\n                     u\n",
        "plain\n                    text",
        ">-\n                    t\n\n                    u\n\n",
        "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb]",
    ]);
    let noise = prop::sample::select(vec![
        "",
        "",
        "",
        "\n",
        "# c\n",
        "\n\n  # d\n\n",
        "          # e\n",
    ]);
    scalar
        .prop_map(Written::Scalar)
        .prop_recursive(4, 24, 4, move |inner| {
            let item = (noise.clone(), any::<bool>(), inner);
            let items = prop::collection::vec(item, 1..4);
            (any::<bool>(), 0..3usize, items)
                .prop_map(|(is_map, step, items)| Written::Block(is_map, step, items))
        })
}

/// Writes what follows a key or dash at a column.
fn write(it: &Written, above: Option<(usize, bool)>, text: &mut String) {
    let (is_map, step, items) = match it {
        Written::Scalar(scalar) => return text.push_str(scalar),
        Written::Block(is_map, step, items) => (is_map, step, items),
    };
    let column = match above {
        None => *step,
        // A list need not be indented below its key.
        Some((column, true)) if !is_map => column + step,
        Some((column, _)) => column + step + 1,
    };
    text.push('\n');
    for (index, (noise, comment, value)) in items.iter().enumerate() {
        text.push_str(noise);
        text.push_str(&" ".repeat(column));
        if *is_map {
            let key = ["zz", "name", "kind", "'a b'"][index % 4];
            text.extend([key, ": "]);
        } else {
            text.push_str("- ");
        }
        let is_line = matches!(value, Written::Scalar(text) if !text.contains('\n'));
        if *comment && !is_line && matches!(value, Written::Block(..)) {
            text.push_str("  # k");
        }
        write(value, Some((column, *is_map)), text);
        if *comment && is_line {
            text.push_str("  # l");
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_document_is_formatted_faithfully_and_once(tree in written()) {
        let of = |text: &str| format(FileId(0), &SourceFile::new("a.yaml", text.as_bytes()));
        let mut text = String::new();
        write(&tree, None, &mut text);
        let once = of(&text);
        prop_assert!(once.is_ok(), "{:?} of\n{}", once, text);
        let once = once.unwrap();
        let twice = of(&once);
        prop_assert_eq!(twice, Ok(once.clone()), "of\n{}\n{}", text, once);
    }
}
