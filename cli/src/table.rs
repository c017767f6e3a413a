//! Tables for people.

use comfy_table::{Table, presets};

/// Columns that line up, without lines between them; ends with a line break.
pub(crate) fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head);
    for row in rows {
        table.add_row(row.map(|cell| plain(&cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text: String = table
        .lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect();
    if text.is_empty() {
        text.push('\n');
    }
    text
}

/// A cell may hold what a proxy or a commit says: no control character of theirs
/// reaches a terminal, and none makes a line of its own.
fn plain(cell: &str) -> String {
    let escaped = |character: char| {
        let plain = (!character.is_control()).then_some(character);
        let escape = plain.is_none().then(|| character.escape_default());
        plain.into_iter().chain(escape.into_iter().flatten())
    };
    cell.chars().flat_map(escaped).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        let text = super::table(["a"], [["\u{1b}[2J\nb".to_owned()]]);
        assert_eq!(text, "a\n\\u{1b}[2J\\nb\n");
    }

    #[test]
    fn columns_line_up_and_lines_end_with_their_text() {
        let rows = [
            ["shop/reviews-v1".to_owned(), "live".to_owned()],
            ["x".into(), String::new()],
        ];
        assert_eq!(
            super::table(["workload", "state"], rows),
            "workload         state\nshop/reviews-v1  live\nx\n"
        );
    }
}
