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

/// Letters that are missing, too many, others, or two that changed places (optimal string
/// alignment). A change of case costs nothing; `_` and `-` are letters.
fn distance(a: &str, b: &str) -> usize {
    let letters = |it: &str| -> Vec<char> { it.to_ascii_lowercase().chars().collect() };
    let (a, b) = (letters(a), letters(b));
    let mut before: Vec<usize> = vec![];
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = row[j] + usize::from(x != y);
            let mut least = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
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
            ("tiemout", Some("timeout")),
            ("ot", Some("to")),
            ("x", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(closest(word, words), expected, "{word}");
        }
        assert_eq!(closest(&"timeout".repeat(10_000), words), None);
    }
}
