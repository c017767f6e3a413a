use mesh_ir::{NamedValue, RequestMatch, ValueMatch};

use super::path::Path;
use super::{MAX_STEPS, value};

/// The most pieces into which a set is cut to be compared piece by piece.
const MAX_PIECES: usize = 256;

/// The requests of one `match` entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct RequestSet {
    /// Sorted; `None` is every method. `HEAD` is left out beside `GET`, which includes it.
    methods: Option<Vec<String>>,
    /// `None` is every path.
    paths: Option<Vec<Path>>,
    /// All of these.
    conditions: Vec<Condition>,
    /// None of these.
    not: Vec<Self>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Condition {
    part: Part,
    name: String,
    value: ValueMatch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Header,
    Query,
    Cookie,
}

impl RequestSet {
    /// What an entry matches.
    pub(crate) fn of(entry: &RequestMatch) -> Self {
        let mut methods = entry.methods.clone();
        methods.sort();
        methods.dedup();
        if methods.iter().any(|method| method == "GET") {
            methods.retain(|method| method != "HEAD");
        }
        let conditions = |part, named: &[NamedValue]| -> Vec<Condition> {
            named
                .iter()
                .map(|NamedValue { name, value }| Condition {
                    part,
                    name: name.clone(),
                    value: value.clone(),
                })
                .collect()
        };
        Self {
            methods: (!methods.is_empty()).then_some(methods),
            paths: (!entry.paths.is_empty()).then(|| entry.paths.iter().map(Path::of).collect()),
            conditions: [
                conditions(Part::Header, &entry.headers),
                conditions(Part::Query, &entry.query),
                conditions(Part::Cookie, &entry.cookies),
            ]
            .concat(),
            not: entry.not.iter().map(Self::of).collect(),
        }
    }

    /// Whether every request of `other` is provably one of these.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.contains_within(other, MAX_STEPS)
    }

    fn contains_within(&self, other: &Self, steps: u32) -> bool {
        let methods = match (&self.methods, &other.methods) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(mine), Some(theirs)) => theirs.iter().all(|method| includes(mine, method)),
        };
        let paths = match (&self.paths, &other.paths) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(mine), Some(theirs)) => theirs
                .iter()
                .all(|path| mine.iter().any(|wide| wide.contains(path))),
        };
        methods
            && paths
            && self.conditions.iter().all(|wide| other.implies(wide))
            && self.not.iter().all(|hole| {
                steps > 0
                    && (hole.is_disjoint_within(other, steps - 1)
                        || other
                            .not
                            .iter()
                            .any(|cut| cut.contains_within(hole, steps - 1)))
            })
    }

    /// Whether provably no request is in both.
    pub(crate) fn is_disjoint(&self, other: &Self) -> bool {
        self.is_disjoint_within(other, MAX_STEPS)
    }

    fn is_disjoint_within(&self, other: &Self, steps: u32) -> bool {
        let methods = match (&self.methods, &other.methods) {
            (Some(mine), Some(theirs)) => {
                !theirs.iter().any(|method| includes(mine, method))
                    && !mine.iter().any(|method| includes(theirs, method))
            }
            _ => false,
        };
        let paths = || match (&self.paths, &other.paths) {
            (Some(mine), Some(theirs)) => {
                mine.iter().all(|a| theirs.iter().all(|b| a.is_disjoint(b)))
            }
            _ => false,
        };
        let conditions = || {
            self.conditions
                .iter()
                .any(|a| other.conditions.iter().any(|b| a.excludes(b)))
        };
        methods
            || paths()
            || conditions()
            || (steps > 0 && {
                let covers = |hole: &Self, set| hole.contains_within(set, steps - 1);
                self.not.iter().any(|hole| covers(hole, other))
                    || other.not.iter().any(|hole| covers(hole, self))
            })
    }

    /// The same set in pieces of one method and one path each, where they are few.
    pub(crate) fn pieces(&self) -> Vec<Self> {
        let methods = self.methods.as_ref().map_or(1, Vec::len);
        let paths = self.paths.as_ref().map_or(1, Vec::len);
        if methods * paths > MAX_PIECES {
            return vec![self.clone()];
        }
        let each = |method: Option<&String>, path: Option<&Path>| Self {
            methods: method.map(|method| vec![method.clone()]),
            paths: path.map(|path| vec![path.clone()]),
            conditions: self.conditions.clone(),
            not: self.not.clone(),
        };
        let options = |paths: &Option<Vec<Path>>| -> Vec<Option<Path>> {
            paths.as_ref().map_or_else(
                || vec![None],
                |paths| paths.iter().cloned().map(Some).collect(),
            )
        };
        match &self.methods {
            None => options(&self.paths)
                .iter()
                .map(|path| each(None, path.as_ref()))
                .collect(),
            Some(methods) => methods
                .iter()
                .flat_map(|method| {
                    options(&self.paths)
                        .into_iter()
                        .map(move |path| (method, path))
                })
                .map(|(method, path)| each(Some(method), path.as_ref()))
                .collect(),
        }
    }

    fn implies(&self, wide: &Condition) -> bool {
        self.conditions.iter().any(|narrow| {
            narrow.part == wide.part
                && narrow.name == wide.name
                && value::implies(&narrow.value, &wide.value)
        })
    }
}

impl Condition {
    /// A header that a rule reads arrives once or is refused. A query parameter
    /// or cookie may come several times, so only its absence excludes a value.
    fn excludes(&self, other: &Self) -> bool {
        self.part == other.part
            && self.name == other.name
            && match self.part {
                Part::Header => value::excludes(&self.value, &other.value),
                Part::Query | Part::Cookie => {
                    (self.value == ValueMatch::Absent) != (other.value == ValueMatch::Absent)
                }
            }
    }
}

/// Whether a list of methods takes a method; `GET` includes `HEAD`.
fn includes(methods: &[String], method: &str) -> bool {
    methods
        .iter()
        .any(|one| one == method || (one == "GET" && method == "HEAD"))
}

#[cfg(test)]
mod tests {
    use mesh_ir::PathPattern;

    use super::*;

    fn entry(methods: &[&str], paths: &[&str]) -> RequestMatch {
        RequestMatch {
            methods: methods.iter().map(ToString::to_string).collect(),
            paths: paths
                .iter()
                .map(|path| PathPattern::parse(path).unwrap())
                .collect(),
            ..RequestMatch::default()
        }
    }

    fn set(methods: &[&str], paths: &[&str]) -> RequestSet {
        RequestSet::of(&entry(methods, paths))
    }

    fn header(name: &str, value: ValueMatch) -> RequestSet {
        RequestSet::of(&RequestMatch {
            headers: vec![NamedValue {
                name: name.into(),
                value,
            }],
            ..RequestMatch::default()
        })
    }

    #[test]
    fn get_includes_head() {
        assert!(set(&["GET"], &[]).contains(&set(&["HEAD"], &[])));
        assert!(!set(&["HEAD"], &[]).contains(&set(&["GET"], &[])));
        assert!(!set(&["GET"], &[]).is_disjoint(&set(&["HEAD"], &[])));
        assert!(set(&["GET"], &[]).is_disjoint(&set(&["POST"], &[])));
    }

    #[test]
    fn every_field_narrows() {
        let (wide, narrow) = (set(&["GET"], &["/a/**"]), set(&["GET"], &["/a/b"]));
        assert!(wide.contains(&narrow) && !narrow.contains(&wide));
        assert!(RequestSet::default().contains(&wide));
        let jason = header("end-user", ValueMatch::Exact("jason".into()));
        assert!(header("end-user", ValueMatch::Present).contains(&jason));
        assert!(!jason.contains(&wide) && !wide.contains(&jason) && !wide.is_disjoint(&jason));
    }

    #[test]
    fn what_not_takes_away_is_not_contained() {
        let mut without = entry(&[], &["/api/**"]);
        without.not = vec![entry(&[], &["/api/internal/**"])];
        let without = RequestSet::of(&without);
        assert!(!without.contains(&set(&[], &["/api/**"])));
        assert!(without.contains(&set(&[], &["/api/open"])));
        assert!(without.is_disjoint(&set(&[], &["/api/internal/x"])));
        assert!(set(&[], &["/api/**"]).contains(&without));
    }

    #[test]
    fn what_is_nested_too_deep_is_not_known_and_ends() {
        let nested = |depth| {
            (0..depth).fold(entry(&[], &["/a/**"]), |inner, _| RequestMatch {
                not: vec![inner.clone(), inner],
                ..entry(&[], &["/a/**"])
            })
        };
        let (one, other) = (RequestSet::of(&nested(12)), RequestSet::of(&nested(13)));
        assert!(!one.contains(&other) && !other.contains(&one));
        assert!(!one.is_disjoint(&other));
    }

    #[test]
    fn pieces_have_one_method_and_one_path() {
        assert_eq!(set(&["GET", "PUT"], &["/a", "/b"]).pieces().len(), 4);
        assert_eq!(RequestSet::default().pieces(), [RequestSet::default()]);
    }
}
