//! Hostile files and hostile repositories: a clear refusal each, and no harm.

use std::path::Path;

use mesh_tests::processes::highest_memory;
use mesh_tests::{MeshUp, Repository, eventually_some, hostile, mesh};

/// Ends by itself, with findings or unable to run, and says why.
#[track_caller]
fn is_refused(what: &str, directory: &Path) {
    for format in ["concise", "human"] {
        is_refused_as(format, what, directory);
    }
}

#[track_caller]
fn is_refused_as(format: &str, what: &str, directory: &Path) {
    let output = mesh(&["check", directory.to_str().unwrap(), "--format", format]);
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        matches!(output.status.code(), Some(1 | 2)),
        "{what}: {} and {said}",
        output.status
    );
    assert!(said.contains("[M"), "{what}: no diagnostic in {said}");
    assert!(!said.contains("panicked"), "{what}: {said}");
    let lines = said.replace('\n', "");
    assert!(!lines.contains(steers), "{what}: {said:?}");
}

/// What moves a terminal's cursor or turns the direction of the text after it.
fn steers(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn hostile_files_are_refused_by_check() {
    for file in hostile::files() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(&file.path), &file.bytes).unwrap();
        is_refused(file.what, directory.path());
    }
}

#[test]
fn links_and_devices_are_refused_by_check() {
    let directory = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", directory.path().join("link.yaml")).unwrap();
    is_refused("a symlink", directory.path());
    let directory = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(directory.path(), directory.path().join("loop")).unwrap();
    std::fs::write(directory.path().join("x.yaml"), "kind: Nothing\n").unwrap();
    is_refused("a loop of links", directory.path());
    let directory = tempfile::tempdir().unwrap();
    let fifo = directory.path().join("fifo.yaml");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    is_refused("a pipe", directory.path());
}

#[test]
fn hostile_commits_are_rejected_and_the_operator_stays_as_it_was() {
    let repository = Repository::of_shop();
    let good = repository
        .git()
        .head()
        .unwrap()
        .peel_to_commit()
        .unwrap()
        .id();
    let mesh = MeshUp::start(repository.path());
    let pid = mesh.operator_pid();
    let before = highest_memory(pid).unwrap();
    for case in hostile::trees() {
        repository
            .git()
            .reference("refs/heads/main", good, true, "back")
            .unwrap();
        let commit = case.commit(&repository);
        let entry = eventually_some(&format!("{} is decided", case.what), || {
            let status = mesh.ask("status")?;
            status["commits"]
                .as_array()?
                .iter()
                .find(|entry| entry["id"] == commit)
                .cloned()
        });
        assert_eq!(entry["outcome"], "rejected", "{}: {entry}", case.what);
        let diagnostics = entry["diagnostics"].as_array().unwrap();
        assert!(
            !diagnostics.is_empty(),
            "{}: rejected without a reason: {entry}",
            case.what
        );
        for text in diagnostics
            .iter()
            .flat_map(|it| [&it["file"], &it["message"], &it["help"]])
        {
            let text = text.as_str().unwrap_or_default();
            assert!(!text.contains(steers), "{}: {text:?}", case.what);
        }
        assert_eq!(
            mesh.workload("shop/productpage")
                .call("GET", "ratings.shop", "/ratings/1", &[])
                .status,
            200
        );
    }
    assert_eq!(mesh.operator_pid(), pid);
    assert!(
        Path::new(&format!("/proc/{pid}")).exists(),
        "the operator was never restarted"
    );
    let grown = highest_memory(pid).unwrap().saturating_sub(before);
    assert!(
        grown < 64,
        "the operator's memory grew by {grown} MiB at its highest"
    );
    for escaped in ["/tmp/escaped", "/tmp/escaped.yaml"] {
        assert!(!Path::new(escaped).exists(), "{escaped} was written");
    }
    repository
        .git()
        .reference("refs/heads/main", good, true, "back")
        .unwrap();
    repository.replace("reviews.yaml", "weight: 10}", "weight: 11}");
    let next = repository.commit("a good one again");
    mesh.enforces(&next);
}
