use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use super::{Overlay, Parsed, ParsedFile, parse_file, unread_files};
use crate::diagnostic::FileId;
use crate::source_set::{SourceFile, SourceSet};
use crate::sources::{Sources, Trace};

/// Fewer files than this are not worth a thread.
const FILES_PER_THREAD: usize = 64;

/// More threads than this wait for memory.
const MAX_THREADS: usize = 8;

/// Reads the files of compilations, one after the other. A file that has the place and
/// the bytes that it had in the last one is not read again; spans name a file by its
/// place, so one that has moved is.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    last: Vec<Remembered>,
}

#[derive(Debug, Clone)]
struct Remembered {
    content: Arc<[u8]>,
    parsed: Arc<ParsedFile>,
}

impl Parser {
    /// Reads every file of a compilation.
    pub(crate) fn parse(&mut self, set: &SourceSet, sources: &Sources) -> Parsed {
        let (mut files, mut wanted) = (Vec::new(), Vec::new());
        for (id, file) in sources.files() {
            let known = self.known(id, file);
            if known.is_none() {
                wanted.push((id, file));
            }
            files.push((file, known));
        }
        let mut made = parse_files(&wanted, &Overlay::default()).into_iter();
        self.last = files
            .into_iter()
            .map(|(file, known)| {
                let parsed = known.or_else(|| made.next());
                Remembered {
                    content: Arc::clone(&file.content),
                    parsed: parsed.expect("each file that is not known was parsed"),
                }
            })
            .collect();
        let parsed = self.last.iter().map(|file| Arc::clone(&file.parsed));
        Parsed {
            unread: unread_files(&set.problems),
            files: parsed.collect(),
        }
    }

    fn known(&self, id: FileId, file: &SourceFile) -> Option<Arc<ParsedFile>> {
        let last = self.last.get(id.0 as usize)?;
        let is_same = Arc::ptr_eq(&last.content, &file.content) || last.content == file.content;
        is_same.then(|| Arc::clone(&last.parsed))
    }
}

/// What an overlay made of files, by their places: a file that it was laid over before is
/// not read again. To be forgotten when the overlay changes.
#[derive(Debug, Default)]
pub(crate) struct Overlaid(BTreeMap<FileId, (Arc<ParsedFile>, Arc<ParsedFile>)>);

impl Parsed {
    /// The documents as they are under an overlay, those in excluded files apart, and where
    /// their values came from. `known` is what the same overlay made before.
    pub(crate) fn under(
        &self,
        overlay: &Overlay<'_>,
        sources: &Sources,
        is_excluded: impl Fn(&str) -> bool,
        known: &mut Overlaid,
    ) -> (Self, Trace) {
        let (mut files, mut wanted) = (Vec::new(), Vec::new());
        for ((id, file), base) in sources.files().zip(&self.files) {
            let before = known.0.get(&id).filter(|(of, _)| Arc::ptr_eq(of, base));
            let made = if let Some((_, made)) = before {
                Some(Arc::clone(made))
            } else if is_excluded(&file.path) {
                Some(Arc::new(base.shape()))
            } else if base.is_changed_by(overlay) {
                wanted.push((id, file));
                None
            } else {
                Some(Arc::clone(base))
            };
            files.push((id, base, made));
        }
        let mut made = parse_files(&wanted, overlay).into_iter();
        let mut trace = Trace::default();
        let mut next = BTreeMap::new();
        let files = files.into_iter().map(|(id, base, ready)| {
            let file = ready.or_else(|| made.next());
            let file = file.expect("each file that is not ready was parsed");
            if !Arc::ptr_eq(base, &file) {
                trace.extend(&file.trace);
                next.insert(id, (Arc::clone(base), Arc::clone(&file)));
            }
            file
        });
        let files = files.collect();
        known.0 = next;
        let unread = self.unread.clone();
        (Self { unread, files }, trace)
    }

    /// As they are where nothing says what variables stand for: no finding is about that.
    pub(crate) fn without_variables(&self) -> Self {
        let files = self.files.iter().map(|file| {
            if !file.has_variables {
                return Arc::clone(file);
            }
            let diagnostics = file.shape().diagnostics;
            Arc::new(ParsedFile {
                diagnostics,
                ..ParsedFile::clone(file)
            })
        });
        Self {
            unread: self.unread.clone(),
            files: files.collect(),
        }
    }
}

/// One result per file, in their order, however many threads there are.
fn parse_files(files: &[(FileId, &SourceFile)], overlay: &Overlay<'_>) -> Vec<Arc<ParsedFile>> {
    let parse = |files: &[(FileId, &SourceFile)]| -> Vec<_> {
        let parsed = files
            .iter()
            .map(|(id, file)| parse_file(*id, file, overlay));
        parsed.map(Arc::new).collect()
    };
    let most = MAX_THREADS.min(files.len() / FILES_PER_THREAD);
    if most < 2 {
        return parse(files);
    }
    // Asks the kernel, which takes as long as a small file.
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.min(most);
    thread::scope(|scope| {
        let parts = files.chunks(files.len().div_ceil(threads));
        let running: Vec<_> = parts.map(|part| scope.spawn(move || parse(part))).collect();
        let done = running
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|it| resume_unwind(it)));
        done.flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(files: &[(&str, &str)]) -> SourceSet {
        let file = |(path, text): &(&str, &str)| SourceFile::new(*path, text.as_bytes());
        SourceSet {
            files: files.iter().map(file).collect(),
            ..SourceSet::default()
        }
    }

    fn parse(parser: &mut Parser, files: &[(&str, &str)]) -> Parsed {
        let set = set(files);
        parser.parse(&set, &Sources::new(&set))
    }

    fn team(name: &str) -> String {
        format!(
            "apiVersion: meshwright.dev/v1\nkind: Team\nmetadata: {{name: {name}}}\nspec: {{owns: {{mesh: true}}}}\n"
        )
    }

    #[test]
    fn only_what_has_changed_is_parsed_again() {
        let (a, b, c) = (team("a"), team("b"), team("c"));
        let mut parser = Parser::default();
        let first = parse(&mut parser, &[("1", &a), ("2", &b)]);
        let second = parse(&mut parser, &[("1", &a), ("2", &c)]);
        assert!(Arc::ptr_eq(&first.files[0], &second.files[0]));
        assert!(!Arc::ptr_eq(&first.files[1], &second.files[1]));
    }

    #[test]
    fn what_is_remembered_makes_no_difference() {
        let (a, b) = (team("a"), team("b"));
        let mut parser = Parser::default();
        let steps: [&[(&str, &str)]; 5] = [
            &[("1", &a), ("2", &b)],
            &[("0", &b), ("1", &a), ("2", &b)],
            &[("1", &a), ("2", "kind: [")],
            &[("2", "kind: [")],
            &[],
        ];
        for files in steps {
            let remembering = parse(&mut parser, files);
            let fresh = parse(&mut Parser::default(), files);
            assert_eq!(format!("{remembering:?}"), format!("{fresh:?}"));
        }
    }

    #[test]
    fn threads_keep_the_order_of_files() {
        let texts: Vec<String> = (0..500).map(|n| team(&format!("t{n}"))).collect();
        let paths: Vec<String> = (0..500).map(|n| format!("{n:03}")).collect();
        let files = paths.iter().zip(&texts);
        let files: Vec<(&str, &str)> = files.map(|(path, text)| (&**path, &**text)).collect();
        let parsed = parse(&mut Parser::default(), &files);
        let names = parsed.documents().map(|it| it.name().value.to_string());
        assert!(names.eq((0..500).map(|n| format!("t{n}"))));
    }
}
