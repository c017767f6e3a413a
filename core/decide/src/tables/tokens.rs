use mesh_ir::TokenIssuer;

use crate::index::IssuerIndex;
use crate::rule::RuleIndex;

/// An issuer in view.
#[derive(Debug)]
pub(crate) struct IssuerTable {
    pub(crate) rule: RuleIndex,
    pub(crate) issuer: TokenIssuer,
}

/// An issuer whose tokens are looked for at a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PortIssuer {
    pub(crate) issuer: IssuerIndex,
    /// Whether something that has an effect names it; else a token that is not valid
    /// is as good as none, since a shadow never changes an outcome.
    pub(crate) enforced: bool,
}

/// Each issuer once, enforced if anything says so.
pub(super) fn merged(mut issuers: Vec<PortIssuer>) -> Vec<PortIssuer> {
    issuers.sort_unstable_by_key(|it| (it.issuer, !it.enforced));
    issuers.dedup_by_key(|it| it.issuer);
    issuers
}
