use mesh_ir::Epoch;

/// `max(last + 1, Unix milliseconds)`: rises even where the clock goes back, and
/// stays above the epochs of a state directory that was lost.
pub(crate) fn next_epoch(last: Option<Epoch>, unix_millis: u64) -> Epoch {
    Epoch(last.map_or(0, |epoch| epoch.0 + 1).max(unix_millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_rises_whatever_the_clock_does() {
        assert_eq!(next_epoch(None, 5), Epoch(5));
        assert_eq!(next_epoch(Some(Epoch(5)), 9), Epoch(9));
        assert_eq!(next_epoch(Some(Epoch(9)), 9), Epoch(10));
        assert_eq!(next_epoch(Some(Epoch(9)), 3), Epoch(10));
    }
}
