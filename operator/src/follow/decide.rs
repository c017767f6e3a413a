use crate::config::Rewrites;
use crate::fetch::Relation;

/// What becomes of the head of the tracked branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    /// It is the commit that was followed before.
    Stay,
    /// It is followed.
    Take,
    /// History was rewritten, and that is not accepted: what runs goes on.
    RefuseRewrite,
}

/// Decides by where the head stands to the commit followed before, and whether that
/// one still waits for its outcome (after a crash, say).
pub(crate) fn follow(relation: Relation, rewrites: Rewrites, unsettled: bool) -> Follow {
    match relation {
        Relation::Same if !unsettled => Follow::Stay,
        Relation::Rewritten if rewrites == Rewrites::Refuse => Follow::RefuseRewrite,
        Relation::First | Relation::Same | Relation::FastForward | Relation::Rewritten => {
            Follow::Take
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_followed_forwards_only_unless_told() {
        use Relation::{FastForward, First, Rewritten, Same};
        use Rewrites::{Accept, Refuse};
        assert_eq!(follow(First, Refuse, false), Follow::Take);
        assert_eq!(follow(FastForward, Refuse, false), Follow::Take);
        assert_eq!(follow(Same, Refuse, false), Follow::Stay);
        assert_eq!(follow(Rewritten, Refuse, false), Follow::RefuseRewrite);
        assert_eq!(follow(Rewritten, Accept, false), Follow::Take);
    }

    #[test]
    fn a_commit_without_outcome_is_looked_at_again() {
        assert_eq!(follow(Relation::Same, Rewrites::Refuse, true), Follow::Take);
        let rewritten = follow(Relation::Rewritten, Rewrites::Refuse, true);
        assert_eq!(rewritten, Follow::RefuseRewrite);
    }
}
