use super::*;

const MESH: &str = "apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: shop}
spec:
  trustDomain: shop.example
  defaults:
    timeout: 20s
  namespaces:
    slow: {defaults: {timeout: 30s}}
";

const SERVICE: &str = "apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: {http: 9080, admin: {port: 81, protocol: http}}
  versions: {v1: {}, v2: {}}
  limits: {connections: 50}
";

const STAGING: &str = "apiVersion: meshwright.dev/v1
kind: Environment
metadata: {name: staging}
spec:
  patches:
    - target: {kind: Service, name: reviews, namespace: shop}
      merge: {limits: {connections: 100}}
";

/// A language with these files and `a.yaml`, and the byte of `|` in it.
fn with(marked: &str) -> (Language, usize) {
    let byte = marked.find('|').unwrap();
    let text = marked.replacen('|', "", 1);
    let files = [
        ("mesh.yaml", MESH),
        ("reviews.yaml", SERVICE),
        ("staging.yaml", STAGING),
        ("a.yaml", &text),
    ];
    let set = SourceSet {
        files: files
            .map(|(path, text)| SourceFile::new(path, text.as_bytes()))
            .to_vec(),
        ..SourceSet::default()
    };
    let mut language = Language::default();
    language.update(&set);
    (language, byte)
}

fn labels(marked: &str) -> Vec<String> {
    let (language, byte) = with(marked);
    let found = language.complete("a.yaml", byte);
    found.into_iter().map(|it| it.label).collect()
}

const ROUTE: &str =
    "apiVersion: meshwright.dev/v1\nkind: Route\nmetadata: {name: r, namespace: web}\nspec:\n";

#[test]
fn fields_are_offered_where_they_may_stand() {
    let found = labels(&format!(
        "{ROUTE}  service: reviews.shop\n  rules:\n    - name: a\n      ti|\n"
    ));
    assert!(found.contains(&"timeout".to_owned()), "{found:?}");
    assert!(
        !found.contains(&"name".to_owned()),
        "it is there: {found:?}"
    );
    let found = labels(&format!("{ROUTE}  ser|"));
    assert!(
        found.contains(&"service".to_owned()) && found.contains(&"rules".to_owned()),
        "{found:?}"
    );
    let found = labels(&format!("{ROUTE}  rules: [{{match: [{{|}}]}}]\n"));
    assert!(found.contains(&"paths".to_owned()), "{found:?}");
}

#[test]
fn names_and_words_are_offered_as_values() {
    assert_eq!(labels(&format!("{ROUTE}  service: |\n")), ["reviews.shop"]);
    assert_eq!(
        labels(&format!("{ROUTE}  service: reviews.shop\n  ports: [|]\n")),
        ["http", "admin"]
    );
    let found = labels(&format!(
        "{ROUTE}  service: reviews.shop\n  rules:\n    - to: [{{version: |}}]\n"
    ));
    assert_eq!(found, ["v1", "v2"]);
    assert!(labels("kind: |\n").contains(&"RateLimit".to_owned()));
    let access = ROUTE.replace("Route", "Access");
    let found = labels(&format!(
        "{access}  allow: [{{from: [{{namespace: |}}]}}]\n"
    ));
    assert!(
        found.contains(&"shop".to_owned()) && found.contains(&"web".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_name_leads_to_its_declaration() {
    let declared = |marked: &str| {
        let (language, byte) = with(marked);
        let found = language.definition("a.yaml", byte).unwrap();
        let text = if &*found.path == "reviews.yaml" {
            SERVICE.to_owned()
        } else {
            marked.replacen('|', "", 1)
        };
        (
            found.path.to_string(),
            text[found.start..found.end].to_owned(),
        )
    };
    let there = |text: &str| ("reviews.yaml".to_owned(), text.to_owned());
    assert_eq!(
        declared(&format!("{ROUTE}  service: revi|ews.shop\n")),
        there("reviews")
    );
    assert_eq!(
        declared(&format!(
            "{ROUTE}  service: reviews.shop\n  ports: [ad|min]\n"
        )),
        there("admin")
    );
    let found = declared(&format!(
        "{ROUTE}  service: reviews.shop\n  rules: [{{to: [{{version: v|2}}]}}]\n"
    ));
    assert_eq!(found, there("v2"));
}

#[test]
fn hover_tells_effective_values_and_where_they_come_from() {
    let (language, byte) = with(&format!("{ROUTE}  service: revi|ews.shop\n"));
    let text = language.hover("a.yaml", byte).unwrap().text;
    assert!(
        text.starts_with("**Service reviews.shop** – reviews.yaml\n"),
        "{text}"
    );
    assert!(text.contains("| timeout | `20s` | mesh.yaml:7 |"), "{text}");
    assert!(
        text.contains("| connectTimeout | `1s` | built in |"),
        "{text}"
    );
    let (language, byte) = with(&format!("{ROUTE}  rules: [{{time|out: 2s}}]\n"));
    let text = language.hover("a.yaml", byte).unwrap().text;
    assert!(
        text.contains("**Route.rules.timeout**") && text.contains("`2s` – a.yaml:5"),
        "{text}"
    );
}

#[test]
fn hover_tells_what_environments_write() {
    let (language, _) = with("|");
    let byte = SERVICE.find("connections").unwrap();
    let text = language.hover("reviews.yaml", byte).unwrap().text;
    assert!(text.contains("`50` – reviews.yaml:7"), "{text}");
    assert!(
        text.contains("in `staging`: `100` – staging.yaml:7"),
        "{text}"
    );
}

#[test]
fn no_text_and_no_byte_of_it_is_too_much() {
    for text in [
        "",
        "a",
        "kind: [",
        "\u{feff}x",
        "- - -",
        "kind: Route\nspec: {rules: [{}]}",
        "é: é",
    ] {
        for byte in 0..=text.len() + 2 {
            let set = SourceSet {
                files: vec![SourceFile::new("a.yaml", text.as_bytes())],
                ..SourceSet::default()
            };
            let mut language = Language::default();
            language.update(&set);
            language.complete("a.yaml", byte);
            language.hover("a.yaml", byte);
            language.definition("a.yaml", byte);
        }
    }
}
