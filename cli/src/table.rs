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
        table.add_row(row);
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

#[cfg(test)]
mod tests {
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
