use mesh_ir::{PathPattern, Segment};

use crate::syntax::ast::RequestMatch;

/// A `match` that takes more than was written.
pub(super) struct Widened {
    /// In which way.
    pub(super) what: String,
    pub(super) matches: Vec<RequestMatch>,
}

/// Every way to take more, each in all alternatives at once.
pub(super) fn widened(matches: &[RequestMatch]) -> Vec<Widened> {
    let mut out = vec![];
    let mut try_on = |what: &str, widen: &dyn Fn(&mut RequestMatch)| {
        let mut changed = matches.to_vec();
        changed.iter_mut().for_each(widen);
        // An alternative without a condition is every request.
        if changed.iter().any(is_everything) {
            changed.clear();
        }
        if changed != matches {
            out.push(Widened {
                what: what.to_owned(),
                matches: changed,
            });
        }
    };
    try_on("paths widened", &|it| {
        it.paths.iter_mut().for_each(|path| widen(&mut path.value));
    });
    try_on("any method", &|it| it.methods.clear());
    try_on("any path", &|it| it.paths.clear());
    try_on("header conditions forgotten", &|it| it.headers.clear());
    try_on("query conditions forgotten", &|it| it.query.clear());
    try_on("cookie conditions forgotten", &|it| it.cookies.clear());
    try_on("`not` forgotten", &|it| it.not.clear());
    out
}

/// `/reviews/*` becomes `/reviews/**`, `/reviews/7` too.
fn widen(path: &mut PathPattern) {
    if let PathPattern::Segments {
        segments,
        below,
        slash,
    } = path
    {
        let one_less = if *below {
            segments.len() > 1 && matches!(segments.last(), Some(Segment::Literal(_)))
        } else {
            !segments.is_empty()
        };
        if one_less {
            segments.pop();
        }
        *below = true;
        *slash = false;
    }
}

fn is_everything(it: &RequestMatch) -> bool {
    it.methods.is_empty()
        && it.paths.is_empty()
        && it.grpc.is_empty()
        && it.headers.is_empty()
        && it.query.is_empty()
        && it.cookies.is_empty()
        && it.not.is_empty()
}
