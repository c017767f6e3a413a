//! A commit with an error changes nothing, and says so with code, file and line.

use mesh_tests::{Load, MeshUp, Repository, eventually, mesh};

#[test]
fn a_bad_commit_is_rejected_and_the_next_good_one_is_applied() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    let page = mesh.workload("shop/productpage");
    let load = Load::start(
        2,
        page.outbound(),
        "reviews.shop",
        "/reviews/7",
        false,
        |answer| answer.status == 200,
    );
    load.at_least(50);

    repository.replace("reviews.yaml", "to: [{version: v2}]", "to: [{version: v9}]");
    let line = repository.line_of("reviews.yaml", "version: v9");
    let bad = repository.commit("a version that does not exist");
    let rejected = mesh.commit_is(&bad, "rejected");
    let diagnostic = &rejected["diagnostics"][0];
    assert_eq!(diagnostic["file"], "reviews.yaml");
    assert_eq!(diagnostic["line"], line);
    assert!(
        diagnostic["code"]
            .as_str()
            .is_some_and(|code| code.starts_with('M')),
        "{diagnostic}"
    );
    eventually("the terminal of `mesh up` says why", || {
        let said = mesh.said();
        let place = format!("reviews.yaml:{line}: error[");
        said.contains(&format!("commit {} is rejected", &bad[..12])) && said.contains(&place)
    });
    load.at_least(50);
    let last = page.log().pop().expect("a logged request");
    assert_ne!(
        last["commit"],
        bad.as_str(),
        "traffic is decided by the last good commit"
    );

    repository.replace("reviews.yaml", "to: [{version: v9}]", "to: [{version: v3}]");
    let good = repository.commit("a version that exists");
    mesh.enforces(&good);
    let answer = page.call(
        "GET",
        "reviews.shop",
        "/reviews/7",
        &[("end-user", "jason")],
    );
    assert_eq!(answer.json()["version"], "v3");
    let tally = load.stop();
    assert_eq!(tally.bad_count, 0, "{:?}", tally.bad);
}

#[test]
fn a_first_revision_that_does_not_compile_starts_nothing() {
    let repository = Repository::of_shop();
    repository.replace("reviews.yaml", "to: [{version: v2}]", "to: [{version: v9}]");
    repository.commit("wrong from the beginning");
    let output = mesh(&[
        "up",
        repository.path().to_str().unwrap(),
        "--output",
        "json",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        output.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("reviews.yaml") && errors.contains("v9"),
        "{errors}"
    );
}
