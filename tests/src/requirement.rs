use std::process::Command;

/// Whether a missing tool is a failure (`MESH_REQUIRE_ALL=1`, as in CI).
#[expect(
    clippy::disallowed_methods,
    reason = "the one switch of the suites is an environment variable"
)]
pub fn required() -> bool {
    std::env::var("MESH_REQUIRE_ALL").is_ok_and(|value| value == "1")
}

/// Whether a tool can be run; says how to get it where it cannot.
pub fn need_tool(name: &str, how: &str) -> bool {
    let there = Command::new(name).arg("version").output().is_ok();
    assert!(there || !required(), "`{name}` is needed: {how}");
    if !there {
        use std::io::Write;
        let _ = writeln!(
            std::io::stderr(),
            "passed over: `{name}` is not here; {how}"
        );
    }
    there
}
