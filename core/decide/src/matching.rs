use mesh_ir::RequestMatch;

use crate::automaton::InvalidRegex;
use crate::mode::Mode;
use crate::observe::Why;
use crate::pattern::Pattern;
use crate::readings::Reading;
use crate::request::{Headers, NoHeaders};
use crate::values::{ValueTest, cookie_values, header_values, query_values};

/// What the conditions of a `match` are tested on.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// The method token.
    pub(crate) method: &'a [u8],
    /// The plain reading first; empty for a connection.
    pub(crate) readings: &'a [Reading<'a>],
    /// As received.
    pub(crate) query: Option<&'a [u8]>,
    /// Every field.
    pub(crate) headers: &'a dyn Headers,
}

impl Subject<'_> {
    /// A connection: no rule about one reads any of this.
    pub(crate) const CONNECTION: Self = Self {
        method: b"",
        readings: &[],
        query: None,
        headers: &NoHeaders,
    };
}

/// A `match`: any of its entries; none at all is every request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Requests(Vec<Entry>);

#[derive(Debug, Clone)]
struct Entry {
    methods: Vec<Box<[u8]>>,
    paths: Vec<Pattern>,
    headers: Vec<ValueTest>,
    query: Vec<ValueTest>,
    cookies: Vec<ValueTest>,
    not: Vec<Self>,
}

impl Requests {
    pub(crate) fn new(entries: &[RequestMatch]) -> Result<Self, InvalidRegex> {
        entries
            .iter()
            .map(Entry::new)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether an entry matches; if none does, what the one that came furthest failed on.
    pub(crate) fn check(&self, subject: &Subject<'_>, mode: Mode) -> Result<(), Why> {
        let mut furthest = None;
        for entry in &self.0 {
            match entry.check(subject, mode) {
                Ok(()) => return Ok(()),
                Err(why) => furthest = furthest.max(Some(why)),
            }
        }
        furthest.map_or(Ok(()), Err)
    }

    /// The path pattern of the entry that matches in the plain way, where it has one.
    pub(crate) fn matched_path(&self, subject: &Subject<'_>) -> Option<&Pattern> {
        let entry = self
            .0
            .iter()
            .find(|entry| entry.check(subject, Mode::Plain).is_ok())?;
        let reading = subject.readings.first()?;
        entry
            .paths
            .iter()
            .find(|pattern| pattern.matches(reading, Mode::Plain))
    }

    /// How many captures every match gives; none where a match may be without a path.
    pub(crate) fn captures(&self) -> usize {
        self.0
            .iter()
            .map(|entry| entry.paths.iter().map(Pattern::captures).min().unwrap_or(0))
            .min()
            .unwrap_or(0)
    }

    /// The names of the headers that are read, cookies apart.
    pub(crate) fn header_names(&self, add: &mut dyn FnMut(&str)) {
        self.0.iter().for_each(|entry| entry.header_names(add));
    }
}

impl Entry {
    fn new(entry: &RequestMatch) -> Result<Self, InvalidRegex> {
        let tests = |conditions: &[mesh_ir::NamedValue]| {
            conditions
                .iter()
                .map(ValueTest::new)
                .collect::<Result<_, _>>()
        };
        Ok(Self {
            methods: entry
                .methods
                .iter()
                .map(|it| it.as_bytes().into())
                .collect(),
            paths: entry
                .paths
                .iter()
                .map(Pattern::new)
                .collect::<Result<_, _>>()?,
            headers: tests(&entry.headers)?,
            query: tests(&entry.query)?,
            cookies: tests(&entry.cookies)?,
            not: entry.not.iter().map(Self::new).collect::<Result<_, _>>()?,
        })
    }

    fn check(&self, subject: &Subject<'_>, mode: Mode) -> Result<(), Why> {
        let need = |holds: bool, why: Why| if holds { Ok(()) } else { Err(why) };
        need(self.takes_method(subject.method), Why::Method)?;
        need(self.takes_path(subject.readings, mode), Why::Path)?;
        let headers = subject.headers;
        let header =
            |test: &ValueTest| test.holds(&|f| header_values(headers, &test.name, f), mode);
        need(self.headers.iter().all(header), Why::Header)?;
        let query =
            |test: &ValueTest| test.holds(&|f| query_values(subject.query, &test.name, f), mode);
        need(self.query.iter().all(query), Why::Query)?;
        let cookie =
            |test: &ValueTest| test.holds(&|f| cookie_values(headers, &test.name, f), mode);
        need(self.cookies.iter().all(cookie), Why::Cookie)?;
        let excluded = |not: &Self| not.check(subject, mode.inside_not()).is_ok();
        need(!self.not.iter().any(excluded), Why::Not)
    }

    fn takes_method(&self, method: &[u8]) -> bool {
        self.methods.is_empty()
            || self
                .methods
                .iter()
                .any(|it| **it == *method || (**it == *b"GET" && method == b"HEAD"))
    }

    fn takes_path(&self, readings: &[Reading<'_>], mode: Mode) -> bool {
        let one = |reading: &Reading<'_>| self.paths.iter().any(|it| it.matches(reading, mode));
        self.paths.is_empty()
            || match mode {
                Mode::Plain => readings.first().is_some_and(one),
                Mode::Strict => !readings.is_empty() && readings.iter().all(one),
                Mode::Lenient => readings.iter().any(one),
            }
    }

    fn header_names(&self, add: &mut dyn FnMut(&str)) {
        self.headers.iter().for_each(|test| add(&test.name));
        self.not.iter().for_each(|not| not.header_names(add));
    }
}

#[cfg(test)]
mod tests {
    use mesh_ir::{NamedValue, PathPattern, ValueMatch};
    use proptest::prelude::*;

    use super::*;
    use crate::path::Target;
    use crate::readings::Readings;

    fn paths(paths: &[&str]) -> RequestMatch {
        RequestMatch {
            paths: paths
                .iter()
                .map(|path| PathPattern::parse(path).unwrap())
                .collect(),
            ..RequestMatch::default()
        }
    }

    fn but_not(entry: RequestMatch, not: RequestMatch) -> RequestMatch {
        RequestMatch {
            not: vec![not],
            ..entry
        }
    }

    fn check(entry: &RequestMatch, method: &str, target: &str, mode: Mode) -> Result<(), Why> {
        let headers: Vec<(String, Vec<u8>)> = vec![];
        let target = Target::parse(method.as_bytes(), target.as_bytes()).unwrap();
        let readings = Readings::all(&target);
        let subject = Subject {
            method: method.as_bytes(),
            readings: readings.as_slice(),
            query: target.query,
            headers: &headers,
        };
        Requests::new(std::slice::from_ref(entry))
            .unwrap()
            .check(&subject, mode)
    }

    #[test]
    fn get_includes_head_and_methods_have_case() {
        let get = RequestMatch {
            methods: vec!["GET".into()],
            ..RequestMatch::default()
        };
        assert_eq!(check(&get, "HEAD", "/", Mode::Strict), Ok(()));
        assert_eq!(check(&get, "get", "/", Mode::Strict), Err(Why::Method));
        let head = RequestMatch {
            methods: vec!["HEAD".into()],
            ..RequestMatch::default()
        };
        assert_eq!(check(&head, "GET", "/", Mode::Strict), Err(Why::Method));
    }

    #[test]
    fn to_open_every_reading_must_match() {
        let open = paths(&["/a/*"]);
        assert_eq!(check(&open, "GET", "/a/b", Mode::Strict), Ok(()));
        assert_eq!(check(&open, "GET", "/a/b;x", Mode::Strict), Ok(()));
        for target in ["/a//b", "/a/;x", "/a;x/b", "//a/b", "/a/b%2fc"] {
            let strict = check(&open, "GET", target, Mode::Strict);
            assert_eq!(strict, Err(Why::Path), "{target}");
        }
    }

    #[test]
    fn to_close_one_reading_is_enough() {
        let closed = paths(&["/admin/*"]);
        for target in [
            "/admin/x",
            "/admin;y/x",
            "//admin/x",
            "/admin//x",
            "/ADMIN/x/",
            "/%61dmin/x",
            "/admin%2fx",
            "/admin;y//x;z",
        ] {
            assert_eq!(
                check(&closed, "GET", target, Mode::Lenient),
                Ok(()),
                "{target}"
            );
        }
        assert_eq!(
            check(&closed, "GET", "/admins/x", Mode::Lenient),
            Err(Why::Path)
        );
    }

    #[test]
    fn a_not_inside_what_opens_closes_leniently() {
        let open = but_not(paths(&["/api/**"]), paths(&["/api/internal/**"]));
        assert_eq!(check(&open, "GET", "/api/x", Mode::Strict), Ok(()));
        for target in [
            "/api/internal",
            "/api/INTERNAL/x",
            "/api/internal;x/y",
            "/api//internal",
        ] {
            assert_eq!(
                check(&open, "GET", target, Mode::Strict),
                Err(Why::Not),
                "{target}"
            );
        }
    }

    #[test]
    fn a_not_inside_what_closes_opens_exactly() {
        let closed = but_not(paths(&["/api/**"]), paths(&["/api/public/**"]));
        assert_eq!(
            check(&closed, "GET", "/api/public/x", Mode::Lenient),
            Err(Why::Not)
        );
        for target in [
            "/api/PUBLIC/x",
            "/api;x/public",
            "/api//public",
            "/API/public",
        ] {
            assert_eq!(
                check(&closed, "GET", target, Mode::Lenient),
                Ok(()),
                "{target}"
            );
        }
    }

    #[test]
    fn routes_and_limits_know_one_reading_only() {
        let plain = but_not(paths(&["/a/**"]), paths(&["/a/x"]));
        assert_eq!(check(&plain, "GET", "/a;y//b", Mode::Plain), Ok(()));
        assert_eq!(check(&plain, "GET", "/a//x;y", Mode::Plain), Err(Why::Not));
        assert_eq!(check(&plain, "GET", "/a/X", Mode::Plain), Ok(()));
    }

    #[test]
    fn the_reason_is_of_the_entry_that_came_furthest() {
        let entries = [
            RequestMatch {
                methods: vec!["PUT".into()],
                ..paths(&["/a"])
            },
            RequestMatch {
                query: vec![NamedValue {
                    name: "q".into(),
                    value: ValueMatch::Present,
                }],
                ..paths(&["/a"])
            },
        ];
        let headers: Vec<(String, Vec<u8>)> = vec![];
        let target = Target::parse(b"GET", b"/a").unwrap();
        let readings = Readings::all(&target);
        let subject = Subject {
            method: b"GET",
            readings: readings.as_slice(),
            query: None,
            headers: &headers,
        };
        let requests = Requests::new(&entries).unwrap();
        assert_eq!(requests.check(&subject, Mode::Plain), Err(Why::Query));
    }

    /// A server in the manner of Tomcat: parameters off, slashes merged, decoded once.
    fn as_a_lenient_server_reads(path: &str) -> String {
        let cut: Vec<_> = path
            .split('/')
            .map(|segment| segment.split(';').next().unwrap_or_default())
            .collect();
        let mut merged = cut.join("/");
        while merged.contains("//") {
            merged = merged.replace("//", "/");
        }
        let bytes = crate::escape::decoded(merged.as_bytes()).collect::<Vec<_>>();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn an_allow_never_lets_through_what_a_lenient_server_reads_as_another_path(
            path in "(/|//|;|a|b|admin|%61|%2f|%2e|\\.|%3b|x){1,8}",
            pattern in prop::sample::select(vec!["/a", "/a/*", "/a/**", "/*/b", "/a/", "/a/b", "/*"]),
        ) {
            let path = format!("/{path}");
            let Ok(target) = Target::parse(b"GET", path.as_bytes()) else { return Ok(()) };
            let readings = Readings::all(&target);
            let headers: Vec<(String, Vec<u8>)> = vec![];
            let subject = Subject {
                method: b"GET", readings: readings.as_slice(), query: None, headers: &headers,
            };
            let allow = Requests::new(&[paths(&[pattern])]).unwrap();
            if allow.check(&subject, Mode::Strict).is_ok() {
                let read = as_a_lenient_server_reads(&path);
                let seen = Pattern::new(&PathPattern::parse(pattern).unwrap()).unwrap();
                prop_assert!(
                    seen.matches(&std::borrow::Cow::Borrowed(read.as_bytes()), Mode::Strict),
                    "{} is read as {} but {} allows it", path, read, pattern
                );
            }
        }

        #[test]
        fn what_opens_is_inside_what_closes(
            path in "(/|//|;|a|B|%61|%2f|%3b|x){1,8}",
            pattern in prop::sample::select(vec!["/a", "/a/*", "/a/**", "/*/B", "/a/"]),
        ) {
            let path = format!("/{path}");
            if Target::parse(b"GET", path.as_bytes()).is_err() { return Ok(()) }
            let entry = paths(&[pattern]);
            if check(&entry, "GET", &path, Mode::Strict).is_ok() {
                prop_assert!(check(&entry, "GET", &path, Mode::Plain).is_ok());
                prop_assert!(check(&entry, "GET", &path, Mode::Lenient).is_ok());
            }
        }
    }
}
