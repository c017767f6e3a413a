use crate::syntax::codes::{byte_order_mark, control_character, not_utf8, unread_file};
use crate::syntax::report::{Read, Report};

/// A file over this size is not looked at, whatever the reader of the files allowed.
const MAX_BYTES: usize = 16 << 20;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text of a file that YAML readers agree about, and the byte where it starts.
pub(super) fn check<'a>(content: &'a [u8], report: &mut Report) -> Read<(&'a str, usize)> {
    if content.len() > MAX_BYTES {
        let at = report.span(0, 0);
        return Err(report.push(unread_file::too_large(at, content.len(), MAX_BYTES)));
    }
    if content.starts_with(b"\xFF\xFE") || content.starts_with(b"\xFE\xFF") {
        let at = report.span(0, 2);
        return Err(report.push(not_utf8::utf16(at)));
    }
    let base = if content.starts_with(UTF8_MARK) {
        let at = report.span(0, UTF8_MARK.len());
        report.push(byte_order_mark::error(at));
        UTF8_MARK.len()
    } else {
        0
    };
    let text = std::str::from_utf8(&content[base..]).map_err(|error| {
        let start = base + error.valid_up_to();
        let at = report.span(start, start + error.error_len().unwrap_or(1));
        report.push(not_utf8::error(at, content[start]))
    })?;
    if let Some((start, bad)) = find_control(text) {
        let at = report.span(base + start, base + start + bad.len_utf8());
        return Err(report.push(control_character::error(at, bad)));
    }
    Ok((text, base))
}

/// The first character that readers skip, show wrongly or take for a line break.
fn find_control(text: &str) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    text.char_indices().find(|(at, c)| match c {
        '\t' | '\n' | ' '..='~' => false,
        '\r' => bytes.get(at + 1) != Some(&b'\n'),
        // Control characters, line separators, bidirectional overrides, byte order mark and
        // non-characters.
        '\0'..='\x1F'
        | '\x7F'..='\u{9F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}'
        | '\u{FFFE}'
        | '\u{FFFF}' => true,
        _ => false,
    })
}

/// A part of a file that is parsed by itself.
pub(super) struct Chunk<'a> {
    pub(super) start: usize,
    pub(super) text: &'a str,
}

/// Cuts a file before each line that begins a document.
///
/// `---` at the start of a line begins a document wherever it stands (YAML 1.2.2,
/// rule 206, c-forbidden): no quoted or block scalar may hold it.
pub(super) fn chunks(text: &str) -> impl Iterator<Item = Chunk<'_>> {
    let mut starts = Vec::from([0]);
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let is_marker = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']));
        if is_marker && line_start > 0 {
            starts.push(line_start);
        }
        line_start += line.len();
    }
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([text.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| Chunk {
        start,
        text: &text[start..end],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;

    fn codes(content: &[u8]) -> Vec<String> {
        let mut report = Report::new(FileId(0));
        let _ = check(content, &mut report);
        let findings = report.into_findings();
        findings.iter().map(|it| it.code.to_string()).collect()
    }

    #[test]
    fn text_that_readers_disagree_about_is_refused() {
        assert_eq!(codes(b"a: \xFF"), ["M0001"]);
        assert_eq!(codes(b"\xFF\xFEa\0"), ["M0001"]);
        assert_eq!(codes(b"\xEF\xBB\xBFa: b"), ["M0002"]);
        assert_eq!(codes(b"a: \0"), ["M0003"]);
        assert_eq!(codes(b"a: b\rc: d"), ["M0003"]);
        assert_eq!(codes("a: \u{85}".as_bytes()), ["M0003"]);
        assert_eq!(codes("a: \u{202E}".as_bytes()), ["M0003"]);
        assert_eq!(codes("a: \u{FEFF}".as_bytes()), ["M0003"]);
        assert_eq!(codes("a: b\r\nc: 🐟\té\n".as_bytes()), [""; 0]);
    }

    #[test]
    fn a_file_is_cut_at_document_markers_only() {
        let cut = |text| chunks(text).map(|chunk| chunk.text).collect::<Vec<_>>();
        assert_eq!(cut("---\na\n---\nb\n"), ["---\na\n", "---\nb\n"]);
        assert_eq!(cut("a\n---b\n ---\n----\n"), ["a\n---b\n ---\n----\n"]);
        assert_eq!(cut("a\r\n---\r\nb\n---"), ["a\r\n", "---\r\nb\n", "---"]);
        assert_eq!(cut(""), [""]);
    }
}
