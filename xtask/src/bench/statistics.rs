//! Medians and spreads.

/// The value below which `share` of the sorted values lie.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    if values.is_empty() {
        return f64::NAN;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index into a short list"
    )]
    let at = ((values.len() - 1) as f64 * share).round() as usize;
    values[at]
}

/// `median (lowest to highest)` in one format.
pub(crate) fn spread(values: &[f64], digits: usize) -> String {
    let mut sorted = values.to_vec();
    let median = quantile(&mut sorted, 0.5);
    match (sorted.first(), sorted.last()) {
        (Some(low), Some(high)) => format!("{median:.digits$} ({low:.digits$} to {high:.digits$})"),
        _ => "nothing measured".to_owned(),
    }
}
