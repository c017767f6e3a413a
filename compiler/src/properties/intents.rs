use crate::diagnostic::FileId;
use crate::{SourceFile, SourceSet, Unformatted, fix, format};

/// One file or two: every finding points into them, formatting twice is formatting once,
/// and a file that can be read can be read after its fixes.
pub fn intents(bytes: &[u8]) {
    let (first, second) = super::halves(bytes);
    let files: &[(&str, &[u8])] = &[("a.yaml", first), ("b.yaml", second)];
    let count = if second.is_empty() { 1 } else { 2 };
    let set = super::set_of(&files[..count]);
    let compilation = super::compiler().compile(&set);
    super::assert_sound(&compilation);
    super::report(&compilation);
    for file in &set.files {
        formats(file);
    }
    let mut fixes = compilation
        .diagnostics
        .iter()
        .filter_map(|it| it.fix.as_ref());
    if fixes.any(|it| !it.is_guess) {
        fixed(&set);
    }
}

fn formats(file: &SourceFile) {
    let formatted = format(FileId(0), file);
    assert_ne!(formatted, Err(Unformatted::Unfaithful));
    if let Ok(text) = formatted {
        let again = SourceFile::new(file.path.clone(), text.as_bytes());
        assert_eq!(format(FileId(0), &again), Ok(text));
    }
}

fn fixed(set: &SourceSet) {
    let mut compiler = super::compiler();
    let fixed = fix::fix(set, |set| compiler.compile(set).diagnostics);
    for (before, after) in set.files.iter().zip(&fixed.set.files) {
        if format(FileId(0), before).is_ok() {
            formats(after);
            assert!(format(FileId(0), after).is_ok(), "a fix broke the file");
        }
    }
}
