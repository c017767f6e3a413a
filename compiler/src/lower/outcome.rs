use mesh_ir::{
    Action, Backend, BackendTarget, Forward, HeaderEdits, Key, Mirror, PathPattern, Percent,
    RouteRule,
};

use super::rule::unplaced_cors;

/// Whether two rules do the same: their effective fields, with weights as
/// fractions and without the places they were written at.
///
/// What a rule makes of the stars of its path is the same only beside the same paths:
/// `$1` of `/a/*` and of `/*/b` are not one thing.
pub(super) fn same(a: &RouteRule, b: &RouteRule) -> bool {
    same_action(&a.action, &b.action)
        && a.cors.as_ref().map(unplaced_cors) == b.cors.as_ref().map(unplaced_cors)
        && (!reads_path(&a.action) || paths(a).eq(paths(b)))
}

fn same_action(a: &Action, b: &Action) -> bool {
    match (a, b) {
        (Action::Respond(a), Action::Respond(b)) => a == b,
        (Action::Redirect(a), Action::Redirect(b)) => a == b,
        (Action::Forward(a), Action::Forward(b)) => same_forward(a, b),
        _ => false,
    }
}

/// Whether the outcome depends on which pattern the path matched.
fn reads_path(action: &Action) -> bool {
    let is_template = |path: &Option<String>| {
        path.as_ref()
            .is_some_and(|text| text.contains('$') || text.ends_with("/**"))
    };
    match action {
        Action::Respond(_) => false,
        Action::Redirect(redirect) => is_template(&redirect.path),
        Action::Forward(forward) => {
            forward
                .rewrite
                .as_ref()
                .is_some_and(|rewrite| is_template(&rewrite.path))
                || forward
                    .split_by
                    .iter()
                    .any(|key| matches!(key, Key::Capture(_)))
        }
    }
}

fn paths(rule: &RouteRule) -> impl Iterator<Item = &PathPattern> {
    rule.matches.iter().flat_map(|entry| &entry.paths)
}

fn same_forward(a: &Forward, b: &Forward) -> bool {
    let Forward {
        backends: _,
        split_by,
        rewrite,
        request_headers,
        response_headers,
        timeout,
        per_try_timeout,
        retries,
        fallback,
        mirror,
        fault,
    } = a;
    *split_by == b.split_by
        && *rewrite == b.rewrite
        && *request_headers == b.request_headers
        && *response_headers == b.response_headers
        && *timeout == b.timeout
        && *per_try_timeout == b.per_try_timeout
        && *retries == b.retries
        && *fault == b.fault
        && fallback
            .iter()
            .map(unplaced)
            .eq(b.fallback.iter().map(unplaced))
        && copies(mirror) == copies(&b.mirror)
        && distribution(a) == distribution(b)
}

fn unplaced(backend: &Backend) -> (&BackendTarget, &HeaderEdits, &HeaderEdits) {
    let (request, response) = (&backend.request_headers, &backend.response_headers);
    (&backend.target, request, response)
}

/// Who gets copies, in no order.
fn copies(mirrors: &[Mirror]) -> Vec<(&BackendTarget, Percent)> {
    let mut copies: Vec<_> = mirrors.iter().map(|it| (&it.target, it.percent)).collect();
    copies.sort();
    copies
}

type Share<'a> = (&'a BackendTarget, &'a HeaderEdits, &'a HeaderEdits, u64);

/// Backends that get anything, sorted, weights divided by their common divisor.
fn distribution(forward: &Forward) -> Vec<Share<'_>> {
    let mut shares: Vec<Share<'_>> = Vec::new();
    for backend in forward.backends.iter().filter(|it| it.weight > 0) {
        shares.push((
            &backend.target,
            &backend.request_headers,
            &backend.response_headers,
            u64::from(backend.weight),
        ));
    }
    let divisor = shares
        .iter()
        .fold(0, |divisor, share| common_divisor(divisor, share.3));
    for share in &mut shares {
        share.3 /= divisor.max(1);
    }
    shares.sort();
    shares
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisors_reduce_weights() {
        assert_eq!(common_divisor(90, 10), 10);
        assert_eq!(common_divisor(0, 7), 7);
    }
}
