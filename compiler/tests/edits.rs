//! What a compiler remembers is invisible: after any edit its result equals that of a
//! fresh one.
#![expect(clippy::disallowed_methods, reason = "tests read the examples")]

use std::fs;
use std::path::{Path, PathBuf};

use mesh_compiler::{Compilation, Compiler, Options, SourceFile, SourceSet};
use mesh_ir::Timestamp;

/// 2026-11-01.
const NOW: Timestamp = Timestamp(1_793_491_200);

const EDITS: i64 = 60;

/// Pieces of intents that an edit takes out or puts in.
const WORDS: [&str; 24] = [
    "GET",
    "POST",
    "/reviews/*",
    "/api/**",
    "2s",
    "500ms",
    "v1",
    "v2",
    "ops",
    "shop",
    "deny",
    "allow",
    "audit",
    "service",
    "namespace",
    "reviews",
    "ratings",
    "true",
    "false",
    "100/s",
    "10/s",
    "90",
    "10",
    "priority: 1",
];

/// xorshift64*; edits are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).expect("31 bits") % bound
    }
}

fn repositories() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies-example");
    let mut all = vec![examples.join("shop"), examples.join("minimal")];
    for several in ["broken", "istio"] {
        let entries = fs::read_dir(examples.join(several)).expect("a directory");
        all.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    all.retain(|it| it.is_dir());
    all.sort();
    all
}

fn read(directory: &Path, prefix: &str, set: &mut SourceSet) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let entry = entry.expect("an entry");
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{path}/"), set);
        } else if entry.path().extension().is_some_and(|it| it == "yaml") {
            let content = fs::read(entry.path()).unwrap_or_default();
            set.files.push(SourceFile::new(path, content));
        }
    }
}

/// One file differs a little.
fn edit(set: &mut SourceSet, draw: &mut Draw) {
    let index = draw.below(set.files.len());
    let file = &set.files[index];
    let Ok(text) = std::str::from_utf8(&file.content) else {
        return;
    };
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    if lines.is_empty() {
        return;
    }
    let at = draw.below(lines.len());
    match draw.below(6) {
        0 => lines.insert(at, "# a comment".to_owned()),
        1 => drop(lines.remove(at)),
        2 => lines.insert(at, lines[at].clone()),
        3 => lines.insert(0, String::new()),
        _ => {
            let present: Vec<&str> = WORDS
                .into_iter()
                .filter(|word| lines[at].contains(word))
                .collect();
            let by = WORDS[draw.below(WORDS.len())];
            if !present.is_empty() {
                let word = present[draw.below(present.len())];
                lines[at] = lines[at].replacen(word, by, 1);
            }
        }
    }
    let content = lines.join("\n") + "\n";
    set.files[index] = SourceFile::new(file.path.clone(), content.into_bytes());
}

fn same(again: &Compilation, fresh: &Compilation, set: &SourceSet) {
    let texts = || {
        let files = set.files.iter();
        let shown = files.map(|it| {
            let text = String::from_utf8_lossy(&it.content);
            format!("--- {}\n{text}", it.path)
        });
        shown.collect::<String>()
    };
    assert_eq!(again.diagnostics, fresh.diagnostics, "{}", texts());
    assert!(again.mesh == fresh.mesh, "another mesh\n{}", texts());
}

#[test]
fn after_any_edits_the_result_equals_that_of_a_fresh_compiler() {
    for (seed, directory) in (1..).zip(repositories()) {
        let mut set = SourceSet::default();
        read(&directory, "", &mut set);
        if set.files.is_empty() {
            continue;
        }
        let original = set.clone();
        let mut draw = Draw(seed);
        let mut compiler = Compiler::new(Options::at(NOW));
        compiler.compile(&set);
        for step in 0..EDITS {
            // Now and then the author starts again from what was committed.
            if step % 8 == 7 {
                set = original.clone();
            }
            let before = set.clone();
            edit(&mut set, &mut draw);
            // Time goes on between edits: some exceptions of the examples end.
            let now = Timestamp(NOW.0 + step * 10 * 86_400);
            compiler.options.now = now;
            let fresh = Compiler::new(Options::at(now)).compile(&set);
            same(&compiler.compile(&set), &fresh, &set);
            // What broke a document is often taken back.
            if draw.below(2) == 0 {
                set = before;
            }
        }
    }
}
