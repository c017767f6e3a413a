use mesh_ir::{Name, Timestamp};

use super::merged;
use crate::testing::{check_files, prepared_set};
use crate::{Compilation, Compiler, Options};

const MESH: &str = "kind: Mesh\nmetadata: {name: test}\nspec: {trustDomain: test.example}\n";

const SERVICE: &str = "kind: Service
metadata: {name: a, namespace: shop}
spec:
  hosts: [$(host)]
  ports: {http: 80}
";

const LIMIT: &str = "kind: RateLimit
metadata: {name: a, namespace: shop}
spec:
  service: a
  limits:
    - {name: all, rate: 10/s}
    - {name: each, rate: 1/s, per: [caller]}
";

const STAGING: &str = "kind: Environment
metadata: {name: staging}
spec:
  variables: {host: a.staging.example}
  patches:
    - target: {kind: RateLimit, name: a, namespace: shop}
      merge:
        limits:
          - {name: all, rate: 5/s}
";

const PRODUCTION: &str = "kind: Environment
metadata: {name: production}
spec: {variables: {host: a.example}}
";

fn files() -> [(&'static str, &'static str); 5] {
    [
        ("mesh.yaml", MESH),
        ("a.yaml", SERVICE),
        ("limit.yaml", LIMIT),
        ("environments/staging.yaml", STAGING),
        ("environments/production.yaml", PRODUCTION),
    ]
}

fn compile(environment: Option<&str>, files: &[(&str, &str)]) -> Compilation {
    let mut options = Options::at(Timestamp(0));
    options.environment = environment.map(|name| Name::parse(name).unwrap());
    Compiler::new(options).compile(&prepared_set(files))
}

fn rates(compilation: &Compilation) -> Vec<u64> {
    let mesh = compilation.mesh.as_ref().unwrap();
    let limits = mesh.limits.values().flat_map(|it| &it.limits);
    limits.map(|it| it.rate.count).collect()
}

fn host(compilation: &Compilation) -> String {
    let mesh = compilation.mesh.as_ref().unwrap();
    let service = mesh.services.values().next().unwrap();
    service.hosts[0].to_string()
}

#[test]
fn each_environment_has_its_values() {
    let staging = compile(Some("staging"), &files());
    let production = compile(Some("production"), &files());
    assert_eq!(
        (host(&staging), rates(&staging)),
        ("a.staging.example".to_owned(), vec![5, 1])
    );
    assert_eq!(
        (host(&production), rates(&production)),
        ("a.example".to_owned(), vec![10, 1])
    );
    assert_eq!(staging.environments.len(), 2);
}

#[test]
fn the_origin_of_a_patched_value_names_both_files() {
    let compilation = compile(Some("staging"), &files());
    let mesh = compilation.mesh.as_ref().unwrap();
    let limits = mesh.limits.values().next().unwrap();
    let patched = &limits.limits[0].origin;
    assert_eq!((&*patched.file, patched.line), ("limit.yaml", 7));
    let patch = patched.patch.as_ref().unwrap();
    assert_eq!(
        (&*patch.file, patch.line),
        ("environments/staging.yaml", 10)
    );
    assert!(limits.limits[1].origin.patch.is_none());
}

#[test]
fn several_environments_want_a_name() {
    let compilation = compile(None, &files());
    let codes: Vec<u16> = compilation.diagnostics.iter().map(|it| it.code.0).collect();
    assert_eq!(codes, [1001]);
    assert!(compilation.mesh.is_none());
    let unknown = compile(Some("stagin"), &files());
    let help = unknown.diagnostics[0].help.as_deref();
    assert_eq!(help, Some("did you mean `staging`?"));
}

#[test]
fn the_only_environment_needs_no_name() {
    let compilation = compile(None, &files()[..4]);
    assert_eq!(host(&compilation), "a.staging.example");
}

#[test]
fn what_is_wrong_with_a_patched_value_is_found_in_the_patch() {
    let wrong = STAGING.replace("rate: 5/s}", "rate: 5/x} # expect: M0106");
    check_files(&[
        ("a.yaml", SERVICE),
        ("limit.yaml", LIMIT),
        ("environments/staging.yaml", &wrong),
    ]);
}

#[test]
fn findings_that_environments_share_are_reported_once() {
    let extra = "kind: Service
metadata: {name: b, namespace: shop}
spec: {calls: [{service: $(callee)}, {service: nobody}]}
";
    let production = PRODUCTION.replace("host:", "callee: a, host:");
    let staging = STAGING.replace("host:", "callee: nobody-else, host:");
    let files = [
        ("mesh.yaml", MESH),
        ("a.yaml", SERVICE),
        ("b.yaml", extra),
        ("limit.yaml", LIMIT),
        ("environments/staging.yaml", &staging),
        ("environments/production.yaml", &production),
    ];
    let mut compiler = Compiler::new(Options::at(Timestamp(0)));
    let each = compiler.compile_each(&prepared_set(&files));
    let found = merged(
        each.iter()
            .map(|it| (it.environment.as_ref(), &it.diagnostics[..])),
    );
    let unknown: Vec<_> = found.iter().filter(|it| it.code.0 == 203).collect();
    assert_eq!(unknown.len(), 2, "{found:#?}");
    let helps: Vec<_> = unknown.iter().filter_map(|it| it.help.as_deref()).collect();
    assert!(
        helps[0].contains("for the environment `staging`"),
        "{helps:?}"
    );
    assert!(!helps[1].contains("environment"), "{helps:?}");
}

#[test]
fn after_any_edit_the_result_equals_that_of_a_fresh_compiler() {
    let other = STAGING.replace("rate: 5/s", "rate: 6/s");
    let renamed = STAGING.replace("a.staging.example", "b.staging.example");
    let limit = LIMIT.replace("rate: 10/s", "rate: 11/s");
    let excluding = STAGING.replace("spec:\n", "spec:\n  exclude: [limit.yaml]\n");
    let steps: [[&str; 3]; 7] = [
        [SERVICE, LIMIT, STAGING],
        [SERVICE, LIMIT, &other],
        [SERVICE, &limit, &other],
        [SERVICE, LIMIT, &renamed],
        [SERVICE, "kind: [", &renamed],
        [SERVICE, LIMIT, &excluding],
        [SERVICE, LIMIT, STAGING],
    ];
    let mut compiler = Compiler::new(Options::at(Timestamp(0)));
    for [service, limit, staging] in steps {
        let set = prepared_set(&[
            ("mesh.yaml", MESH),
            ("a.yaml", service),
            ("limit.yaml", limit),
            ("environments/staging.yaml", staging),
        ]);
        let again = compiler.compile(&set);
        let fresh = Compiler::new(Options::at(Timestamp(0))).compile(&set);
        assert_eq!(again.diagnostics, fresh.diagnostics);
        assert_eq!(again.mesh, fresh.mesh);
    }
}
