use super::atoms::{Atoms, Texts};
use super::text::values::TextTest;

pub(super) const PATH: usize = 0;
pub(super) const METHOD: usize = 1;
pub(super) const IDENTITY: usize = 2;
pub(super) const HOST: usize = 3;
pub(super) const ADDRESS: usize = 4;
const FIRST_HEADER: usize = 5;

/// Which variable of the diagrams stands for what.
///
/// Paths first, since they tell most rules apart. A header has one variable: its
/// value, or 0 where it is not there. Under one name of the query, and of cookies,
/// several values may arrive: each class of values has a variable of its own, which
/// says whether a value of the class is among them.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) domains: Vec<usize>,
    headers: usize,
    /// Where the variables of each name begin, and how many it has.
    pub(super) query: Vec<(usize, usize)>,
    pub(super) cookies: Vec<(usize, usize)>,
    /// Of each issuer: whether a valid token is there, and its claims likewise.
    pub(super) tokens: Vec<(usize, Vec<(usize, usize)>)>,
}

impl Layout {
    pub(super) fn of(atoms: &Atoms<'_>) -> Self {
        let mut domains = vec![
            atoms.paths.texts.len(),
            atoms.methods.len(),
            atoms.identities.len(),
            atoms.hosts.texts.len(),
            atoms.addresses.len(),
        ];
        domains.extend(atoms.headers.iter().map(|(_, it)| it.texts.len() + 1));
        let query = several(&mut domains, &atoms.query);
        let cookies = several(&mut domains, &atoms.cookies);
        let tokens = atoms.tokens.iter().map(|(_, claims)| {
            let valid = domains.len();
            domains.push(2);
            (valid, several(&mut domains, claims))
        });
        let tokens = tokens.collect();
        Self {
            domains,
            headers: atoms.headers.len(),
            query,
            cookies,
            tokens,
        }
    }

    /// The variable of the header at a place in the list.
    pub(super) fn header(index: usize) -> usize {
        FIRST_HEADER + index
    }

    /// The variables of headers.
    pub(super) fn headers(&self) -> std::ops::Range<usize> {
        FIRST_HEADER..FIRST_HEADER + self.headers
    }
}

/// Variables for the classes of values under each name.
fn several(
    domains: &mut Vec<usize>,
    named: &[(String, Texts<TextTest<'_>>)],
) -> Vec<(usize, usize)> {
    let each = named.iter().map(|(_, it)| {
        let start = domains.len();
        domains.resize(start + it.texts.len(), 2);
        (start, it.texts.len())
    });
    each.collect()
}
