use mesh_ir::{CallerMatch, RequestMatch};

/// The most rules about one service or scope, of each of routes, access and limits.
pub(crate) const MAX_RULES: usize = 1000;

/// The most callers, methods, paths and conditions in all rules about one service
/// or scope. Rules are compared in pairs, part by part, so this bounds the work.
pub(crate) const MAX_PARTS: usize = 4000;

/// How large some rules are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Size {
    /// How many.
    pub(crate) rules: usize,
    /// Of how many parts.
    pub(crate) parts: usize,
}

impl Size {
    /// Counts one more rule.
    pub(crate) fn add(&mut self, from: &[CallerMatch], matches: &[RequestMatch]) {
        self.rules += 1;
        self.parts += callers(from) + requests(matches);
    }

    /// Whether so many rules are not compared with each other.
    pub(crate) fn is_too_large(self) -> bool {
        self.rules > MAX_RULES || self.parts > MAX_PARTS
    }
}

fn callers(from: &[CallerMatch]) -> usize {
    let claims = |it: &CallerMatch| it.token.as_ref().map_or(0, |token| token.claims.len());
    let all = from.iter();
    all.map(|it| 1 + claims(it) + callers(&it.not)).sum()
}

fn requests(matches: &[RequestMatch]) -> usize {
    let one = |it: &RequestMatch| {
        let conditions = it.headers.len() + it.query.len() + it.cookies.len();
        it.methods.len() + it.paths.len() + conditions + requests(&it.not)
    };
    matches.iter().map(|it| 1 + one(it)).sum()
}

#[cfg(test)]
mod tests {
    use mesh_ir::{Name, NamedValue, ObjectRef, TokenMatch, ValueMatch, Who};

    use super::*;

    #[test]
    fn what_not_holds_counts_too() {
        let inner = RequestMatch {
            methods: vec!["GET".into()],
            ..RequestMatch::default()
        };
        let outer = RequestMatch {
            not: vec![inner.clone(), inner],
            ..RequestMatch::default()
        };
        let mut size = Size::default();
        size.add(&[], &[outer]);
        assert_eq!(size, Size { rules: 1, parts: 5 });
    }

    #[test]
    fn every_claim_of_a_token_is_a_part() {
        let claim = |name: &str| NamedValue {
            name: name.to_owned(),
            value: ValueMatch::Present,
        };
        let issuer = Name::parse("corp").expect("a name");
        let caller = CallerMatch {
            token: Some(TokenMatch {
                issuer: ObjectRef {
                    namespace: issuer.clone(),
                    name: issuer,
                },
                claims: vec![claim("groups"), claim("sub")],
            }),
            ..CallerMatch::from(Who::Anyone)
        };
        let mut size = Size::default();
        size.add(&[caller], &[]);
        assert_eq!(size, Size { rules: 1, parts: 3 });
    }
}
