/// Longer words are nobody's typing error, and not worth the square of their length.
const MAX_LENGTH: usize = 40;

/// The candidate that a mistyped word most likely means, if any is near.
pub(crate) fn closest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    if word.len() > MAX_LENGTH {
        return None;
    }
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein, where a change of case costs nothing; `_` and `-` are letters.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_a_far_one_is_not() {
        let words = ["timeout", "perTryTimeout", "retries", "to"];
        let cases = [
            ("timeouts", Some("timeout")),
            ("Timeout", Some("timeout")),
            ("per_try_timeout", Some("perTryTimeout")),
            ("retry", None),
            ("retrys", Some("retries")),
            ("x", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(closest(word, words), expected, "{word}");
        }
        assert_eq!(closest(&"timeout".repeat(10_000), words), None);
    }
}
