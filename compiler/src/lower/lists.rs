//! Lists that take no more memory than they need: a mesh is mostly short lists, and
//! `collect` leaves room for four items where it may stop early or skip.

use crate::syntax::ast::Spanned;

/// Each item lowered; `None` where one cannot be.
pub(super) fn every<T, U>(items: &[T], lower: impl Fn(&T) -> Option<U>) -> Option<Vec<U>> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        all.push(lower(item)?);
    }
    Some(all)
}

/// The places of the items that can be lowered, and what each means.
pub(super) fn those<T, U>(items: &[T], lower: impl Fn(&T) -> Option<U>) -> (Vec<usize>, Vec<U>) {
    let mut from = Vec::with_capacity(items.len());
    let mut lowered = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        if let Some(it) = lower(item) {
            from.push(place);
            lowered.push(it);
        }
    }
    (from, lowered)
}

/// Each lowered item beside the one that it was written as.
pub(super) fn beside<'l, T, U>(
    written: &'l [T],
    places: &'l [usize],
    lowered: &'l [U],
) -> impl Iterator<Item = (&'l T, &'l U)> {
    places.iter().map(|place| &written[*place]).zip(lowered)
}

/// The values of a written list, sorted, each once.
pub(super) fn sorted<T: Clone + Ord>(written: &[Spanned<T>]) -> Vec<T> {
    let mut values: Vec<T> = written.iter().map(|it| it.value.clone()).collect();
    values.sort();
    values.dedup();
    values
}
