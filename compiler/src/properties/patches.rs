const MESH: &str = "apiVersion: meshwright.dev/v1\nkind: Mesh\nmetadata: {name: m}\nspec: {trustDomain: m.example}\n";
const ENVIRONMENT: &str =
    "apiVersion: meshwright.dev/v1\nkind: Environment\nmetadata: {name: e}\nspec:\n";

/// The documents of a base, and the `spec` of an environment that changes them: findings
/// point at text that is there, and neither the order of files nor what was compiled
/// before changes them.
pub fn patches(bytes: &[u8]) {
    let (base, spec) = super::halves(bytes);
    let environment = [ENVIRONMENT.as_bytes(), spec].concat();
    let files: [(&str, &[u8]); 3] = [
        ("a.yaml", base),
        ("e.yaml", &environment),
        ("m.yaml", MESH.as_bytes()),
    ];
    let set = super::set_of(&files);
    let mut compiler = super::compiler();
    let patched = compiler.compile(&set);
    super::assert_sound(&patched);
    let report = super::report(&patched);
    if !bytes.len().is_multiple_of(4) {
        return;
    }
    let plain = [files[0], files[2]];
    super::assert_sound(&compiler.compile(&super::set_of(&plain)));
    let mut turned = set;
    turned.files.reverse();
    let again = compiler.compile(&turned);
    assert_eq!(super::report(&again), report);
    assert_eq!(again.mesh, patched.mesh);
}
