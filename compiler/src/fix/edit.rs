use crate::diagnostic::Fix;

/// Bytes of a text, and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The first byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What stands there instead.
    pub text: String,
}

/// The edit of a text that carries out a fix. One that replaces a value by nothing removes
/// the whole entry, with its key, its comma or its line. `None` if it is about another text,
/// or about a block scalar, whose header stands apart.
pub fn edit(text: &str, fix: &Fix) -> Option<Edit> {
    let (start, end) = (fix.span.start as usize, fix.span.end as usize);
    let old = text.get(start..end)?;
    let says_nothing = old.is_empty() && fix.replacement.is_empty();
    if says_nothing || is_below_block_header(text, start) {
        return None;
    }
    if !fix.replacement.is_empty() || old == "\u{feff}" {
        return Some(Edit {
            start,
            end,
            text: fix.replacement.clone(),
        });
    }
    let start = with_key(text, start)?;
    let (start, end) = with_separator(text, start, end)?;
    Some(Edit {
        start,
        end,
        text: String::new(),
    })
}

/// Whether the last line before a byte's own ends in `|` or `>`, perhaps with indicators and
/// a comment.
fn is_below_block_header(text: &str, start: usize) -> bool {
    let before = text[..start].trim_end();
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    let last = line.rsplit([' ', '\t']).next().unwrap_or_default();
    let indicators = last.strip_prefix(['|', '>']);
    text[before.len()..start].contains('\n')
        && indicators.is_some_and(|it| it.chars().all(|c| "+-123456789".contains(c)))
}

/// Where the key of a value starts, if the value stands behind one. `None` where a comment
/// stands between: whose it is only its author knows.
fn with_key(text: &str, start: usize) -> Option<usize> {
    let before = text[..start].trim_end();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    if text[before.len()..start].contains('\n') && before[line..].contains('#') {
        return None;
    }
    let Some(key) = before.strip_suffix(':') else {
        return Some(start);
    };
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '{' | '[');
    Some(key.rfind(ends).map_or(0, |at| at + 1))
}

/// An entry with what parts it from the others: a comma in brackets, else its lines.
fn with_separator(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let (before, after) = (text.get(..start)?, text.get(end..)?);
    let next = after.trim_start_matches([' ', '\t']);
    if let Some(rest) = next.strip_prefix(',') {
        let rest = rest.trim_start_matches([' ', '\t']);
        return Some((start, text.len() - rest.len()));
    }
    let kept = before.trim_end();
    if let Some(others) = kept.strip_suffix(',') {
        return Some((others.len(), end));
    }
    if kept.ends_with(['[', '{']) {
        return Some((start, end));
    }
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line_end = after.find('\n').map_or(text.len(), |at| end + at + 1);
    let stands_alone = before[line_start..]
        .trim_start_matches([' ', '-'])
        .is_empty();
    let behind = after[..line_end - end].trim();
    if stands_alone && (behind.is_empty() || behind.starts_with('#')) {
        Some((line_start, line_end))
    } else {
        Some((start, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{FileId, Span};

    /// The text with what stands between `<` and the last `>` replaced.
    fn marked(marked: &str, replacement: &str) -> Option<String> {
        let (before, rest) = marked.split_once('<').unwrap();
        let (old, after) = rest.rsplit_once('>').unwrap();
        let mut text = [before, old, after].concat();
        let byte = |at: usize| u32::try_from(at).unwrap();
        let span = Span {
            file: FileId(0),
            start: byte(before.len()),
            end: byte(before.len() + old.len()),
        };
        let fix = Fix {
            span,
            replacement: replacement.to_owned(),
            is_guess: false,
        };
        let edit = edit(&text, &fix)?;
        text.replace_range(edit.start..edit.end, &edit.text);
        Some(text)
    }

    /// The text with what is marked removed.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(marked(text, "").as_deref(), Some(expected));
    }

    #[test]
    fn an_entry_goes_with_its_comma() {
        check("a: [b, <b>, c]\n", "a: [b, c]\n");
        check("a: [b, <b>]\n", "a: [b]\n");
        check("a: [<b>]\n", "a: []\n");
    }

    #[test]
    fn a_value_goes_with_its_key() {
        check("{name: a, namespace: <b>}\n", "{name: a}\n");
        check("{namespace: <b>, name: a}\n", "{name: a}\n");
        check(
            "metadata:\n  name: a\n  namespace: <b> # x\nspec:\n",
            "metadata:\n  name: a\nspec:\n",
        );
    }

    #[test]
    fn a_value_goes_with_a_key_on_the_line_above() {
        check("{name: a, namespace:\n<b>}\n", "{name: a}\n");
        check(
            "metadata:\n  name: a\n  namespace:\n    <b>\nspec:\n",
            "metadata:\n  name: a\nspec:\n",
        );
        check("a:\n  <- b>\nc: d\n", "c: d\n");
    }

    #[test]
    fn what_a_comment_parts_from_its_key_stays() {
        let text = "metadata:\n  namespace: # not this one:\n    <b>\n";
        assert_eq!(marked(text, ""), None);
    }

    #[test]
    fn a_block_scalar_stays() {
        for header in ["|", ">-", "|2", "- >", "|  # a comment"] {
            for replacement in ["", "[b]"] {
                let text = format!("hosts: {header}\n\n  <b>\nports: c\n");
                assert_eq!(marked(&text, replacement), None, "{text}");
            }
        }
        assert!(marked("path: /a|\n  <b>\n", "c").is_some());
    }

    #[test]
    fn an_entry_on_lines_of_its_own_goes_with_them() {
        check("a:\n  - b\n  - <b>\nc:\n", "a:\n  - b\nc:\n");
        check("a:\n  - b\n  - <b>", "a:\n  - b\n");
    }

    #[test]
    fn a_byte_order_mark_goes_alone() {
        check("<\u{feff}>a: b\n", "a: b\n");
    }
}
