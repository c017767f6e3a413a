//! Lists that take no more memory than they need: a mesh is mostly short lists, and
//! `collect` leaves room for four items where it may stop early or skip.

/// Each item lowered; `None` where one cannot be.
pub(super) fn every<T, U>(items: &[T], lower: impl Fn(&T) -> Option<U>) -> Option<Vec<U>> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        all.push(lower(item)?);
    }
    Some(all)
}

/// The items that can be lowered, and what each means.
pub(super) fn those<T, U>(items: &[T], lower: impl Fn(&T) -> Option<U>) -> (Vec<&T>, Vec<U>) {
    let mut from = Vec::with_capacity(items.len());
    let mut lowered = Vec::with_capacity(items.len());
    for item in items {
        if let Some(it) = lower(item) {
            from.push(item);
            lowered.push(it);
        }
    }
    (from, lowered)
}
